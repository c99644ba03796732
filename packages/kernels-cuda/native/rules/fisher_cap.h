#pragma once

#include "arithmetic.h"

namespace ferret::rules {

// m = decay m + (1 - decay) g g, then g / (1 + strength m).
struct FisherCap {
  static constexpr bool kNeedsOrigin = false, kNeedsSquare = true;

  float strength;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Number("strength", strength);
  }

  template <typename Real>
  FERRET_HD Real Of(Real g, Real, Real square) const {
    return g / (1 + strength * square);
  }
};

}  // namespace ferret::rules
