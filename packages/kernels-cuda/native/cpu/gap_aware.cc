#include "kernels.h"

#include <cmath>

#include "elementwise.h"

namespace ferret {

namespace {

// mean_square = decay mean_square + (1 - decay) g g, then
// g / (1 + |d| / (scale sqrt(mean_square) + floor)), floor > 0
void GapAware(float* destination, const float* gradient, const float* newest, const float* origin,
              float* mean_square, float decay, float scale, float floor, float step,
              size_t count) {
  RepairEach(destination, newest, step, count, [=](size_t i) {
    const float g = gradient[i];
    const float usual = scale * std::sqrt(Average(mean_square + i, g, decay)) + floor;
    return g / (1.f + std::fabs(newest[i] - origin[i]) / usual);
  });
}

}  // namespace

const Kernel kGapAware =
    Describe<GapAware>("destination", "gradient", "newest", "origin", "meanSquare", "decay",
                       "scale", "floor", "step");

}  // namespace ferret
