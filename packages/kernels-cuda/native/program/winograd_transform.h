// The transforms of Winograd's minimal filtering F(4x4, 3x3) with the points 0, 1, -1, 2, -2
// (Lavin and Gray 2015, arXiv 1509.09308), and their transposes for the gradients:
//
//   y = A' [(G g G') . (B' d B)] A      d 6x6 of the input, g 3x3 of the kernel, y 4x4
//
// Each function is one dimension of one transform, on vectors of channels.
#pragma once

#include "../simd.h"

namespace ferret::winograd {

constexpr int kLanes = 16;
constexpr int kInput = 6, kOutput = 4, kKernel = 3;
constexpr int kElements = kInput * kInput;
using V = Vector<kLanes>;

struct FromInput {  // B'
  static constexpr int kFrom = kInput, kTo = kInput;
  static void Run(const V* d, V* t, int from, int to) {
    const auto at = [=](int i) { return d[i * from]; };
    const V a = at(4) - 4.f * at(2), b = at(3) - 4.f * at(1);
    const V c = at(4) - at(2), e = 2.f * (at(3) - at(1));
    t[0] = 4.f * at(0) - 5.f * at(2) + at(4);
    t[to] = a + b;
    t[2 * to] = a - b;
    t[3 * to] = c + e;
    t[4 * to] = c - e;
    t[5 * to] = 4.f * at(1) - 5.f * at(3) + at(5);
  }
};

struct ToOutput {  // A'
  static constexpr int kFrom = kInput, kTo = kOutput;
  static void Run(const V* m, V* y, int from, int to) {
    const auto at = [=](int i) { return m[i * from]; };
    const V s = at(1) + at(2), d = at(1) - at(2), s2 = at(3) + at(4), d2 = at(3) - at(4);
    y[0] = at(0) + s + s2;
    y[to] = d + 2.f * d2;
    y[2 * to] = s + 4.f * s2;
    y[3 * to] = d + 8.f * d2 + at(5);
  }
};

struct FromOutputGradient {  // A
  static constexpr int kFrom = kOutput, kTo = kInput;
  static void Run(const V* y, V* t, int from, int to) {
    const auto at = [=](int i) { return y[i * from]; };
    const V even = at(0) + at(2), odd = at(1) + at(3);
    const V even2 = at(0) + 4.f * at(2), odd2 = 2.f * at(1) + 8.f * at(3);
    t[0] = at(0);
    t[to] = even + odd;
    t[2 * to] = even - odd;
    t[3 * to] = even2 + odd2;
    t[4 * to] = even2 - odd2;
    t[5 * to] = at(3);
  }
};

struct FromKernel {  // G
  static constexpr int kFrom = kKernel, kTo = kInput;
  static void Run(const V* g, V* t, int from, int to) {
    const V g0 = g[0], g1 = g[from], g2 = g[2 * from];
    const V a = (g0 + g2) * (-1.f / 6), b = g0 * (1.f / 24) + g2 * (1.f / 6);
    t[0] = g0 * .25f;
    t[to] = a - g1 * (1.f / 6);
    t[2 * to] = a + g1 * (1.f / 6);
    t[3 * to] = b + g1 * (1.f / 12);
    t[4 * to] = b - g1 * (1.f / 12);
    t[5 * to] = g2;
  }
};

struct ToKernelGradient {  // G'
  static constexpr int kFrom = kInput, kTo = kKernel;
  static void Run(const V* u, V* g, int from, int to) {
    const auto at = [=](int i) { return u[i * from]; };
    const V s = at(1) + at(2), s2 = at(3) + at(4);
    g[0] = at(0) * .25f - s * (1.f / 6) + s2 * (1.f / 24);
    g[to] = (at(2) - at(1)) * (1.f / 6) + (at(3) - at(4)) * (1.f / 12);
    g[2 * to] = (s2 - s) * (1.f / 6) + at(5);
  }
};

// Both dimensions: kFrom x kFrom values, row by row, to kTo x kTo.
template <typename Transform>
inline void Transform2d(const V* values, V* result) {
  constexpr int kFrom = Transform::kFrom, kTo = Transform::kTo;
  V rows[kTo * kFrom];
  for (int column = 0; column < kFrom; ++column)
    Transform::Run(values + column, rows + column, kFrom, kFrom);
  for (int row = 0; row < kTo; ++row)
    Transform::Run(rows + row * kFrom, result + row * kTo, 1, 1);
}

}  // namespace ferret::winograd
