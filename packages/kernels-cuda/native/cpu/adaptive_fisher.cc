#include <algorithm>
#include <cmath>

#include "../ops.h"
#include "elementwise.h"

void ferret_adaptive_fisher(float* destination, const float* gradient, const float* newest,
                            const float* origin, float* mean_square, float decay, float lambda,
                            float step, size_t count) {
  ferret::RepairEach(destination, newest, step, count, [=](size_t i) {
    const float g = gradient[i];
    const float root = std::sqrt(ferret::Average(mean_square + i, g, decay) + 1e-7f);
    const float factor = 1.f + lambda / root * g * (newest[i] - origin[i]);
    return g * std::min(std::max(factor, 0.f), 2.f);
  });
}
