// The formulas in double precision, and how far a float32 result may be from them.
#pragma once

#include <algorithm>
#include <cmath>

#include "../passes.h"

namespace ferret::selftest {

// A result may be off by 1e-6 `scale`, the size of the numbers that went into it: 17 roundings of
// float32, where cancellation makes the relative error of a difference meaningless.
struct Expected {
  double value = 0, scale = 0;
};

constexpr int kMostOutputs = 3;
constexpr int kMostDoubles = 4;

struct Sums {
  Expected each[2];
  void Add(int sum, double term, double scale) {
    each[sum].value += term;
    each[sum].scale += scale;
  }
  void Take(const Sums& other) {
    for (int sum = 0; sum < 2; ++sum) Add(sum, other.each[sum].value, other.each[sum].scale);
  }
};

// For each pass P a specialisation with
//   At(in, i, out, sums)        what element i of the arrays that P writes or updates becomes, in
//                               the order of Visit; `in` points at the inputs as they were
//   Conclude(in, sums, out)     what the doubles become
template <typename Pass>
struct Reference;

inline double Clamp(double factor) { return factor < 0 ? 0 : factor > 2 ? 2 : factor; }

inline Expected Average(double average, double g, double decay) {
  const double value = decay * average + (1 - decay) * g * g;
  return {value, value};
}

inline Expected Step(Expected repaired, double newest, double step) {
  if (!(step > 0)) return repaired;
  return {newest - step * repaired.value, std::fabs(newest) + step * repaired.scale};
}

// Iter-Fisher's repair. An error e of g becomes |d(g clamp(1 + lambda g d)) / dg| e, and every
// operation adds its rounding.
inline Expected Walk(const device::VersionList& versions, size_t i, double lambda, double g) {
  double scale = std::fabs(g);
  for (unsigned version = 1; version < versions.count; ++version) {
    const double change = static_cast<double>(versions.arrays[version][i]) -
                          static_cast<double>(versions.arrays[version - 1][i]);
    const double predicted = lambda * g * change;
    const double factor = Clamp(1 + predicted);
    const double slope =
        std::fabs(predicted) < 1.01 ? std::max(factor, std::fabs(1 + 2 * predicted)) : factor;
    scale = slope * scale + std::fabs(g) * (1 + std::min(std::fabs(predicted), 2.));
    g *= factor;
  }
  return {g, scale};
}

}  // namespace ferret::selftest
