// y = activation(x W + b) on rows; W is [inputs, units].
#include "activation.h"
#include "dense_gradient.h"
#include "operation.h"
#include "product.h"
#include "product_ends.h"

namespace ferret {
namespace {

constexpr int kLanes = 16;
// Rows of W that a strip of columns walks through at a time: they stay in the first-level cache.
constexpr int64_t kDepthBlock = 256;
// Rows of x from which on a general product, which packs its operands, is the faster one.
constexpr int64_t kManyRows = product_internal::kManyRegisters ? 128 : 4;

class Dense final : public Operation {
 public:
  Dense(const LayerSpecification& layer, const Binding& binding)
      : shape_{binding.batch, layer.input.channels, layer.output.channels},
        bias_(layer.bias),
        learns_(binding.mode == Mode::kLearn),
        activation_(layer.activation),
        output_(PlainTensor(layer.output, binding.batch)) {}

  size_t parameter_count() const override {
    return (shape_.inputs + (bias_ ? 1 : 0)) * shape_.units;
  }
  size_t scratch_bytes() const override { return learns_ ? 4 * DenseGradientScratch(shape_) : 0; }
  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    if (shape_.batch >= kManyRows)
      ForwardOfMany(call);
    else
      ForwardOfFew(call);
  }

  void Backward(const BackwardCall& call) const override {
    float* gradient = static_cast<float*>(call.output_gradient);
    if (call.output)
      PassGradient(activation_, gradient, static_cast<const float*>(call.output),
                   shape_.batch * shape_.units);
    const ParameterSink sink = call.sink ? call.sink.For(Bound(call, gradient)) : call.sink;
    const DenseGradientCall gradients = {call.parameters,
                                         static_cast<const float*>(call.input),
                                         gradient,
                                         static_cast<float*>(call.input_gradient),
                                         sink,
                                         reinterpret_cast<float*>(call.scratch)};
    if (shape_.batch == 1)
      DenseGradientOfOne(shape_, gradients);
    else
      DenseGradientOfMany(shape_, gradients);
    if (bias_ && sink) SumRows(gradient, sink.At(shape_.inputs * shape_.units));
  }

  bool looks_at_input() const override { return true; }
  float LargestInput(const void* input) const override {
    return Largest(static_cast<const float*>(input), shape_.batch * shape_.inputs);
  }

 private:
  // Of the gradients at kernel and bias, both sums of products over the batch. Zero times infinity
  // is no number, as it is in such a product.
  float Bound(const BackwardCall& call, const float* gradient) const {
    const float change = Largest(gradient, shape_.batch * shape_.units);
    // What is no number is not below zero.
    const float input = call.largest_input < 0 ? LargestInput(call.input) : call.largest_input;
    return shape_.batch * (input * change + (bias_ ? change : 0));
  }

  void ForwardOfFew(const ForwardCall& call) const {
    const auto [batch, inputs, units] = shape_;
    const float* input = static_cast<const float*>(call.input);
    float* output = static_cast<float*>(call.output);
    for (int64_t first = 0; first < inputs; first += kDepthBlock) {
      const int64_t depth = std::min(kDepthBlock, inputs - first);
      const bool last = first + depth == inputs;
      const LeftOperand rows = {input + first, inputs, 1};
      const RightOperand kernel = {call.parameters + first * units, units};
      const To to = {output, units, last ? activation_ : Activation::kLinear};
      if (first > 0)
        Product(batch, units, depth, rows, kernel, From{output, units}, to);
      else if (bias_)
        Product(batch, units, depth, rows, kernel, From{call.parameters + inputs * units, 0}, to);
      else
        Product(batch, units, depth, rows, kernel, Zero(), to);
    }
  }

  void ForwardOfMany(const ForwardCall& call) const {
    const auto [batch, inputs, units] = shape_;
    const float* bias = call.parameters + inputs * units;
    float* output = static_cast<float*>(call.output);
    if (bias_)
      for (int64_t row = 0; row < batch; ++row)
        std::memcpy(output + row * units, bias, units * sizeof(float));
    dnnl::error::wrap_c_api(
        dnnl_sgemm('N', 'N', batch, units, inputs, 1.f, static_cast<const float*>(call.input),
                   inputs, call.parameters, units, bias_ ? 1.f : 0.f, output, units),
        "oneDNN's sgemm failed");
    if (activation_ != Activation::kLinear) Activate(activation_, output, output, batch * units);
  }

  void SumRows(const float* gradient, const ParameterSink& sink) const {
    int64_t unit = 0;
    const auto sum = [&](auto whole, int64_t lanes) {
      constexpr bool kWhole = decltype(whole)::value;
      Vector<kLanes> total = {};
      for (int64_t sample = 0; sample < shape_.batch; ++sample)
        total += LoadLanes<kLanes, kWhole>(gradient + sample * shape_.units + unit, lanes);
      sink.Put<kLanes, kWhole>(unit, total, lanes);
    };
    for (; unit + kLanes <= shape_.units; unit += kLanes) sum(std::true_type(), kLanes);
    if (unit < shape_.units) sum(std::false_type(), shape_.units - unit);
  }

  const DenseShape shape_;
  const bool bias_, learns_;
  const Activation activation_;
  const Description output_;
};

}  // namespace

std::unique_ptr<Operation> CreateDense(const LayerSpecification& layer, const Binding& binding) {
  return std::make_unique<Dense>(layer, binding);
}

}  // namespace ferret
