#include "kernels.h"
#include "sums.h"

namespace ferret {

namespace {

// One pass over the state of Eq. 10-12 (Ferret, arXiv 2503.12053):
//
//   d = (1 - decay) (g - v_r);  v_a = decay v_a + (1 - decay) g g (newest - previous);
//   v_r = decay v_r + (1 - decay) g;  sums = [<v_a, d>, <v_a, v_a>]
void IterativeFisherStatistics(const float* gradient, const float* newest, const float* previous,
                               float* residual_average, float* fisher_average, float decay,
                               double (&sums)[2], size_t count) {
  const float rest = 1.f - decay;
  double residual[kSumLanes] = {};
  double fisher[kSumLanes] = {};
  AddTerms(count, [&](size_t i, size_t lane) {
    const float g = gradient[i];
    const float difference = rest * (g - residual_average[i]);
    const float average = decay * fisher_average[i] + rest * g * g * (newest[i] - previous[i]);
    fisher_average[i] = average;
    residual_average[i] = decay * residual_average[i] + rest * g;
    residual[lane] += static_cast<double>(average) * difference;
    fisher[lane] += static_cast<double>(average) * average;
  });
  sums[0] = Total(residual);
  sums[1] = Total(fisher);
}

}  // namespace

const Kernel kIterativeFisherStatistics = Describe<IterativeFisherStatistics>(
    "gradient", "newest", "previous", "residualAverage", "fisherAverage", "emaDecay", "sums");

}  // namespace ferret
