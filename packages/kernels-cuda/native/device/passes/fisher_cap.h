#pragma once

#include "repair.h"

namespace ferret::device {

// m = decay m + (1 - decay) g g, then g / (1 + strength m).
struct FisherCapRule {
  static constexpr bool kNeedsOrigin = false, kNeedsSquare = true;

  float strength;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Number("strength", strength);
  }

  FERRET_HD float Of(float g, float, float square) const {
    return g / (1.f + strength * square);
  }
};

using FisherCap = Repair<FisherCapRule>;

}  // namespace ferret::device
