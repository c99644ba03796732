// Two-dimensional convolution with fused bias and rectifier. Weights are kept as Keras does
// (HWIO) in the flat parameter vector and brought into oneDNN's blocked format for each call:
// a pass over the weights that is small beside the pass over the images.
#include "operation.h"

namespace ferret {
namespace {

class Convolution final : public Operation {
 public:
  Convolution(const LayerSpecification& layer, int64_t batch, const Description& input)
      : input_count_(layer.input.channels),
        filter_count_(layer.output.channels),
        weight_count_(layer.kernel[0] * layer.kernel[1] * input_count_ * filter_count_),
        bias_(layer.bias) {
    const Dims source_dims = {batch, layer.input.channels, layer.input.height, layer.input.width};
    const Dims output_dims = {batch, filter_count_, layer.output.height, layer.output.width};
    const Dims weight_dims = {filter_count_, input_count_, layer.kernel[0], layer.kernel[1]};
    const Window window = {{layer.kernel[0], layer.kernel[1]},
                           {layer.strides[0], layer.strides[1]},
                           {layer.before[0], layer.before[1]},
                           {layer.after[0], layer.after[1]}};
    const Description any_weights = FloatTensor(weight_dims, Tag::any);
    const Description bias = bias_ ? FloatTensor({filter_count_}, Tag::x) : Description();
    const dnnl::primitive_attr attributes = CallerOwnsScratch();

    const auto forward = ConvolutionForward(
        FloatTensor(source_dims, Tag::any), any_weights, bias, FloatTensor(output_dims, Tag::any),
        window, layer.relu ? CallerOwnsScratchThenRelu() : attributes);
    source_ = forward.src_desc();
    output_ = forward.dst_desc();
    // Gradients keep the formats of their tensors, so that nothing is reordered between layers.
    const auto data = ConvolutionBackwardData(source_, any_weights, output_, window, attributes,
                                              forward);
    const auto weights = ConvolutionBackwardWeights(source_, any_weights, bias, output_, window,
                                                    attributes, forward);

    const Description plain = FloatTensor(weight_dims, Tag::hwio);
    to_source_ = Reorder(input, source_);
    from_source_ = Reorder(source_, input);
    to_forward_weights_ = Reorder(plain, forward.weights_desc());
    to_data_weights_ = Reorder(plain, data.weights_desc());
    from_weight_gradient_ = Reorder(weights.diff_weights_desc(), plain);

    source_bytes_ = layer.input.tensor_bytes(batch);
    weight_bytes_ = Align64(std::max({forward.weights_desc().get_size(),
                                      data.weights_desc().get_size(),
                                      weights.diff_weights_desc().get_size()}));
    working_bytes_ = Align64(std::max({forward.scratchpad_desc().get_size(),
                                       data.scratchpad_desc().get_size(),
                                       weights.scratchpad_desc().get_size()}));
    if (source_.get_size() > source_bytes_ || output_.get_size() > layer.output.tensor_bytes(batch))
      throw dnnl::error(dnnl_unimplemented, "oneDNN pads an image beyond blocks of 16 channels");

    forward_ = {dnnl::convolution_forward(forward),
                {{DNNL_ARG_SRC, source_},
                 {DNNL_ARG_WEIGHTS, forward.weights_desc()},
                 {DNNL_ARG_DST, output_},
                 {DNNL_ARG_SCRATCHPAD, forward.scratchpad_desc()},
                 {DNNL_ARG_BIAS, bias}}};
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

  size_t parameter_count() const override { return weight_count_ + (bias_ ? filter_count_ : 0); }
  size_t scratch_bytes() const override { return source_bytes_ + weight_bytes_ + working_bytes_; }
  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    const Scratch scratch = Split(call.scratch);
    const void* source = BringIn(to_source_, call.input, scratch.source);
    const void* weights = BringIn(to_forward_weights_, call.parameters, scratch.weights);
    forward_({source, weights, call.output, scratch.working, call.parameters + weight_count_});
  }

  void Backward(const BackwardCall& call) const override {
    const Scratch scratch = Split(call.scratch);
    const void* source = BringIn(to_source_, call.input, scratch.source);
    float* bias_gradient = call.parameter_gradient + weight_count_;
    if (from_weight_gradient_) {
      weights_({source, call.output_gradient, scratch.weights, scratch.working, bias_gradient});
      from_weight_gradient_({scratch.weights, call.parameter_gradient});
    } else {
      weights_({source, call.output_gradient, call.parameter_gradient, scratch.working,
                bias_gradient});
    }
    if (!call.input_gradient) return;
    const void* weights = BringIn(to_data_weights_, call.parameters, scratch.weights);
    if (from_source_) {
      data_({call.output_gradient, weights, scratch.source, scratch.working});
      from_source_({scratch.source, call.input_gradient});
    } else {
      data_({call.output_gradient, weights, call.input_gradient, scratch.working});
    }
  }

 private:
  struct Scratch {
    std::byte *source, *weights, *working;
  };

  Scratch Split(std::byte* scratch) const {
    return {scratch, scratch + source_bytes_, scratch + source_bytes_ + weight_bytes_};
  }

  static const void* BringIn(const BoundPrimitive& reorder, const void* from, void* to) {
    if (!reorder) return from;
    reorder({from, to});
    return to;
  }

  const int64_t input_count_, filter_count_, weight_count_;
  const bool bias_;
  Description source_, output_;
  size_t source_bytes_ = 0, weight_bytes_ = 0, working_bytes_ = 0;
  BoundPrimitive to_source_, from_source_, to_forward_weights_, to_data_weights_,
      from_weight_gradient_, forward_, data_, weights_;
};

}  // namespace

std::unique_ptr<Operation> CreateConvolution(const LayerSpecification& layer, int64_t batch,
                                             const Description& input) {
  return std::make_unique<Convolution>(layer, batch, input);
}

}  // namespace ferret
