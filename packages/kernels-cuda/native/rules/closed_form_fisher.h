#pragma once

#include "arithmetic.h"

namespace ferret::rules {

// g / max(1 - lambda g d, 1/2), d = newest - origin: Iter-Fisher's steps (arXiv 2503.12053, Eq. 9)
// made infinitely small.
struct ClosedFormFisher {
  static constexpr bool kNeedsOrigin = true, kNeedsSquare = false;

  float lambda;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Number("lambda", lambda);
  }

  template <typename Real>
  FERRET_HD Real Of(Real g, Real change, Real) const {
    const Real rest = 1 - lambda * g * change;
    return g / (rest < Real(0.5) ? Real(0.5) : rest);
  }
};

}  // namespace ferret::rules
