// y = activation(x W + b) on rows; W is [inputs, units].
#include "activation.h"
#include "operation.h"
#include "product.h"

namespace ferret {
namespace {

constexpr int kLanes = 16;
// Rows of W that a strip of columns walks through at a time: they stay in the first-level cache.
constexpr int64_t kDepthBlock = 256;
// Rows of W between whose use for the input gradient and update nothing leaves that cache.
constexpr int64_t kRowBlock = 16;
// Rows from which on a general product, which packs its operands, is the faster one.
constexpr int64_t kManyRows = 128;

struct Zero {
  template <bool>
  Vector<kLanes> operator()(int64_t, int64_t, int64_t) const {
    return Fill<kLanes>(0.f);
  }
};

// Reads the matrix that starts at `data`, `stride` floats a row (0: the same row for all).
struct From {
  const float* data;
  int64_t stride;

  template <bool kWhole>
  Vector<kLanes> operator()(int64_t row, int64_t column, int64_t lanes) const {
    return LoadLanes<kLanes, kWhole>(data + row * stride + column, lanes);
  }
};

struct To {
  float* data;
  int64_t stride;
  Activation activation = Activation::kLinear;

  template <bool kWhole>
  void operator()(int64_t row, int64_t column, Vector<kLanes> value, int64_t lanes) const {
    StoreLanes<kLanes, kWhole>(data + row * stride + column, Activate<kLanes>(activation, value),
                               lanes);
  }
};

struct ToSink {
  ParameterSink sink;
  int64_t stride;

  template <bool kWhole>
  void operator()(int64_t row, int64_t column, Vector<kLanes> value, int64_t lanes) const {
    sink.Put<kLanes, kWhole>(row * stride + column, value, lanes);
  }
};

class Dense final : public Operation {
 public:
  Dense(const LayerSpecification& layer, const Binding& binding)
      : batch_(binding.batch),
        padded_batch_((batch_ + kLanes - 1) / kLanes * kLanes),
        inputs_(layer.input.channels),
        units_(layer.output.channels),
        bias_(layer.bias),
        learns_(binding.mode == Mode::kLearn),
        activation_(layer.activation),
        output_(PlainTensor(layer.output, batch_)) {}

  size_t parameter_count() const override { return (inputs_ + (bias_ ? 1 : 0)) * units_; }
  // The output gradient and a block of the input gradient, both with the batch innermost.
  size_t scratch_bytes() const override {
    return learns_ && batch_ > 1 ? 4 * (units_ + kRowBlock) * padded_batch_ : 0;
  }
  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    const float* input = static_cast<const float*>(call.input);
    float* output = static_cast<float*>(call.output);
    if (batch_ >= kManyRows) return ForwardOfMany(call, input, output);
    for (int64_t first = 0; first < inputs_; first += kDepthBlock) {
      const int64_t depth = std::min(kDepthBlock, inputs_ - first);
      const bool last = first + depth == inputs_;
      const LeftOperand rows = {input + first, inputs_, 1};
      const RightOperand kernel = {call.parameters + first * units_, units_};
      const To to = {output, units_, last ? activation_ : Activation::kLinear};
      if (first > 0)
        Product(batch_, units_, depth, rows, kernel, From{output, units_}, to);
      else if (bias_)
        Product(batch_, units_, depth, rows, kernel, From{call.parameters + inputs_ * units_, 0},
                to);
      else
        Product(batch_, units_, depth, rows, kernel, Zero(), to);
    }
  }

  void Backward(const BackwardCall& call) const override {
    float* gradient = static_cast<float*>(call.output_gradient);
    if (call.output)
      PassGradient(activation_, gradient, static_cast<const float*>(call.output), batch_ * units_);
    if (batch_ == 1)
      BackwardOfOne(call, gradient);
    else
      BackwardOfMany(call, gradient);
    if (bias_) SumRows(gradient, call.sink.At(inputs_ * units_));
  }

 private:
  void ForwardOfMany(const ForwardCall& call, const float* input, float* output) const {
    const float* bias = call.parameters + inputs_ * units_;
    if (bias_)
      for (int64_t row = 0; row < batch_; ++row)
        std::memcpy(output + row * units_, bias, units_ * sizeof(float));
    dnnl::error::wrap_c_api(
        dnnl_sgemm('N', 'N', batch_, units_, inputs_, 1.f, input, inputs_, call.parameters, units_,
                   bias_ ? 1.f : 0.f, output, units_),
        "oneDNN's sgemm failed");
    if (activation_ != Activation::kLinear) Activate(activation_, output, output, batch_ * units_);
  }

  // Block by block of the kernel's rows: input gradient, then the kernel's own, which may be
  // written over it; last the input gradient is stored, which may be written over the input.
  void BackwardOfMany(const BackwardCall& call, const float* gradient) const {
    const float* input = static_cast<const float*>(call.input);
    float* input_gradient = static_cast<float*>(call.input_gradient);
    float* turned = reinterpret_cast<float*>(call.scratch);
    float* block = turned + units_ * padded_batch_;
    if (input_gradient) Turn(gradient, turned);
    for (int64_t first = 0; first < inputs_; first += kRowBlock) {
      const int64_t rows = std::min(kRowBlock, inputs_ - first);
      if (input_gradient)
        Product(rows, padded_batch_, units_, {call.parameters + first * units_, units_, 1},
                {turned, padded_batch_}, Zero(), To{block, padded_batch_});
      Product(rows, units_, batch_, {input + first, 1, inputs_}, {gradient, units_}, Zero(),
              ToSink{call.sink.At(first * units_), units_});
      if (input_gradient) StoreTurned(block, first, rows, input_gradient);
    }
  }

  // One sample: one pass over the kernel, bound by memory.
  void BackwardOfOne(const BackwardCall& call, const float* gradient) const {
    if (call.sink.gradient)
      BackwardOfOneInto<false>(call, gradient);
    else
      BackwardOfOneInto<true>(call, gradient);
  }

  template <bool kUpdates>
  void BackwardOfOneInto(const BackwardCall& call, const float* gradient) const {
    int64_t row = 0;
    for (; row + 4 <= inputs_; row += 4) Rows<4, kUpdates>(call, gradient, row);
    for (; row < inputs_; ++row) Rows<1, kUpdates>(call, gradient, row);
  }

  // kRows rows of the kernel, of one sample: the sums are independent of each other.
  template <int kRows, bool kUpdates>
  void Rows(const BackwardCall& call, const float* gradient, int64_t first) const {
    const float* kernel = call.parameters + first * units_;
    const float* source = kUpdates ? call.sink.source + first * units_ : nullptr;
    float* target =
        (kUpdates ? call.sink.destination : call.sink.gradient) + first * units_;
    float factors[kRows];
    for (int row = 0; row < kRows; ++row) {
      factors[row] = static_cast<const float*>(call.input)[first + row];
      if (kUpdates) factors[row] *= -call.sink.learning_rate;
    }
    Vector<kLanes> sums[kRows] = {};
    const auto step = [&](auto whole, int64_t unit, int64_t lanes) {
      constexpr bool kWhole = decltype(whole)::value;
      const Vector<kLanes> change = LoadLanes<kLanes, kWhole>(gradient + unit, lanes);
      for (int row = 0; row < kRows; ++row) {
        const int64_t place = row * units_ + unit;
        sums[row] += change * LoadLanes<kLanes, kWhole>(kernel + place, lanes);
        Vector<kLanes> result = factors[row] * change;
        if (kUpdates) result += LoadLanes<kLanes, kWhole>(source + place, lanes);
        StoreLanes<kLanes, kWhole>(target + place, result, lanes);
      }
    };
    int64_t unit = 0;
    for (; unit + kLanes <= units_; unit += kLanes) step(std::true_type(), unit, kLanes);
    if (unit < units_) step(std::false_type(), unit, units_ - unit);
    if (!call.input_gradient) return;
    for (int row = 0; row < kRows; ++row)
      static_cast<float*>(call.input_gradient)[first + row] = Sum<kLanes>(sums[row]);
  }

  // [batch, units] to [units, padded batch], the padding zero.
  void Turn(const float* gradient, float* turned) const {
    for (int64_t sample = 0; sample < batch_; sample += kLanes)
      for (int64_t unit = 0; unit < units_; unit += kLanes) {
        const int64_t samples = std::min<int64_t>(kLanes, batch_ - sample);
        const int64_t units = std::min<int64_t>(kLanes, units_ - unit);
        Vector<kLanes> rows[kLanes] = {};
        for (int64_t row = 0; row < samples; ++row)
          rows[row] = LoadFirst<kLanes>(gradient + (sample + row) * units_ + unit, units);
        Transpose16(rows);
        for (int64_t row = 0; row < units; ++row)
          Store<kLanes>(turned + (unit + row) * padded_batch_ + sample, rows[row]);
      }
  }

  // A block [inputs, padded batch] to its columns of [batch, inputs].
  void StoreTurned(const float* block, int64_t first, int64_t count, float* input_gradient) const {
    for (int64_t sample = 0; sample < batch_; sample += kLanes) {
      const int64_t samples = std::min<int64_t>(kLanes, batch_ - sample);
      Vector<kLanes> rows[kLanes] = {};
      for (int64_t row = 0; row < count; ++row)
        rows[row] = Load<kLanes>(block + row * padded_batch_ + sample);
      Transpose16(rows);
      for (int64_t row = 0; row < samples; ++row)
        StoreFirst<kLanes>(input_gradient + (sample + row) * inputs_ + first, rows[row], count);
    }
  }

  void SumRows(const float* gradient, const ParameterSink& sink) const {
    int64_t unit = 0;
    const auto sum = [&](auto whole, int64_t lanes) {
      constexpr bool kWhole = decltype(whole)::value;
      Vector<kLanes> total = {};
      for (int64_t sample = 0; sample < batch_; ++sample)
        total += LoadLanes<kLanes, kWhole>(gradient + sample * units_ + unit, lanes);
      sink.Put<kLanes, kWhole>(unit, total, lanes);
    };
    for (; unit + kLanes <= units_; unit += kLanes) sum(std::true_type(), kLanes);
    if (unit < units_) sum(std::false_type(), units_ - unit);
  }

  const int64_t batch_, padded_batch_, inputs_, units_;
  const bool bias_, learns_;
  const Activation activation_;
  const Description output_;
};

}  // namespace

std::unique_ptr<Operation> CreateDense(const LayerSpecification& layer, const Binding& binding) {
  return std::make_unique<Dense>(layer, binding);
}

}  // namespace ferret
