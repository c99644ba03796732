#pragma once

#include "factor.h"

namespace ferret::device {

// m = decay m + (1 - decay) g g, then g / (1 + strength m).
struct FisherCap {
  static constexpr int kSums = 0;

  float* destination;
  const float* gradient;
  const float* newest;
  float* mean_square;
  float decay, strength, step;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Writes("destination", destination);
    each.Reads("gradient", gradient);
    each.Reads("newest", newest);
    each.Updates("meanSquare", mean_square);
    each.Number("decay", decay);
    each.Number("strength", strength);
    each.Number("step", step);
  }

  template <int kLanes>
  FERRET_HD void Apply(size_t place, double*) const {
    const Lanes<kLanes> g = Load<kLanes>(gradient + place);
    const Lanes<kLanes> now = Load<kLanes>(newest + place);
    Lanes<kLanes> square = Load<kLanes>(mean_square + place);
    Lanes<kLanes> result;
    for (int lane = 0; lane < kLanes; ++lane) {
      square[lane] = FisherAverage(square[lane], g[lane], decay);
      const float repaired = g[lane] / (1.f + strength * square[lane]);
      result[lane] = RepairedOrStepped(repaired, now[lane], step);
    }
    Store(mean_square + place, square);
    Store(destination + place, result);
  }
};

}  // namespace ferret::device
