#pragma once

#include "factor.h"

namespace ferret::device {

// With s = origin - kept_origin: sums = [<s, g - kept_gradient>, <s, s>]; then kept_gradient = g
// and kept_origin = origin.
struct Secant {
  static constexpr int kSums = 2;

  const float *gradient, *origin;
  float *kept_gradient, *kept_origin;
  double* sums;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Reads("gradient", gradient);
    each.Reads("origin", origin);
    each.Updates("keptGradient", kept_gradient);
    each.Updates("keptOrigin", kept_origin);
    each.Doubles("sums", sums, 2, false);
  }

  template <int kLanes>
  FERRET_HD void Apply(size_t place, double* gathered) const {
    const Lanes<kLanes> g = Load<kLanes>(gradient + place), here = Load<kLanes>(origin + place),
                        kept = Load<kLanes>(kept_gradient + place),
                        there = Load<kLanes>(kept_origin + place);
    for (int lane = 0; lane < kLanes; ++lane) {
      const double moved = static_cast<double>(here[lane]) - there[lane];
      gathered[0] += moved * (static_cast<double>(g[lane]) - kept[lane]);
      gathered[1] += moved * moved;
    }
    Store(kept_gradient + place, g);
    Store(kept_origin + place, here);
  }

  FERRET_HD void Conclude(const double* totals) const {
    sums[0] = totals[0];
    sums[1] = totals[1];
  }
};

}  // namespace ferret::device
