#pragma once

#include "factor.h"

namespace ferret::device {

// g / max(1 - lambda g d, 1/2), d = newest - origin: Iter-Fisher's steps (arXiv 2503.12053, Eq. 9)
// made infinitely small.
struct ClosedFormFisher {
  static constexpr int kSums = 0;

  float* destination;
  const float* gradient;
  const float* newest;
  const float* origin;
  float lambda, step;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Writes("destination", destination);
    each.Reads("gradient", gradient);
    each.Reads("newest", newest);
    each.Reads("origin", origin);
    each.Number("lambda", lambda);
    each.Number("step", step);
  }

  template <int kLanes>
  FERRET_HD void Apply(size_t place, double*) const {
    const Lanes<kLanes> g = Load<kLanes>(gradient + place);
    const Lanes<kLanes> now = Load<kLanes>(newest + place);
    const Lanes<kLanes> then = Load<kLanes>(origin + place);
    Lanes<kLanes> result;
    for (int lane = 0; lane < kLanes; ++lane) {
      const float rest = 1.f - lambda * g[lane] * (now[lane] - then[lane]);
      const float repaired = g[lane] / (rest < 0.5f ? 0.5f : rest);
      result[lane] = RepairedOrStepped(repaired, now[lane], step);
    }
    Store(destination + place, result);
  }
};

}  // namespace ferret::device
