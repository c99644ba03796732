// Iter-Fisher whole, in one pass over memory: the averages, the sums behind lambda, all repairs of
// the gradient, the step of gradient descent, the new version and its publication.
#pragma once

#include "fisher_statistics.h"

namespace ferret::device {

// `state` stays on the device, so that no update waits for the host:
//
//   [0] lambda   [1] gradients that were not finite   [2] 1 where the averages restart
//   [3] versions published
//
// One pass cannot use a lambda that depends on its own sums. The gradient is repaired with the
// lambda that the update before left, and this one's sums move it for the next: at eta_lambda =
// 1e-3 a lag that does not show. After sums that are not finite the averages count as 0 in the next
// update. destination may be any of the versions: an element is read before it is written.
struct IterativeFisherStep {
  static constexpr int kSums = 2;
  static constexpr size_t kStateLength = 4;

  float* destination;
  const float* gradient;
  VersionList versions;
  float *residual_average, *fisher_average;
  float decay, lambda_rate, lambda_penalty, learning_rate;
  double* state;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Writes("destination", destination);
    each.Reads("gradient", gradient);
    each.Versions("versions", versions, 2);
    each.Updates("residualAverage", residual_average);
    each.Updates("fisherAverage", fisher_average);
    each.Number("emaDecay", decay);
    each.Number("lambdaRate", lambda_rate);
    each.Number("lambdaPenalty", lambda_penalty);
    each.Number("learningRate", learning_rate);
    each.Doubles("state", state, kStateLength, true);
  }

  template <int kLanes>
  FERRET_HD void Apply(size_t place, double* gathered) const {
    const float lambda = static_cast<float>(state[0]);
    const Lanes<kLanes> original = Load<kLanes>(gradient + place);
    Lanes<kLanes> residual = {}, fisher = {};
    if (state[2] == 0) {
      residual = Load<kLanes>(residual_average + place);
      fisher = Load<kLanes>(fisher_average + place);
    }
    Lanes<kLanes> g = original, change, result;
    const Lanes<kLanes> newest = WalkVersions(versions, place, lambda, g, change);
    TakeIntoStatistics(original, change, decay, residual, fisher, gathered);
    for (int lane = 0; lane < kLanes; ++lane) result[lane] = newest[lane] - learning_rate * g[lane];
    Store(residual_average + place, residual);
    Store(fisher_average + place, fisher);
    Store(destination + place, result);
  }

  // Descends on |d - lambda F|^2 + nu lambda^2 over |F|^2 + nu, as the host's Iter-Fisher does.
  FERRET_HD void Conclude(const double* totals) const {
    const double residual = totals[0], fisher = totals[1];
    const bool finite = (residual + fisher) - (residual + fisher) == 0;
    if (finite) {
      const double scale = fisher + lambda_penalty;
      const double moved =
          scale > 0 ? state[0] - 2 * lambda_rate * (state[0] - residual / scale) : state[0];
      state[0] = moved > 0 ? moved : 0;
    } else {
      state[1] += 1;
    }
    state[2] = finite ? 0 : 1;
    state[3] += 1;
  }
};

}  // namespace ferret::device
