// What lets one text be compiled for the processor and for the GPU: markers, and groups of floats
// that are read and written by one access.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../rules/arithmetic.h"

#ifdef __CUDACC__
#define FERRET_UNROLL_FOUR _Pragma("unroll 4")
#else
#define FERRET_UNROLL_FOUR
#endif

namespace ferret::device {

// Four floats are one access of 16 bytes, the widest that a GPU has for a thread.
constexpr int kPackLanes = 4;
constexpr size_t kPackBytes = kPackLanes * sizeof(float);

template <int kLanes>
struct alignas(kLanes * sizeof(float)) Lanes {
  float values[kLanes];
  FERRET_HD float& operator[](int lane) { return values[lane]; }
  FERRET_HD const float& operator[](int lane) const { return values[lane]; }
};

// `from` is aligned to the group.
template <int kLanes>
FERRET_HD inline Lanes<kLanes> Load(const float* from) {
#ifdef __CUDA_ARCH__
  // nvcc makes one access of its own types only; of a struct of floats it makes four.
  if constexpr (kLanes == kPackLanes) {
    const float4 pack = *reinterpret_cast<const float4*>(from);
    return {{pack.x, pack.y, pack.z, pack.w}};
  }
#endif
  return *reinterpret_cast<const Lanes<kLanes>*>(from);
}

template <int kLanes>
FERRET_HD inline void Store(float* to, const Lanes<kLanes>& lanes) {
#ifdef __CUDA_ARCH__
  if constexpr (kLanes == kPackLanes) {
    // An assignment would become four stores again.
    __stwb(reinterpret_cast<float4*>(to), make_float4(lanes[0], lanes[1], lanes[2], lanes[3]));
    return;
  }
#endif
  *reinterpret_cast<Lanes<kLanes>*>(to) = lanes;
}

}  // namespace ferret::device
