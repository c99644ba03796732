#pragma once

#include "factor.h"

namespace ferret::device {

// mean_square = decay mean_square + (1 - decay) g g: the diagonal of the empirical Fisher matrix as
// a moving average, on its own.
struct FisherDiagonal {
  static constexpr int kSums = 0;

  float* mean_square;
  const float* gradient;
  float decay;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Updates("meanSquare", mean_square);
    each.Reads("gradient", gradient);
    each.Number("decay", decay);
  }

  template <int kLanes>
  FERRET_HD void Apply(size_t place, double*) const {
    const Lanes<kLanes> g = Load<kLanes>(gradient + place);
    Lanes<kLanes> square = Load<kLanes>(mean_square + place);
    for (int lane = 0; lane < kLanes; ++lane)
      square[lane] = FisherAverage(square[lane], g[lane], decay);
    Store(mean_square + place, square);
  }
};

}  // namespace ferret::device
