#pragma once

#include "repair.h"

namespace ferret::device {

// m = decay m + (1 - decay) g g, then g / (1 + |d| / (scale sqrt(m) + floor)), d = newest - origin,
// floor > 0 (arXiv 1909.10802).
struct GapAwareRule {
  static constexpr bool kNeedsOrigin = true, kNeedsSquare = true;

  float scale, floor;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Number("scale", scale);
    each.Number("floor", floor);
  }

  FERRET_HD float Of(float g, float change, float square) const {
    return g / (1.f + fabsf(change) / (scale * sqrtf(square) + floor));
  }
};

using GapAware = Repair<GapAwareRule>;

}  // namespace ferret::device
