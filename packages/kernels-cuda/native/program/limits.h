// How large what JavaScript describes may be. Sizes are checked before anything is multiplied or
// allocated, so that no product of them overflows: with these, all byte counts of a program stay
// below 2^53 and are exact in JavaScript.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace ferret {

// oneDNN counts bytes within a tensor in 32 bits.
constexpr int64_t kMostTensorBytes = INT32_MAX;
// Ours: a dense layer's kernel.
constexpr int64_t kMostDenseKernelBytes = int64_t{1} << 36;
constexpr int64_t kMostSize = INT32_MAX;
// Those of residual blocks included.
constexpr int64_t kMostLayers = 10'000;
// Residual blocks within one another.
constexpr int kMostDepth = 32;
// A convolution's kernel may be larger than its image up to this side.
constexpr int64_t kSmallKernel = 9;

// The product of sizes of at least 0, or `most` + 1 where it is larger than `most`.
inline int64_t ProductUpTo(int64_t most, std::initializer_list<int64_t> factors) {
  int64_t product = 1;
  for (const int64_t factor : factors)
    if (__builtin_mul_overflow(product, factor, &product) || product > most) return most + 1;
  return product;
}

}  // namespace ferret
