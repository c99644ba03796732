#include <algorithm>

#include "../ops.h"
#include "elementwise.h"

void ferret_closed_form_fisher(float* destination, const float* gradient, const float* newest,
                               const float* origin, float lambda, float step, size_t count) {
  ferret::RepairEach(destination, newest, step, count, [=](size_t i) {
    const float g = gradient[i];
    const float rest = 1.f - lambda * g * (newest[i] - origin[i]);
    return g / std::max(rest, 0.5f);
  });
}
