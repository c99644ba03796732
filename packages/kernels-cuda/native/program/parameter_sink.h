// Where the gradient at an operation's parameters goes: into a vector, straight into a step of
// gradient descent, or nowhere.
#pragma once

#include <cstdint>
#include <limits>

#include "../simd.h"

namespace ferret {

// Watches over the gradients of a backward pass, layer by layer and before they are used: what is
// no number, or larger than any gradient that makes sense, is to reach no weight. A bound on the
// factors of a product serves where the product itself is never in memory.
class GradientGuard {
 public:
  // With gradients and steps up to it, weights stay finite for some 1e20 steps, and so do squares.
  static constexpr float kMost = 1e18f;

  explicit GradientGuard(float learning_rate) : rate_(learning_rate > 1 ? learning_rate : 1) {}

  // Takes note of a bound on magnitudes. False where no step may be made along such a gradient.
  bool Admits(float bound) {
    const bool admits = bound * rate_ <= kMost;  // not where the bound is no number
    if (!admits) bound = std::numeric_limits<float>::infinity();
    if (bound > largest_) largest_ = bound;
    return admits;
  }

  // The largest bound, infinite where one was not admitted.
  float largest() const { return largest_; }

 private:
  const float rate_;
  float largest_ = 0;
};

struct ParameterSink {
  // At most one of `gradient` and `destination` is set.
  float* gradient = nullptr;
  const float* source = nullptr;
  float* destination = nullptr;
  float learning_rate = 0;
  GradientGuard* guard = nullptr;

  // Whether anybody wants the gradient.
  explicit operator bool() const { return gradient || destination; }

  ParameterSink At(int64_t offset) const {
    if (gradient) return {gradient + offset, nullptr, nullptr, 0, guard};
    if (!destination) return {};
    return {nullptr, source + offset, destination + offset, learning_rate, guard};
  }

  // The same for gradients up to `bound`: no step is made along those that are not admitted.
  ParameterSink For(float bound) const {
    if (!*this || !guard || guard->Admits(bound) || gradient) return *this;
    return {};
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
