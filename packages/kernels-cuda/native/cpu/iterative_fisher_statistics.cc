#include "../ops.h"

#include <algorithm>

namespace {

// Partial sums: independent chains that the compiler keeps in one vector register each.
constexpr size_t kLanes = 16;

}  // namespace

void ferret_iterative_fisher_statistics(const float* gradient, const float* newest,
                                        const float* previous, float* residual_average,
                                        float* fisher_average, float decay, double* sums,
                                        size_t count) {
  const float rest = 1.f - decay;
  double residual[kLanes] = {};
  double fisher[kLanes] = {};
  for (size_t begin = 0; begin < count; begin += kLanes) {
    const size_t length = std::min(kLanes, count - begin);
    for (size_t lane = 0; lane < length; ++lane) {
      const size_t i = begin + lane;
      const float g = gradient[i];
      const float difference = rest * (g - residual_average[i]);
      const float average = decay * fisher_average[i] + rest * g * g * (newest[i] - previous[i]);
      fisher_average[i] = average;
      residual_average[i] = decay * residual_average[i] + rest * g;
      residual[lane] += static_cast<double>(average) * difference;
      fisher[lane] += static_cast<double>(average) * average;
    }
  }
  sums[0] = 0;
  sums[1] = 0;
  for (size_t lane = 0; lane < kLanes; ++lane) {
    sums[0] += residual[lane];
    sums[1] += fisher[lane];
  }
}
