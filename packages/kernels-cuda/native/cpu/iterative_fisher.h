// Eq. 8-9 on a few vectors that stay in registers while all versions are walked through, so that
// each version is read once.
#pragma once

#include <cstddef>

#include <type_traits>

#include "binding/parameter.h"
#include "../simd.h"

namespace ferret {

// body(place, repaired gradient, lanes), with kWhole as its first argument's type, for each vector.
template <typename Body>
inline void RepairGradient(const float* gradient, Versions versions, float lambda, size_t count,
                           const Body& body) {
  constexpr int kLanes = 16, kVectors = 4;
  const auto repair = [=](auto whole, auto vectors, size_t place, int64_t lanes) {
    constexpr bool kWhole = decltype(whole)::value;
    constexpr int kCount = decltype(vectors)::value;
    const Vector<kLanes> zero = {}, two = zero + 2.f;
    const auto load = [=](const float* from, int v) {
      return LoadLanes<kLanes, kWhole>(from + place + v * kLanes, lanes);
    };
    Vector<kLanes> g[kCount], previous[kCount];
    for (int v = 0; v < kCount; ++v) g[v] = load(gradient, v);
    if (versions.count > 1)
      for (int v = 0; v < kCount; ++v) previous[v] = load(versions.arrays[0], v);
    for (size_t step = 1; step < versions.count; ++step)
      for (int v = 0; v < kCount; ++v) {
        const Vector<kLanes> next = load(versions.arrays[step], v);
        Vector<kLanes> factor = 1.f + lambda * g[v] * (next - previous[v]);
        factor = factor < zero ? zero : factor;
        factor = factor > two ? two : factor;
        g[v] *= factor;
        previous[v] = next;
      }
    for (int v = 0; v < kCount; ++v) body(whole, place + v * kLanes, g[v], lanes);
  };
  using Many = std::integral_constant<int, kVectors>;
  using One = std::integral_constant<int, 1>;
  size_t place = 0;
  for (; place + kVectors * kLanes <= count; place += kVectors * kLanes)
    repair(std::true_type(), Many(), place, kLanes);
  for (; place + kLanes <= count; place += kLanes) repair(std::true_type(), One(), place, kLanes);
  if (place < count)
    repair(std::false_type(), One(), place, static_cast<int64_t>(count - place));
}

}  // namespace ferret
