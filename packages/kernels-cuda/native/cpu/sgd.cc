#include "kernels.h"

namespace ferret {

namespace {

// destination = source - learning_rate * gradient; destination may be source.
void Sgd(float* destination, const float* source, const float* gradient, float learning_rate,
         size_t count) {
#pragma GCC ivdep  // the arrays are the same one or do not overlap
  for (size_t i = 0; i < count; ++i) destination[i] = source[i] - learning_rate * gradient[i];
}

}  // namespace

const Kernel kSgd = Describe<Sgd>("destination", "source", "gradient", "learningRate");

}  // namespace ferret
