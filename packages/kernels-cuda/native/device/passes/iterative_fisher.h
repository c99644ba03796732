#pragma once

#include "factor.h"

namespace ferret::device {

// The gradient, repaired in place by WalkVersions. With two versions this is the plain Fisher
// method: one Taylor step (DC-ASGD, arXiv 1609.08326).
struct IterativeFisher {
  static constexpr int kSums = 0;

  float* gradient;
  VersionList versions;
  float lambda;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Updates("gradient", gradient);
    each.Versions("versions", versions, 1);
    each.Number("lambda", lambda);
  }

  template <int kLanes>
  FERRET_HD void Apply(size_t place, double*) const {
    Lanes<kLanes> g = Load<kLanes>(gradient + place), change;
    WalkVersions(versions, place, lambda, g, change);
    Store(gradient + place, g);
  }
};

}  // namespace ferret::device
