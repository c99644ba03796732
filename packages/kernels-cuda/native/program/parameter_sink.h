// Where the gradient at an operation's parameters goes: into a vector, straight into a step of
// gradient descent, or nowhere.
#pragma once

#include <cstdint>

#include "../simd.h"

namespace ferret {

struct ParameterSink {
  // At most one of `gradient` and `destination` is set.
  float* gradient = nullptr;
  const float* source = nullptr;
  float* destination = nullptr;
  float learning_rate = 0;

  // Whether anybody wants the gradient.
  explicit operator bool() const { return gradient || destination; }

  ParameterSink At(int64_t offset) const {
    if (gradient) return {gradient + offset};
    if (!destination) return {};
    return {nullptr, source + offset, destination + offset, learning_rate};
  }

  // Takes a vector's worth of gradients: `count` of W lanes where not whole.
  template <int W, bool kWhole = true>
  void Put(int64_t offset, Vector<W> value, int64_t count = W) const {
    if (gradient) return StoreLanes<W, kWhole>(gradient + offset, value, count);
    StoreLanes<W, kWhole>(
        destination + offset,
        LoadLanes<W, kWhole>(source + offset, count) - learning_rate * value, count);
  }

  // Takes `count` gradients.
  void Put(int64_t offset, const float* values, int64_t count) const {
    int64_t index = 0;
    for (; index + 16 <= count; index += 16) Put<16>(offset + index, Load<16>(values + index));
    if (index < count)
      Put<16, false>(offset + index, LoadFirst<16>(values + index, count - index), count - index);
  }

  // The same where the step has a rate of its own.
  void PutAtRate(int64_t offset, const float* values, int64_t count, float rate) const {
    ParameterSink sink = *this;
    sink.learning_rate = rate;
    sink.Put(offset, values, count);
  }
};

}  // namespace ferret
