// The state behind lambda (Ferret, arXiv 2503.12053, Eq. 10-12), element by element.
#pragma once

#include "factor.h"

namespace ferret::device {

// d = (1 - decay) (g - v_r);  v_a = decay v_a + (1 - decay) g g change;  v_r = decay v_r +
// (1 - decay) g; adds <v_a, d> to sums[0] and <v_a, v_a> to sums[1].
template <int kLanes>
FERRET_HD inline void TakeIntoStatistics(const Lanes<kLanes>& g, const Lanes<kLanes>& change,
                                         float decay, Lanes<kLanes>& residual,
                                         Lanes<kLanes>& fisher, double* sums) {
  const float rest = 1.f - decay;
  for (int lane = 0; lane < kLanes; ++lane) {
    const float difference = rest * (g[lane] - residual[lane]);
    fisher[lane] = decay * fisher[lane] + rest * g[lane] * g[lane] * change[lane];
    residual[lane] = decay * residual[lane] + rest * g[lane];
    sums[0] += static_cast<double>(fisher[lane]) * difference;
    sums[1] += static_cast<double>(fisher[lane]) * fisher[lane];
  }
}

}  // namespace ferret::device
