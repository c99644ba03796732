#pragma once

#include "repair.h"

namespace ferret::device {

// scale (g + damping d), d = newest - origin.
struct DampRule {
  static constexpr bool kNeedsOrigin = true, kNeedsSquare = false;

  float damping, scale;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Number("damping", damping);
    each.Number("scale", scale);
  }

  FERRET_HD float Of(float g, float change, float) const {
    return scale * (g + damping * change);
  }
};

using Damp = Repair<DampRule>;

}  // namespace ferret::device
