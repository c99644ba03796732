// Sums over one or a few vectors, in double precision.
#pragma once

#include "factor.h"

namespace ferret::device {

// sums[0] = <g, g>
struct SquaredNorm {
  static constexpr int kSums = 1;

  const float* gradient;
  double* sums;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Reads("gradient", gradient);
    each.Doubles("sums", sums, 1, false);
  }

  template <int kLanes>
  FERRET_HD void Apply(size_t place, double* gathered) const {
    const Lanes<kLanes> g = Load<kLanes>(gradient + place);
    for (int lane = 0; lane < kLanes; ++lane)
      gathered[0] += static_cast<double>(g[lane]) * g[lane];
  }

  FERRET_HD void Conclude(const double* totals) const { sums[0] = totals[0]; }
};

// sums = [<g, d>, <d, d>], d = newest - origin
struct ChangeProducts {
  static constexpr int kSums = 2;

  const float *gradient, *newest, *origin;
  double* sums;

  template <typename Visitor>
  void Visit(Visitor& each) {
    each.Reads("gradient", gradient);
    each.Reads("newest", newest);
    each.Reads("origin", origin);
    each.Doubles("sums", sums, 2, false);
  }

  template <int kLanes>
  FERRET_HD void Apply(size_t place, double* gathered) const {
    const Lanes<kLanes> g = Load<kLanes>(gradient + place), now = Load<kLanes>(newest + place),
                        then = Load<kLanes>(origin + place);
    for (int lane = 0; lane < kLanes; ++lane) {
      const double change = static_cast<double>(now[lane]) - then[lane];
      gathered[0] += g[lane] * change;
      gathered[1] += change * change;
    }
  }

  FERRET_HD void Conclude(const double* totals) const {
    sums[0] = totals[0];
    sums[1] = totals[1];
  }
};

}  // namespace ferret::device
