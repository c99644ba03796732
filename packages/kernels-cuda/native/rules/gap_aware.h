#pragma once

#include "arithmetic.h"

namespace ferret::rules {

// m = decay m + (1 - decay) g g, then g / (1 + |d| / (scale sqrt(m) + floor)), d = newest - origin,
// floor > 0 (arXiv 1909.10802).
struct GapAware {
  static constexpr bool kNeedsOrigin = true, kNeedsSquare = true;

  float scale, floor;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Number("scale", scale);
    each.Number("floor", floor);
  }

  template <typename Real>
  FERRET_HD Real Of(Real g, Real change, Real square) const {
    return g / (1 + Magnitude(change) / (scale * Root(square) + floor));
  }
};

}  // namespace ferret::rules
