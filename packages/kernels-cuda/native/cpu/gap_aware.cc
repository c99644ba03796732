#include <cmath>

#include "../ops.h"
#include "elementwise.h"

void ferret_gap_aware(float* destination, const float* gradient, const float* newest,
                      const float* origin, float* mean_square, float decay, float scale,
                      float floor, float step, size_t count) {
  ferret::RepairEach(destination, newest, step, count, [=](size_t i) {
    const float g = gradient[i];
    const float usual = scale * std::sqrt(ferret::Average(mean_square + i, g, decay)) + floor;
    return g / (1.f + std::fabs(newest[i] - origin[i]) / usual);
  });
}
