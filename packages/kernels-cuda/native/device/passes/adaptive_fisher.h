#pragma once

#include "repair.h"

namespace ferret::device {

// m = decay m + (1 - decay) g g, then g clamp(1 + lambda / sqrt(m + 1e-7) g d, 0, 2),
// d = newest - origin (DC-ASGD-a, arXiv 1609.08326).
struct AdaptiveFisherRule {
  static constexpr bool kNeedsOrigin = true, kNeedsSquare = true;

  float lambda;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Number("lambda", lambda);
  }

  FERRET_HD float Of(float g, float change, float square) const {
    const float strength = lambda / sqrtf(square + 1e-7f);
    return g * ClampFactor(1.f + strength * g * change);
  }
};

using AdaptiveFisher = Repair<AdaptiveFisherRule>;

}  // namespace ferret::device
