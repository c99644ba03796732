#pragma once

#include "factor.h"

namespace ferret::device {

// m = decay m + (1 - decay) g g, then g / (1 + |d| / (scale sqrt(m) + floor)), d = newest - origin,
// floor > 0 (arXiv 1909.10802).
struct GapAware {
  static constexpr int kSums = 0;

  float* destination;
  const float* gradient;
  const float* newest;
  const float* origin;
  float* mean_square;
  float decay, scale, floor, step;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Writes("destination", destination);
    each.Reads("gradient", gradient);
    each.Reads("newest", newest);
    each.Reads("origin", origin);
    each.Updates("meanSquare", mean_square);
    each.Number("decay", decay);
    each.Number("scale", scale);
    each.Number("floor", floor);
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
      const float usual = scale * sqrtf(square[lane]) + floor;
      const float repaired = g[lane] / (1.f + fabsf(now[lane] - then[lane]) / usual);
      result[lane] = RepairedOrStepped(repaired, now[lane], step);
    }
    Store(mean_square + place, square);
    Store(destination + place, result);
  }
};

}  // namespace ferret::device
