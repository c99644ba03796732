#include "kernels.h"

#include <algorithm>

#include "elementwise.h"

namespace ferret {

namespace {

// g / max(1 - lambda g d, 1/2)
void ClosedFormFisher(float* destination, const float* gradient, const float* newest,
                      const float* origin, float lambda, float step, size_t count) {
  RepairEach(destination, newest, step, count, [=](size_t i) {
    const float g = gradient[i];
    const float rest = 1.f - lambda * g * (newest[i] - origin[i]);
    return g / std::max(rest, 0.5f);
  });
}

}  // namespace

const Kernel kClosedFormFisher =
    Describe<ClosedFormFisher>("destination", "gradient", "newest", "origin", "lambda", "step");

}  // namespace ferret
