#include "../ops.h"
#include "elementwise.h"

void ferret_damp(float* destination, const float* gradient, const float* newest,
                 const float* origin, float damping, float scale, float step, size_t count) {
  ferret::RepairEach(destination, newest, step, count, [=](size_t i) {
    return scale * (gradient[i] + damping * (newest[i] - origin[i]));
  });
}
