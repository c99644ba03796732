#include <cmath>

#include "kernels.h"

namespace ferret {

namespace {

// average += rate (|gradient| - average), rounded as JavaScript does: no product is fused into a sum.
__attribute__((optimize("fp-contract=off"))) void MagnitudeAverage(float* average,
                                                                   const float* gradient,
                                                                   double rate, size_t count) {
#pragma GCC ivdep  // the arrays are the same one or do not overlap
  for (size_t i = 0; i < count; ++i) {
    const double before = average[i];
    average[i] = static_cast<float>(before + rate * (std::fabs(double{gradient[i]}) - before));
  }
}

}  // namespace

const Kernel kMagnitudeAverage = Describe<MagnitudeAverage>("average", "gradient", "rate");

}  // namespace ferret
