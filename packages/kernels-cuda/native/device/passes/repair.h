// Passes of the methods that work element by element, each made of a rule for one element: see
// ../../repairs.h.
#pragma once

#include "factor.h"

namespace ferret::device {

// destination = the repaired gradient where step is 0, else newest - step * that.
template <typename Rule>
struct Repair : Rule {
  static constexpr int kSums = 0;

  float* destination;
  const float* gradient;
  const float* newest;
  const float* origin;
  float* mean_square;
  float decay, step;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Writes("destination", destination);
    each.Reads("gradient", gradient);
    each.Reads("newest", newest);
    if constexpr (Rule::kNeedsOrigin) each.Reads("origin", origin);
    if constexpr (Rule::kNeedsSquare) {
      each.Updates("meanSquare", mean_square);
      each.Number("decay", decay);
    }
    Rule::Visit(each);
    each.Number("step", step);
  }

  template <int kLanes>
  FERRET_HD void Apply(size_t place, double*) const {
    const Lanes<kLanes> g = Load<kLanes>(gradient + place);
    const Lanes<kLanes> now = Load<kLanes>(newest + place);
    Lanes<kLanes> then = now, square = {}, result;
    if constexpr (Rule::kNeedsOrigin) then = Load<kLanes>(origin + place);
    if constexpr (Rule::kNeedsSquare) square = Load<kLanes>(mean_square + place);
    for (int lane = 0; lane < kLanes; ++lane) {
      if constexpr (Rule::kNeedsSquare) square[lane] = FisherAverage(square[lane], g[lane], decay);
      const float repaired = Rule::Of(g[lane], now[lane] - then[lane], square[lane]);
      result[lane] = step > 0.f ? now[lane] - step * repaired : repaired;
    }
    if constexpr (Rule::kNeedsSquare) Store(mean_square + place, square);
    Store(destination + place, result);
  }
};

}  // namespace ferret::device
