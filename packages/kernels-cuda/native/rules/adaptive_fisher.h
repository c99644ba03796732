#pragma once

#include "arithmetic.h"

namespace ferret::rules {

// m = decay m + (1 - decay) g g, then g clamp(1 + lambda / sqrt(m + 1e-7) g d, 0, 2),
// d = newest - origin (DC-ASGD-a, arXiv 1609.08326).
struct AdaptiveFisher {
  static constexpr bool kNeedsOrigin = true, kNeedsSquare = true;

  float lambda;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Number("lambda", lambda);
  }

  template <typename Real>
  FERRET_HD Real Of(Real g, Real change, Real square) const {
    const Real strength = lambda / Root(square + 1e-7f);
    return g * ClampFactor(1 + strength * g * change);
  }
};

}  // namespace ferret::rules
