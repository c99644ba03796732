// The walk over versions that several passes share.
#pragma once

#include "../../rules/arithmetic.h"
#include "../portable.h"
#include "../versions.h"

namespace ferret::device {

// g <- g clamp(1 + lambda g (next - previous), 0, 2) for each pair of versions, oldest first
// (Ferret, arXiv 2503.12053, Eq. 8-9). Every version is read once. Gives the newest one, and in
// `last_change` how far it is from the one before it.
template <int kLanes>
FERRET_HD inline Lanes<kLanes> WalkVersions(const VersionList& versions, size_t place, float lambda,
                                            Lanes<kLanes>& g, Lanes<kLanes>& last_change) {
  Lanes<kLanes> previous = Load<kLanes>(versions.arrays[0] + place);
  for (int lane = 0; lane < kLanes; ++lane) last_change[lane] = 0.f;
  FERRET_UNROLL_FOUR
  for (unsigned version = 1; version < versions.count; ++version) {
    const Lanes<kLanes> next = Load<kLanes>(versions.arrays[version] + place);
    for (int lane = 0; lane < kLanes; ++lane) {
      last_change[lane] = next[lane] - previous[lane];
      g[lane] *= ClampFactor(1.f + lambda * g[lane] * last_change[lane]);
    }
    previous = next;
  }
  return previous;
}

}  // namespace ferret::device
