#include "kernels.h"

namespace ferret {

namespace {

// accumulator += gradient
void Add(float* accumulator, const float* gradient, size_t count) {
#pragma GCC ivdep  // the arrays are the same one or do not overlap
  for (size_t i = 0; i < count; ++i) accumulator[i] += gradient[i];
}

}  // namespace

const Kernel kAdd = Describe<Add>("accumulator", "gradient");

}  // namespace ferret
