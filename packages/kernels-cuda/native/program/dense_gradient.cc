#include "dense_gradient.h"

#include "product.h"
#include "product_ends.h"

namespace ferret {
namespace {

constexpr int kLanes = 16;
// Rows of W between whose use for the input gradient and update nothing leaves the first-level
// cache.
constexpr int64_t kRowBlock = 16;

// [batch, units] to [units, padded batch], the padding zero.
void Turn(const DenseShape& shape, const float* gradient, float* turned) {
  for (int64_t sample = 0; sample < shape.batch; sample += kLanes)
    for (int64_t unit = 0; unit < shape.units; unit += kLanes) {
      const int64_t samples = std::min<int64_t>(kLanes, shape.batch - sample);
      const int64_t units = std::min<int64_t>(kLanes, shape.units - unit);
      Vector<kLanes> rows[kLanes] = {};
      for (int64_t row = 0; row < samples; ++row)
        rows[row] = LoadFirst<kLanes>(gradient + (sample + row) * shape.units + unit, units);
      Transpose16(rows);
      for (int64_t row = 0; row < units; ++row)
        Store<kLanes>(turned + (unit + row) * shape.padded_batch() + sample, rows[row]);
    }
}

// A block [inputs, padded batch] to `count` columns of [batch, inputs].
void StoreTurned(const DenseShape& shape, const float* block, int64_t count, float* columns) {
  for (int64_t sample = 0; sample < shape.batch; sample += kLanes) {
    const int64_t samples = std::min<int64_t>(kLanes, shape.batch - sample);
    Vector<kLanes> rows[kLanes] = {};
    for (int64_t row = 0; row < count; ++row)
      rows[row] = Load<kLanes>(block + row * shape.padded_batch() + sample);
    Transpose16(rows);
    for (int64_t row = 0; row < samples; ++row)
      StoreFirst<kLanes>(columns + (sample + row) * shape.inputs, rows[row], count);
  }
}

// What becomes of the kernel's gradient.
enum class Kernel { kNothing, kGradient, kUpdate };

// kRows rows of W, of one sample: the sums are independent of each other.
template <int kRows, bool kInput, Kernel kKernel>
void RowsOfOne(const DenseShape& shape, const DenseGradientCall& call, int64_t first) {
  constexpr bool kUpdates = kKernel == Kernel::kUpdate;
  const int64_t units = shape.units;
  const float* kernel = kInput ? call.kernel + first * units : nullptr;
  const float* source = kUpdates ? call.sink.source + first * units : nullptr;
  float* target = kUpdates ? call.sink.destination : call.sink.gradient;
  float factors[kRows] = {};
  if constexpr (kKernel != Kernel::kNothing) {
    target += first * units;
    for (int row = 0; row < kRows; ++row)
      factors[row] = call.input[first + row] * (kUpdates ? -call.sink.learning_rate : 1.f);
  }
  Vector<kLanes> sums[kRows] = {};
  const auto step = [&](auto whole, int64_t unit, int64_t lanes) {
    constexpr bool kWhole = decltype(whole)::value;
    const Vector<kLanes> change = LoadLanes<kLanes, kWhole>(call.output_gradient + unit, lanes);
    for (int row = 0; row < kRows; ++row) {
      const int64_t place = row * units + unit;
      if constexpr (kInput)
        sums[row] += change * LoadLanes<kLanes, kWhole>(kernel + place, lanes);
      if constexpr (kKernel == Kernel::kNothing) continue;
      Vector<kLanes> result = factors[row] * change;
      if (kUpdates) result += LoadLanes<kLanes, kWhole>(source + place, lanes);
      StoreLanes<kLanes, kWhole>(target + place, result, lanes);
    }
  };
  int64_t unit = 0;
  for (; unit + kLanes <= units; unit += kLanes) step(std::true_type(), unit, kLanes);
  if (unit < units) step(std::false_type(), unit, units - unit);
  if constexpr (kInput)
    for (int row = 0; row < kRows; ++row)
      call.input_gradient[first + row] = Sum<kLanes>(sums[row]);
}

template <bool kInput, Kernel kKernel>
void AllRowsOfOne(const DenseShape& shape, const DenseGradientCall& call) {
  int64_t row = 0;
  for (; row + 4 <= shape.inputs; row += 4) RowsOfOne<4, kInput, kKernel>(shape, call, row);
  for (; row < shape.inputs; ++row) RowsOfOne<1, kInput, kKernel>(shape, call, row);
}

template <bool kInput>
void GradientOfOne(const DenseShape& shape, const DenseGradientCall& call) {
  if (call.sink.gradient)
    AllRowsOfOne<kInput, Kernel::kGradient>(shape, call);
  else if (call.sink)
    AllRowsOfOne<kInput, Kernel::kUpdate>(shape, call);
  else if constexpr (kInput)
    AllRowsOfOne<kInput, Kernel::kNothing>(shape, call);
}

}  // namespace

// The output gradient and a block of the input gradient, both with the batch innermost.
size_t DenseGradientScratch(const DenseShape& shape) {
  return shape.batch > 1 ? (shape.units + kRowBlock) * shape.padded_batch() : 0;
}

void DenseGradientOfMany(const DenseShape& shape, const DenseGradientCall& call) {
  const auto [batch, inputs, units] = shape;
  const int64_t padded = shape.padded_batch();
  float* turned = call.scratch;
  float* block = turned + units * padded;
  if (call.input_gradient) Turn(shape, call.output_gradient, turned);
  for (int64_t first = 0; first < inputs; first += kRowBlock) {
    const int64_t rows = std::min(kRowBlock, inputs - first);
    if (call.input_gradient)
      Product(rows, padded, units, {call.kernel + first * units, units, 1}, {turned, padded},
              Zero(), To{block, padded});
    const LeftOperand input = {call.input + first, 1, inputs};
    const RightOperand gradient = {call.output_gradient, units};
    const ParameterSink sink = call.sink.At(first * units);
    if (sink.gradient)
      Product(rows, units, batch, input, gradient, Zero(), To{sink.gradient, units});
    else if (sink)
      Product(rows, units, batch, input, gradient, Zero(),
              ToUpdate{sink.source, sink.destination, sink.learning_rate, units});
    if (call.input_gradient) StoreTurned(shape, block, rows, call.input_gradient + first);
  }
}

void DenseGradientOfOne(const DenseShape& shape, const DenseGradientCall& call) {
  if (call.input_gradient)
    GradientOfOne<true>(shape, call);
  else
    GradientOfOne<false>(shape, call);
}

}  // namespace ferret
