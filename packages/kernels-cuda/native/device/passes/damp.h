#pragma once

#include "factor.h"

namespace ferret::device {

// scale (g + damping d), d = newest - origin.
struct Damp {
  static constexpr int kSums = 0;

  float* destination;
  const float* gradient;
  const float* newest;
  const float* origin;
  float damping, scale, step;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Writes("destination", destination);
    each.Reads("gradient", gradient);
    each.Reads("newest", newest);
    each.Reads("origin", origin);
    each.Number("damping", damping);
    each.Number("scale", scale);
    each.Number("step", step);
  }

  template <int kLanes>
  FERRET_HD void Apply(size_t place, double*) const {
    const Lanes<kLanes> g = Load<kLanes>(gradient + place);
    const Lanes<kLanes> now = Load<kLanes>(newest + place);
    const Lanes<kLanes> then = Load<kLanes>(origin + place);
    Lanes<kLanes> result;
    for (int lane = 0; lane < kLanes; ++lane) {
      const float repaired = scale * (g[lane] + damping * (now[lane] - then[lane]));
      result[lane] = RepairedOrStepped(repaired, now[lane], step);
    }
    Store(destination + place, result);
  }
};

}  // namespace ferret::device
