#pragma once

#include "factor.h"

namespace ferret::device {

// destination = source - learning_rate g
struct Sgd {
  static constexpr int kSums = 0;

  float* destination;
  const float* source;
  const float* gradient;
  float learning_rate;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Writes("destination", destination);
    each.Reads("source", source);
    each.Reads("gradient", gradient);
    each.Number("learningRate", learning_rate);
  }

  template <int kLanes>
  FERRET_HD void Apply(size_t place, double*) const {
    const Lanes<kLanes> from = Load<kLanes>(source + place);
    const Lanes<kLanes> g = Load<kLanes>(gradient + place);
    Lanes<kLanes> result;
    for (int lane = 0; lane < kLanes; ++lane) result[lane] = from[lane] - learning_rate * g[lane];
    Store(destination + place, result);
  }
};

}  // namespace ferret::device
