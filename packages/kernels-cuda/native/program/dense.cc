// y = relu(x W + b) on rows; W is [inputs, units].
#include <cstring>

#include "operation.h"

namespace ferret {
namespace {

class Dense final : public Operation {
 public:
  Dense(const LayerSpecification& layer, int64_t batch)
      : batch_(batch),
        inputs_(layer.input.channels),
        units_(layer.output.channels),
        bias_(layer.bias),
        relu_(layer.relu),
        output_(PlainTensor(layer.output, batch)) {}

  size_t parameter_count() const override { return (inputs_ + (bias_ ? 1 : 0)) * units_; }
  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    const float* bias = call.parameters + inputs_ * units_;
    float* output = static_cast<float*>(call.output);
    if (bias_)
      for (int64_t row = 0; row < batch_; ++row)
        std::memcpy(output + row * units_, bias, units_ * sizeof(float));
    Multiply('N', 'N', batch_, units_, inputs_, static_cast<const float*>(call.input), inputs_,
             call.parameters, units_, bias_ ? 1.f : 0.f, output);
    if (relu_)
      for (int64_t i = 0; i < batch_ * units_; ++i) output[i] = output[i] > 0.f ? output[i] : 0.f;
  }

  void Backward(const BackwardCall& call) const override {
    const float* gradient = static_cast<const float*>(call.output_gradient);
    // The weight gradient reads the input, so it goes before the input gradient, which may
    // overwrite it.
    Multiply('T', 'N', inputs_, units_, batch_, static_cast<const float*>(call.input), inputs_,
             gradient, units_, 0.f, call.parameter_gradient);
    if (bias_) {
      float* sums = call.parameter_gradient + inputs_ * units_;
      std::memcpy(sums, gradient, units_ * sizeof(float));
      for (int64_t row = 1; row < batch_; ++row)
        for (int64_t unit = 0; unit < units_; ++unit) sums[unit] += gradient[row * units_ + unit];
    }
    if (call.input_gradient)
      Multiply('N', 'T', batch_, inputs_, units_, gradient, units_, call.parameters, units_, 0.f,
               static_cast<float*>(call.input_gradient));
  }

 private:
  // destination[rows, columns] = a b + keep * destination, all row-major.
  static void Multiply(char transpose_a, char transpose_b, int64_t rows, int64_t columns,
                       int64_t inner, const float* a, int64_t stride_a, const float* b,
                       int64_t stride_b, float keep, float* destination) {
    dnnl::error::wrap_c_api(dnnl_sgemm(transpose_a, transpose_b, rows, columns, inner, 1.f, a,
                                       stride_a, b, stride_b, keep, destination, columns),
                            "oneDNN's sgemm failed");
  }

  const int64_t batch_, inputs_, units_;
  const bool bias_, relu_;
  const Description output_;
};

}  // namespace

std::unique_ptr<Operation> CreateDense(const LayerSpecification& layer, int64_t batch) {
  return std::make_unique<Dense>(layer, batch);
}

}  // namespace ferret
