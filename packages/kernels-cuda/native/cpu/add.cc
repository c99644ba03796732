#include "../ops.h"

void ferret_add(float* accumulator, const float* gradient, size_t count) {
  for (size_t i = 0; i < count; ++i) accumulator[i] += gradient[i];
}
