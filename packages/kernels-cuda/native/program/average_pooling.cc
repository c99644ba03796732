// Mean value of each window, in the format in which the images come.
#include "operation.h"

namespace ferret {
namespace {

class AveragePooling final : public Operation {
 public:
  AveragePooling(const LayerSpecification& layer, const Binding& binding) {
    constexpr auto kMean = dnnl::algorithm::pooling_avg_exclude_padding;
    const Description& input = binding.input;
    const Window window = {{layer.kernel[0], layer.kernel[1]},
                           {layer.strides[0], layer.strides[1]},
                           {layer.before[0], layer.before[1]},
                           {layer.after[0], layer.after[1]}};
    const Dims output_dims = {binding.batch, layer.output.channels, layer.output.height,
                              layer.output.width};
    const auto forward = PoolingForward(kMean, input, FloatTensor(output_dims, Tag::any), window,
                                        CallerOwnsScratch());
    output_ = forward.dst_desc();
    const auto backward =
        PoolingBackward(kMean, input, output_, window, CallerOwnsScratch(), forward);
    working_bytes_ = Align64(
        std::max(forward.scratchpad_desc().get_size(), backward.scratchpad_desc().get_size()));
    forward_ = {dnnl::pooling_forward(forward),
                {{DNNL_ARG_SRC, input},
                 {DNNL_ARG_DST, output_},
                 {DNNL_ARG_SCRATCHPAD, forward.scratchpad_desc()}}};
    backward_ = {dnnl::pooling_backward(backward),
                 {{DNNL_ARG_DIFF_DST, output_},
                  {DNNL_ARG_DIFF_SRC, input},
                  {DNNL_ARG_SCRATCHPAD, backward.scratchpad_desc()}}};
  }

  size_t scratch_bytes() const override { return working_bytes_; }
  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    forward_({call.input, call.output, call.scratch});
  }

  void Backward(const BackwardCall& call) const override {
    if (call.input_gradient) backward_({call.output_gradient, call.input_gradient, call.scratch});
  }

 private:
  Description output_;
  size_t working_bytes_ = 0;
  BoundPrimitive forward_, backward_;
};

}  // namespace

std::unique_ptr<Operation> CreateAveragePooling(const LayerSpecification& layer,
                                                const Binding& binding) {
  return std::make_unique<AveragePooling>(layer, binding);
}

}  // namespace ferret
