#pragma once

#include "repair.h"

namespace ferret::device {

// g / (1 + strength delay): a step that holds the overshoot of a delay within bounds. strength is
// the curvature to reckon with times the learning rate.
struct DelayAdaptiveRule {
  static constexpr bool kNeedsOrigin = false, kNeedsSquare = false;

  float strength, delay;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Number("strength", strength);
    each.Number("delay", delay);
  }

  template <typename Real>
  FERRET_HD Real Of(Real g, Real, Real) const {
    return g * (1 / (1 + strength * delay));
  }
};

using DelayAdaptive = Repair<DelayAdaptiveRule>;

}  // namespace ferret::device
