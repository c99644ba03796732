#pragma once

#include "fisher_statistics.h"

namespace ferret::device {

// Both averages in place; sums = [<v_a, d>, <v_a, v_a>].
struct IterativeFisherStatistics {
  static constexpr int kSums = 2;

  const float *gradient, *newest, *previous;
  float *residual_average, *fisher_average;
  float decay;
  double* sums;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Reads("gradient", gradient);
    each.Reads("newest", newest);
    each.Reads("previous", previous);
    each.Updates("residualAverage", residual_average);
    each.Updates("fisherAverage", fisher_average);
    each.Number("emaDecay", decay);
    each.Doubles("sums", sums, 2, false);
  }

  template <int kLanes>
  FERRET_HD void Apply(size_t place, double* gathered) const {
    const Lanes<kLanes> g = Load<kLanes>(gradient + place), now = Load<kLanes>(newest + place),
                        before = Load<kLanes>(previous + place);
    Lanes<kLanes> residual = Load<kLanes>(residual_average + place),
                  fisher = Load<kLanes>(fisher_average + place), change;
    for (int lane = 0; lane < kLanes; ++lane) change[lane] = now[lane] - before[lane];
    TakeIntoStatistics(g, change, decay, residual, fisher, gathered);
    Store(residual_average + place, residual);
    Store(fisher_average + place, fisher);
  }

  FERRET_HD void Conclude(const double* totals) const {
    sums[0] = totals[0];
    sums[1] = totals[1];
  }
};

}  // namespace ferret::device
