#pragma once

#include "factor.h"

namespace ferret::device {

// m = decay m + (1 - decay) g g, then g clamp(1 + lambda / sqrt(m + 1e-7) g d, 0, 2),
// d = newest - origin (DC-ASGD-a, arXiv 1609.08326).
struct AdaptiveFisher {
  static constexpr int kSums = 0;

  float* destination;
  const float* gradient;
  const float* newest;
  const float* origin;
  float* mean_square;
  float decay, lambda, step;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Writes("destination", destination);
    each.Reads("gradient", gradient);
    each.Reads("newest", newest);
    each.Reads("origin", origin);
    each.Updates("meanSquare", mean_square);
    each.Number("decay", decay);
    each.Number("lambda", lambda);
    each.Number("step", step);
  }

  template <int kLanes>
  FERRET_HD void Apply(size_t place, double*) const {
    const Lanes<kLanes> g = Load<kLanes>(gradient + place);
    const Lanes<kLanes> now = Load<kLanes>(newest + place);
    const Lanes<kLanes> then = Load<kLanes>(origin + place);
    Lanes<kLanes> square = Load<kLanes>(mean_square + place);
    Lanes<kLanes> result;
    for (int lane = 0; lane < kLanes; ++lane) {
      square[lane] = FisherAverage(square[lane], g[lane], decay);
      const float strength = lambda / sqrtf(square[lane] + 1e-7f);
      const float change = now[lane] - then[lane];
      const float repaired = g[lane] * ClampFactor(1.f + strength * g[lane] * change);
      result[lane] = RepairedOrStepped(repaired, now[lane], step);
    }
    Store(mean_square + place, square);
    Store(destination + place, result);
  }
};

}  // namespace ferret::device
