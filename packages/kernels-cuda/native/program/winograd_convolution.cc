// The convolution layer by Winograd's algorithm, where that is faster.
#include "operation.h"
#include "winograd.h"

namespace ferret {
namespace {

constexpr int kLanes = 16;

WinogradShape ShapeOf(const LayerSpecification& layer, int64_t batch) {
  return {batch,
          layer.input.channels,
          layer.output.channels,
          layer.input.height,
          layer.input.width,
          layer.output.height,
          layer.output.width,
          {layer.before[0], layer.before[1]}};
}

Description Blocked(const Shape& shape, int64_t batch) {
  return FloatTensor({batch, shape.channels, shape.height, shape.width}, Tag::nChw16c);
}

// Whether a vector of 16 is one register, and oneDNN, which runs the neighbours, keeps images in
// blocks of 16 channels: elsewhere its direct convolution is the faster one.
bool BlocksOf16() {
#if !defined(__AVX512F__)
  return false;
#endif
  static const bool result = [] {
    const Dims image = {1, 32, 8, 8};
    const auto forward = ConvolutionForward(
        FloatTensor(image, Tag::any), FloatTensor({32, 32, 3, 3}, Tag::any), Description(),
        FloatTensor(image, Tag::any), {{3, 3}, {1, 1}, {1, 1}, {1, 1}}, CallerOwnsScratch());
    return forward.dst_desc() == FloatTensor(image, Tag::nChw16c);
  }();
  return result;
}

class WinogradConvolution final : public Operation {
 public:
  WinogradConvolution(const LayerSpecification& layer, const Binding& binding)
      : forward_(ShapeOf(layer, binding.batch)),
        backward_(ShapeOf(layer, binding.batch).Reversed()),
        learns_(binding.mode == Mode::kLearn),
        bias_(layer.bias),
        activation_(layer.activation),
        batch_(binding.batch),
        pixels_(layer.output.height * layer.output.width),
        filters_(layer.output.channels),
        weight_count_(9 * layer.input.channels * filters_),
        source_bytes_(layer.input.tensor_bytes(binding.batch)),
        output_(Blocked(layer.output, binding.batch)),
        to_source_(Reorder(binding.input, Blocked(layer.input, binding.batch))),
        from_source_(Reorder(Blocked(layer.input, binding.batch), binding.input)) {}

  size_t parameter_count() const override { return weight_count_ + (bias_ ? filters_ : 0); }
  size_t scratch_bytes() const override {
    return source_bytes_ + 4 * (forward_.kernel_floats() + forward_.block_floats()) +
           (learns_ ? 4 * weight_count_ : 0);
  }
  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    const Scratch scratch = Split(call.scratch);
    forward_.TransformKernel(call.parameters, scratch.kernel);
    forward_.Convolve(Source(call.input, scratch), scratch.kernel,
                      bias_ ? call.parameters + weight_count_ : nullptr,
                      static_cast<float*>(call.output), activation_, scratch.blocks);
  }

  void Backward(const BackwardCall& call) const override {
    const Scratch scratch = Split(call.scratch);
    float* gradient = static_cast<float*>(call.output_gradient);
    if (call.output)
      PassGradient(activation_, gradient, static_cast<const float*>(call.output),
                   batch_ * pixels_ * filters_);
    // A step waits: the pass for the input still reads the parameters, and the gradient is to be
    // looked at.
    const bool waits = call.sink.destination;
    ParameterSink kept;
    kept.gradient = scratch.gradient;
    if (call.sink)
      forward_.KernelGradient(Source(call.input, scratch), gradient, scratch.kernel,
                              waits ? kept : call.sink, scratch.blocks);
    if (call.input_gradient) {
      backward_.TransformTurnedKernel(call.parameters, scratch.kernel);
      float* target = from_source_ ? scratch.source : static_cast<float*>(call.input_gradient);
      backward_.Convolve(gradient, scratch.kernel, nullptr, target, Activation::kLinear,
                         scratch.blocks);
      if (from_source_) from_source_({target, call.input_gradient});
    }
    if (!call.sink) return;
    const float* of_kernel = waits ? scratch.gradient : call.sink.gradient;
    const ParameterSink sink = call.sink.For(Largest(of_kernel, weight_count_));
    if (waits && sink) sink.Put(0, scratch.gradient, weight_count_);
    if (bias_ && sink) SumPixels(gradient, sink.At(weight_count_));
  }

 private:
  struct Scratch {
    float *source, *kernel, *blocks, *gradient;
  };

  Scratch Split(std::byte* scratch) const {
    float* source = reinterpret_cast<float*>(scratch);
    float* kernel = source + source_bytes_ / sizeof(float);
    float* blocks = kernel + forward_.kernel_floats();
    return {source, kernel, blocks, blocks + forward_.block_floats()};
  }

  const float* Source(const void* input, const Scratch& scratch) const {
    if (!to_source_) return static_cast<const float*>(input);
    to_source_({input, scratch.source});
    return scratch.source;
  }

  void SumPixels(const float* gradient, const ParameterSink& sink) const {
    for (int64_t filter = 0; filter < filters_; filter += kLanes) {
      Vector<kLanes> total = {};
      for (int64_t image = 0; image < batch_; ++image) {
        const float* from = gradient + (image * filters_ + filter) * pixels_;
        Vector<kLanes> sum = {};
        for (int64_t pixel = 0; pixel < pixels_; ++pixel)
          sum += Load<kLanes>(from + pixel * kLanes);
        total += sum;
      }
      float sums[kLanes];
      Store<kLanes>(sums, total);
      const ParameterSink checked = sink.For(Largest(sums, kLanes));
      if (checked) checked.Put<kLanes>(filter, total);
    }
  }

  const Winograd forward_, backward_;
  const bool learns_, bias_;
  const Activation activation_;
  const int64_t batch_, pixels_, filters_, weight_count_;
  const size_t source_bytes_;
  const Description output_;
  const BoundPrimitive to_source_, from_source_;
};

}  // namespace

bool FitsWinograd(const LayerSpecification& layer, int64_t batch) {
  const bool square = layer.kernel[0] == 3 && layer.kernel[1] == 3;
  const bool dense = layer.strides[0] == 1 && layer.strides[1] == 1;
  const bool whole = layer.groups == 1 && layer.dilations[0] == 1 && layer.dilations[1] == 1;
  return layer.kind == LayerSpecification::kConvolution && square && dense && whole &&
         Winograd::Fits(ShapeOf(layer, batch)) && BlocksOf16();
}

std::unique_ptr<Operation> CreateWinograd(const LayerSpecification& layer,
                                          const Binding& binding) {
  return std::make_unique<WinogradConvolution>(layer, binding);
}

}  // namespace ferret
