#pragma once

#include "factor.h"

namespace ferret::device {

// g / (1 + strength delay): a step that holds the overshoot of a delay within bounds. strength is
// the curvature to reckon with times the learning rate.
struct DelayAdaptive {
  static constexpr int kSums = 0;

  float* destination;
  const float* gradient;
  const float* newest;
  float strength, delay, step;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Writes("destination", destination);
    each.Reads("gradient", gradient);
    each.Reads("newest", newest);
    each.Number("strength", strength);
    each.Number("delay", delay);
    each.Number("step", step);
  }

  template <int kLanes>
  FERRET_HD void Apply(size_t place, double*) const {
    const Lanes<kLanes> g = Load<kLanes>(gradient + place);
    const Lanes<kLanes> now = Load<kLanes>(newest + place);
    const float share = 1.f / (1.f + strength * delay);
    Lanes<kLanes> result;
    for (int lane = 0; lane < kLanes; ++lane) {
      const float repaired = g[lane] * share;
      result[lane] = RepairedOrStepped(repaired, now[lane], step);
    }
    Store(destination + place, result);
  }
};

}  // namespace ferret::device
