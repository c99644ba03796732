#include "../ops.h"
#include "elementwise.h"

void ferret_fisher_cap(float* destination, const float* gradient, const float* newest,
                       float* mean_square, float decay, float strength, float step,
                       size_t count) {
  ferret::RepairEach(destination, newest, step, count, [=](size_t i) {
    const float g = gradient[i];
    return g / (1.f + strength * ferret::Average(mean_square + i, g, decay));
  });
}
