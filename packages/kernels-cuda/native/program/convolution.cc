// Two-dimensional convolution, over all channels, groups of them or each channel by itself, with fused
// bias and activation. Kernels are kept as Keras does in the flat parameter vector and brought into
// oneDNN's blocked format for each call: a pass over the weights in whole vectors, small beside
// the work on the images.
#include <optional>
#include <string>

#include "activation.h"
#include "depthwise_gradient.h"
#include "kernel_move.h"
#include "operation.h"

namespace ferret {
namespace {

class Convolution final : public Operation {
 public:
  Convolution(const LayerSpecification& layer, const Binding& binding)
      : groups_(layer.kind == LayerSpecification::kDepthwiseConvolution ? layer.input.channels
                                                                        : layer.groups),
        filter_count_(layer.output.channels),
        grouped_(groups_ > 1 || layer.kind == LayerSpecification::kDepthwiseConvolution),
        depthwise_(grouped_ && groups_ == layer.input.channels && groups_ == filter_count_),
        shape_{layer.kernel[0], layer.kernel[1], layer.input.channels / groups_, filter_count_},
        weight_count_(shape_.height * shape_.width * shape_.inputs * filter_count_),
        bias_(layer.bias),
        activation_(layer.activation) {
    const int64_t batch = binding.batch;
    const Dims source_dims = {batch, layer.input.channels, layer.input.height, layer.input.width};
    const Dims output_dims = {batch, filter_count_, layer.output.height, layer.output.width};
    const Dims weight_dims =
        grouped_ ? Dims{groups_, filter_count_ / groups_, shape_.inputs, shape_.height, shape_.width}
                 : Dims{filter_count_, shape_.inputs, shape_.height, shape_.width};
    const Window window = {{layer.kernel[0], layer.kernel[1]},
                           {layer.strides[0], layer.strides[1]},
                           {layer.before[0], layer.before[1]},
                           {layer.after[0], layer.after[1]},
                           {layer.dilations[0] - 1, layer.dilations[1] - 1}};
    const Description any_source = FloatTensor(source_dims, Tag::any);
    const Description any_weights = FloatTensor(weight_dims, Tag::any);
    const Description plain = FloatTensor(weight_dims, grouped_ ? Tag::hwigo : Tag::hwio);
    const Description bias = bias_ ? FloatTensor({filter_count_}, Tag::x) : Description();

    const auto forward_into = [&](Tag tag) {
      return ConvolutionForward(any_source, any_weights, bias, FloatTensor(output_dims, tag),
                                window, CallerOwnsScratchThen(activation_));
    };
    auto forward = forward_into(Tag::any);
    if (!Viewable(forward.dst_desc(), layer.output, batch)) forward = forward_into(Tag::nhwc);
    source_ = forward.src_desc();
    output_ = forward.dst_desc();
    output_elements_ = output_.get_size() / sizeof(float);
    to_source_ = Reorder(binding.input, source_);
    to_forward_weights_ = KernelMove(plain, forward.weights_desc(), shape_, Kind());
    forward_ = {dnnl::convolution_forward(forward),
                {{DNNL_ARG_SRC, source_},
                 {DNNL_ARG_WEIGHTS, forward.weights_desc()},
                 {DNNL_ARG_DST, output_},
                 {DNNL_ARG_SCRATCHPAD, forward.scratchpad_desc()},
                 {DNNL_ARG_BIAS, bias}}};
    source_bytes_ = layer.input.tensor_bytes(batch);
    weight_bytes_ = Align64(std::max(forward.weights_desc().get_size(), 4ul * weight_count_));
    working_bytes_ = Align64(forward.scratchpad_desc().get_size());
    if (source_.get_size() > source_bytes_ || output_.get_size() > layer.output.tensor_bytes(batch))
      throw dnnl::error(dnnl_unimplemented, "oneDNN pads an image beyond blocks of 16 channels");
    if (binding.mode == Mode::kLearn)
      BindBackward(layer, binding, any_weights, plain, bias, window, forward);
  }

  size_t parameter_count() const override { return weight_count_ + (bias_ ? filter_count_ : 0); }
  size_t scratch_bytes() const override {
    return source_bytes_ + weight_bytes_ + gradient_bytes_ + bias_bytes_ + working_bytes_;
  }
  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    const Scratch scratch = Split(call.scratch);
    const void* source = BringIn(to_source_, call.input, scratch.source);
    const void* weights = to_forward_weights_(call.parameters, scratch.weights);
    forward_({source, weights, call.output, scratch.working, call.parameters + weight_count_});
  }

  void Backward(const BackwardCall& call) const override {
    const Scratch scratch = Split(call.scratch);
    if (call.output)
      PassGradient(activation_, static_cast<float*>(call.output_gradient),
                   static_cast<const float*>(call.output), output_elements_);
    if (call.sink) SumWeightGradient(call, scratch);
    if (call.input_gradient) {
      const void* weights = to_data_weights_(call.parameters, scratch.weights);
      void* target = from_source_ ? scratch.source : call.input_gradient;
      data_({call.output_gradient, weights, target, scratch.working});
      if (from_source_) from_source_({target, call.input_gradient});
    }
    if (call.sink) PutWeightGradient(call.sink, scratch);
  }

 private:
  struct Scratch {
    std::byte *source, *weights, *gradient, *bias_gradient, *working;
  };

  // Gradients keep the formats of their tensors, so that nothing is reordered between layers.
  void BindBackward(const LayerSpecification& layer, const Binding& binding,
                    const Description& any_weights, const Description& plain,
                    const Description& bias, const Window& window,
                    const dnnl::convolution_forward::primitive_desc& forward) {
    const auto data = ConvolutionBackwardData(source_, any_weights, output_, window,
                                              CallerOwnsScratch(), forward);
    const auto weights = ConvolutionBackwardWeights(source_, any_weights, bias, output_, window,
                                                    CallerOwnsScratch(), forward);
    from_source_ = Reorder(source_, binding.input);
    to_data_weights_ = KernelMove(plain, data.weights_desc(), shape_, Kind());
    gradient_layout_ = KernelLayout::Of(weights.diff_weights_desc(), shape_, Kind());
    if (!gradient_layout_) from_gradient_ = Reorder(weights.diff_weights_desc(), plain);
    weight_bytes_ = std::max(weight_bytes_, Align64(data.weights_desc().get_size()));
    gradient_bytes_ = Align64(weights.diff_weights_desc().get_size());
    const auto blocked = [&](const Description& tensor, const Shape& shape) {
      const ImageView view = ViewOf(tensor, shape, binding.batch);
      return view.blocked && view.width == 16;
    };
    const bool slow =
        std::string(weights.impl_info_str()).find("ref") != std::string::npos;
    const bool plain_window = layer.dilations[0] == 1 && layer.dilations[1] == 1;
    if (slow && depthwise_ && plain_window && Viewable(source_, layer.input, binding.batch) &&
        blocked(source_, layer.input) && blocked(output_, layer.output)) {
      depthwise_gradient_.emplace(layer, binding.batch);
      gradient_layout_.reset();
      from_gradient_ = {};
      weight_bytes_ = std::max<size_t>(weight_bytes_, 64 * shape_.height * shape_.width);
    }
    bias_bytes_ = bias_ ? Align64(4 * filter_count_) : 0;
    working_bytes_ =
        std::max(working_bytes_, Align64(std::max(data.scratchpad_desc().get_size(),
                                                  weights.scratchpad_desc().get_size())));
    data_ = {dnnl::convolution_backward_data(data),
             {{DNNL_ARG_DIFF_DST, output_},
              {DNNL_ARG_WEIGHTS, data.weights_desc()},
              {DNNL_ARG_DIFF_SRC, source_},
              {DNNL_ARG_SCRATCHPAD, data.scratchpad_desc()}}};
    weights_ = {dnnl::convolution_backward_weights(weights),
                {{DNNL_ARG_SRC, source_},
                 {DNNL_ARG_DIFF_DST, output_},
                 {DNNL_ARG_DIFF_WEIGHTS, weights.diff_weights_desc()},
                 {DNNL_ARG_SCRATCHPAD, weights.scratchpad_desc()},
                 {DNNL_ARG_DIFF_BIAS, bias}}};
  }

  Scratch Split(std::byte* scratch) const {
    std::byte* weights = scratch + source_bytes_;
    std::byte* gradient = weights + weight_bytes_;
    std::byte* bias_gradient = gradient + gradient_bytes_;
    return {scratch, weights, gradient, bias_gradient, bias_gradient + bias_bytes_};
  }

  // In oneDNN's layout, in `scratch.gradient` and `scratch.bias_gradient`.
  void SumWeightGradient(const BackwardCall& call, const Scratch& scratch) const {
    const void* source = BringIn(to_source_, call.input, scratch.source);
    if (depthwise_gradient_)
      (*depthwise_gradient_)(static_cast<const float*>(source),
                             static_cast<const float*>(call.output_gradient),
                             reinterpret_cast<float*>(scratch.weights),
                             reinterpret_cast<float*>(scratch.gradient),
                             bias_ ? reinterpret_cast<float*>(scratch.bias_gradient) : nullptr);
    else
      weights_({source, call.output_gradient, scratch.gradient, scratch.working,
                scratch.bias_gradient});
  }

  void PutWeightGradient(ParameterSink sink, const Scratch& scratch) const {
    const float* gradient = reinterpret_cast<const float*>(scratch.gradient);
    const float* of_bias = reinterpret_cast<const float*>(scratch.bias_gradient);
    if (!gradient_layout_ && from_gradient_) {
      from_gradient_({gradient, scratch.weights});
      gradient = reinterpret_cast<const float*>(scratch.weights);
    }
    if (bias_) sink = sink.For(Largest(of_bias, filter_count_));
    sink = sink.For(gradient_layout_ ? gradient_layout_->LargestOf(gradient)
                                     : Largest(gradient, weight_count_));
    if (!sink) return;
    if (gradient_layout_)
      gradient_layout_->Unpack(gradient, sink);
    else
      sink.Put(0, gradient, weight_count_);
    if (bias_) sink.Put(weight_count_, of_bias, filter_count_);
  }

  static const void* BringIn(const BoundPrimitive& reorder, const void* from, void* to) {
    if (!reorder) return from;
    reorder({from, to});
    return to;
  }

  KernelLayout::Kind Kind() const {
    if (depthwise_) return KernelLayout::kDepthwise;
    return grouped_ ? KernelLayout::kGrouped : KernelLayout::kWhole;
  }

  const int64_t groups_, filter_count_;
  // Whether kernels have groups in oneDNN, and whether each has one input and one output.
  const bool grouped_, depthwise_;
  const KernelShape shape_;
  const int64_t weight_count_;
  const bool bias_;
  const Activation activation_;
  Description source_, output_;
  size_t output_elements_ = 0;  // padding included
  size_t source_bytes_ = 0, weight_bytes_ = 0, gradient_bytes_ = 0, bias_bytes_ = 0,
         working_bytes_ = 0;
  KernelMove to_forward_weights_, to_data_weights_;
  std::optional<KernelLayout> gradient_layout_;
  std::optional<DepthwiseGradient> depthwise_gradient_;
  BoundPrimitive to_source_, from_source_, from_gradient_, forward_, data_, weights_;
};

}  // namespace

std::unique_ptr<Operation> CreateConvolution(const LayerSpecification& layer,
                                             const Binding& binding) {
  return std::make_unique<Convolution>(layer, binding);
}

}  // namespace ferret
