// The exponential function on vectors, to about one unit in the last place: e^x = 2^n e^r with
// |r| <= ln(2) / 2 and a polynomial for e^r (Moshier's Cephes, expf). What is no number stays so.
#pragma once

#include <limits>

#include "../simd.h"

namespace ferret {

template <int W>
struct IntegersOf {
  typedef int32_t type __attribute__((vector_size(4 * W)));
};
template <int W>
using Integers = typename IntegersOf<W>::type;

template <int W>
inline Vector<W> Absolute(Vector<W> x) {
  Integers<W> bits;
  std::memcpy(&bits, &x, sizeof bits);
  bits &= 0x7fffffff;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

// e^r - 1 for |r| <= ln(2) / 2.
template <int W>
inline Vector<W> SmallExponentialLessOne(Vector<W> r) {
  return (((((1.9875691500e-4f * r + 1.3981999507e-3f) * r + 8.3334519073e-3f) * r +
            4.1665795894e-2f) * r + 1.6666665459e-1f) * r + 5.0000001201e-1f) * (r * r) + r;
}

template <int W>
inline Vector<W> Exponential(Vector<W> x) {
  const Vector<W> zero = {};
  // Outside of it the result is 0 or infinite in float32, but for values that are not normal.
  const Vector<W> least = zero - 87.33654f, most = zero + 88.72283f;
  Vector<W> within = x < least ? least : x;
  within = within > most ? most : within;
  const Vector<W> scaled = within * 1.44269504f;
  const Integers<W> n =
      __builtin_convertvector(scaled + (scaled < zero ? zero - 0.5f : zero + 0.5f), Integers<W>);
  const Vector<W> whole = __builtin_convertvector(n, Vector<W>);
  const Vector<W> r = within - whole * 0.693359375f + whole * 2.12194440e-4f;
  // 2^n in two factors: n may be 128.
  const Integers<W> half = n >> 1, rest = n - half;
  const Integers<W> first_bits = (half + 127) << 23, second_bits = (rest + 127) << 23;
  Vector<W> first, second;
  std::memcpy(&first, &first_bits, sizeof first);
  std::memcpy(&second, &second_bits, sizeof second);
  const Vector<W> power = (SmallExponentialLessOne<W>(r) + 1.f) * first * second;
  return x < least ? zero : x > most ? zero + std::numeric_limits<float>::infinity() : power;
}

// e^x - 1, without loss near 0.
template <int W>
inline Vector<W> ExponentialLessOne(Vector<W> x) {
  const Vector<W> limit = Vector<W>{} + 0.34657359f;
  return Absolute<W>(x) < limit ? SmallExponentialLessOne<W>(x) : Exponential<W>(x) - 1.f;
}

}  // namespace ferret
