// What the element-by-element methods share: one pass that repairs a gradient and, where asked,
// makes the step of gradient descent with it. In their formulas d = newest - origin, the change
// since the weights that the gradient g was computed with.
#pragma once

#include <cstddef>

namespace ferret {

// repair(i) gives the repaired gradient at i. destination gets it where step is 0, else
// newest - step * repaired; it may be any other array but one that repair writes.
template <typename Repair>
inline void RepairEach(float* destination, const float* newest, float step, size_t count,
                       const Repair& repair) {
  if (step > 0) {
#pragma GCC ivdep  // the arrays are the same one or do not overlap
    for (size_t i = 0; i < count; ++i) destination[i] = newest[i] - step * repair(i);
  } else {
#pragma GCC ivdep
    for (size_t i = 0; i < count; ++i) destination[i] = repair(i);
  }
}

// Takes g into a moving average of its square and gives the new average.
inline float Average(float* mean_square, float g, float decay) {
  return *mean_square = decay * *mean_square + (1.f - decay) * g * g;
}

}  // namespace ferret
