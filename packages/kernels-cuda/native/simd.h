// Vectors of W floats in the compiler's own notation, which it lowers to what the target has.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace ferret {

template <int W>
struct VectorOf {
  typedef float type __attribute__((vector_size(4 * W)));
};
template <int W>
using Vector = typename VectorOf<W>::type;

template <int W>
inline Vector<W> Load(const float* from) {
  Vector<W> result;
  std::memcpy(&result, from, sizeof result);
  return result;
}

template <int W>
inline void Store(float* to, Vector<W> value) {
  std::memcpy(to, &value, sizeof value);
}

// As many doubles.
template <int W>
struct DoublesOf {
  typedef double type __attribute__((vector_size(8 * W)));
};
template <int W>
using Doubles = typename DoublesOf<W>::type;

template <int W>
inline Doubles<W> LoadDoubles(const double* from) {
  Doubles<W> result;
  std::memcpy(&result, from, sizeof result);
  return result;
}

// The same, for one that is used several times. GCC would fetch it from memory for each, which is
// slow where it crosses a line of the cache.
template <int W>
inline Doubles<W> LoadToKeep(const double* from) {
  Doubles<W> result = LoadDoubles<W>(from);
#if defined(__AVX512F__)
  if constexpr (W == 8) asm("" : "+v"(result));
#endif
  return result;
}

template <int W>
inline Doubles<W> LoadWidened(const float* from) {
#if defined(__AVX512F__)
  if constexpr (W == 8) return _mm512_maskz_cvtps_pd(0xff, _mm256_loadu_ps(from));
#endif
  return __builtin_convertvector(Load<W>(from), Doubles<W>);
}

// The first `count` <= W lanes; the rest is zero and its memory is not touched.
template <int W>
inline Vector<W> LoadFirst(const float* from, int64_t count) {
#if defined(__AVX512F__)
  if constexpr (W == 16)
    return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), from);
#endif
  Vector<W> result = {};
  std::memcpy(&result, from, 4 * count);
  return result;
}

template <int W>
inline void StoreFirst(float* to, Vector<W> value, int64_t count) {
#if defined(__AVX512F__)
  if constexpr (W == 16)
    return _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1), value);
#endif
  std::memcpy(to, &value, 4 * count);
}

// Whole vectors, or the first `count` lanes of one.
template <int W, bool kWhole>
inline Vector<W> LoadLanes(const float* from, int64_t count) {
  if constexpr (kWhole) return Load<W>(from);
  return LoadFirst<W>(from, count);
}

template <int W, bool kWhole>
inline void StoreLanes(float* to, Vector<W> value, int64_t count) {
  if constexpr (kWhole)
    Store<W>(to, value);
  else
    StoreFirst<W>(to, value, count);
}

// The same for doubles.
template <int W, bool kWhole>
inline Doubles<W> LoadDoubleLanes(const double* from, int64_t count) {
  if constexpr (kWhole) return LoadDoubles<W>(from);
#if defined(__AVX512F__)
  if constexpr (W == 8)
    return _mm512_maskz_loadu_pd(static_cast<__mmask8>((1u << count) - 1), from);
#endif
  Doubles<W> result = {};
  std::memcpy(&result, from, 8 * count);
  return result;
}

template <int W, bool kWhole>
inline void StoreDoubleLanes(double* to, Doubles<W> value, int64_t count) {
#if defined(__AVX512F__)
  if constexpr (W == 8 && !kWhole)
    return _mm512_mask_storeu_pd(to, static_cast<__mmask8>((1u << count) - 1), value);
#endif
  std::memcpy(to, &value, kWhole ? sizeof value : 8 * count);
}

// Floats as doubles.
template <int W, bool kWhole>
inline Doubles<W> LoadWidenedLanes(const float* from, int64_t count) {
  if constexpr (kWhole) return LoadWidened<W>(from);
#if defined(__AVX512VL__)
  if constexpr (W == 8) {
    const __mmask8 lanes = static_cast<__mmask8>((1u << count) - 1);
    return _mm512_maskz_cvtps_pd(lanes, _mm256_maskz_loadu_ps(lanes, from));
  }
#endif
  return __builtin_convertvector(LoadFirst<W>(from, count), Doubles<W>);
}

// Doubles as floats, several vectors of W doubles.
template <int kFloats, bool kWhole, int W = 8>
inline Vector<kFloats> LoadNarrowedLanes(const double* from, int64_t count) {
  Vector<kFloats> result = {};
  for (int64_t begin = 0; begin < (kWhole ? kFloats : count); begin += W) {
    const int64_t lanes = count - begin < W ? count - begin : W;
    const Vector<W> part =
        __builtin_convertvector((LoadDoubleLanes<W, kWhole>(from + begin, lanes)), Vector<W>);
    std::memcpy(reinterpret_cast<float*>(&result) + begin, &part, sizeof part);
  }
  return result;
}

// Sum of the lanes, in halves, so that the sums stay independent.
template <int W>
inline float Sum(Vector<W> value) {
  if constexpr (W == 1) {
    return value[0];
  } else {
    Vector<W / 2> low, high;
    std::memcpy(&low, &value, sizeof low);
    std::memcpy(&high, reinterpret_cast<const float*>(&value) + W / 2, sizeof high);
    return Sum<W / 2>(low + high);
  }
}

namespace simd_internal {

// Lanes of two vectors together (b's count from 16) that one step of a transposition by `kStep`
// takes: the even runs of kStep lanes of both, or the odd ones.
template <int kStep, bool kOdd>
struct Lanes {
  typedef int type __attribute__((vector_size(64)));
  static constexpr type Make() {
    type lanes = {};
    for (int lane = 0; lane < 16; ++lane) {
      const bool second = lane & kStep;
      lanes[lane] = lane + (second && !kOdd ? 16 - kStep : second ? 16 : kOdd ? kStep : 0);
    }
    return lanes;
  }
};

template <int kStep>
inline void SwapRuns(Vector<16>* rows) {
  const typename Lanes<kStep, false>::type even = Lanes<kStep, false>::Make();
  const typename Lanes<kStep, true>::type odd = Lanes<kStep, true>::Make();
  for (int row = 0; row < 16; ++row) {
    if (row & kStep) continue;
    const Vector<16> a = rows[row], b = rows[row + kStep];
    rows[row] = __builtin_shuffle(a, b, even);
    rows[row + kStep] = __builtin_shuffle(a, b, odd);
  }
}

}  // namespace simd_internal

// Turns 16 x 16 floats.
inline void Transpose16(Vector<16>* rows) {
  simd_internal::SwapRuns<8>(rows);
  simd_internal::SwapRuns<4>(rows);
  simd_internal::SwapRuns<2>(rows);
  simd_internal::SwapRuns<1>(rows);
}

template <int W>
inline Vector<W> Fill(float value) {
  return Vector<W>{} + value;
}

// The largest magnitude; no number where one of the values is none. Magnitudes are compared as
// integers, in whose order infinity comes behind all numbers, and behind that what is no number.
inline float Largest(const float* values, int64_t count) {
  typedef int32_t Bits __attribute__((vector_size(64)));
  constexpr int kChains = 4;
  Bits most[kChains] = {};
  const auto take = [](Bits& largest, Vector<16> value) {
    Bits bits;
    std::memcpy(&bits, &value, sizeof bits);
    bits &= 0x7fffffff;
    largest = bits > largest ? bits : largest;
  };
  int64_t index = 0;
  for (; index + 16 * kChains <= count; index += 16 * kChains)
    for (int chain = 0; chain < kChains; ++chain)
      take(most[chain], Load<16>(values + index + 16 * chain));
  for (; index + 16 <= count; index += 16) take(most[0], Load<16>(values + index));
  if (index < count) take(most[0], LoadFirst<16>(values + index, count - index));
  for (int chain = 1; chain < kChains; ++chain)
    most[0] = most[chain] > most[0] ? most[chain] : most[0];
  int32_t all = 0;
  for (int lane = 0; lane < 16; ++lane)
    if (most[0][lane] > all) all = most[0][lane];
  float largest;
  std::memcpy(&largest, &all, sizeof largest);
  return largest;
}

}  // namespace ferret
