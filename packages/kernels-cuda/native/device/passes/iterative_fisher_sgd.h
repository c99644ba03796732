#pragma once

#include "factor.h"

namespace ferret::device {

// destination = source - learning_rate * the gradient that WalkVersions repairs, which itself stays
// as it is.
struct IterativeFisherSgd {
  static constexpr int kSums = 0;

  float* destination;
  const float* source;
  const float* gradient;
  VersionList versions;
  float lambda, learning_rate;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Writes("destination", destination);
    each.Reads("source", source);
    each.Reads("gradient", gradient);
    each.Versions("versions", versions, 1);
    each.Number("lambda", lambda);
    each.Number("learningRate", learning_rate);
  }

  template <int kLanes>
  FERRET_HD void Apply(size_t place, double*) const {
    const Lanes<kLanes> from = Load<kLanes>(source + place);
    Lanes<kLanes> g = Load<kLanes>(gradient + place), change, result;
    WalkVersions(versions, place, lambda, g, change);
    for (int lane = 0; lane < kLanes; ++lane) result[lane] = from[lane] - learning_rate * g[lane];
    Store(destination + place, result);
  }
};

}  // namespace ferret::device
