#include "kernels.h"

#include <algorithm>
#include <cmath>

#include "elementwise.h"

namespace ferret {

namespace {

// mean_square = decay mean_square + (1 - decay) g g, then
// g clamp(1 + lambda / sqrt(mean_square + 1e-7) g d, 0, 2)
void AdaptiveFisher(float* destination, const float* gradient, const float* newest,
                    const float* origin, float* mean_square, float decay, float lambda, float step,
                    size_t count) {
  RepairEach(destination, newest, step, count, [=](size_t i) {
    const float g = gradient[i];
    const float root = std::sqrt(Average(mean_square + i, g, decay) + 1e-7f);
    const float factor = 1.f + lambda / root * g * (newest[i] - origin[i]);
    return g * std::min(std::max(factor, 0.f), 2.f);
  });
}

}  // namespace

const Kernel kAdaptiveFisher =
    Describe<AdaptiveFisher>("destination", "gradient", "newest", "origin", "meanSquare", "decay",
                             "lambda", "step");

}  // namespace ferret
