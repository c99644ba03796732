#pragma once

#include "repair.h"

namespace ferret::device {

// g / max(1 - lambda g d, 1/2), d = newest - origin: Iter-Fisher's steps (arXiv 2503.12053, Eq. 9)
// made infinitely small.
struct ClosedFormFisherRule {
  static constexpr bool kNeedsOrigin = true, kNeedsSquare = false;

  float lambda;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Number("lambda", lambda);
  }

  FERRET_HD float Of(float g, float change, float) const {
    const float rest = 1.f - lambda * g * change;
    return g / (rest < 0.5f ? 0.5f : rest);
  }
};

using ClosedFormFisher = Repair<ClosedFormFisherRule>;

}  // namespace ferret::device
