#pragma once

#include "factor.h"

namespace ferret::device {

// accumulator += gradient
struct Add {
  static constexpr int kSums = 0;

  float* accumulator;
  const float* gradient;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Updates("accumulator", accumulator);
    each.Reads("gradient", gradient);
  }

  template <int kLanes>
  FERRET_HD void Apply(size_t place, double*) const {
    const Lanes<kLanes> g = Load<kLanes>(gradient + place);
    Lanes<kLanes> sum = Load<kLanes>(accumulator + place);
    for (int lane = 0; lane < kLanes; ++lane) sum[lane] += g[lane];
    Store(accumulator + place, sum);
  }
};

}  // namespace ferret::device
