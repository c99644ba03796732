// Largest or mean value of each window, in the format in which the images come.
#include "operation.h"

namespace ferret {
namespace {

class Pooling final : public Operation {
 public:
  Pooling(const LayerSpecification& layer, const Binding& binding) {
    const int64_t batch = binding.batch;
    const Description& input = binding.input;
    const bool largest = layer.kind == LayerSpecification::kMaxPooling;
    const auto algorithm = largest ? dnnl::algorithm::pooling_max
                                   : dnnl::algorithm::pooling_avg_exclude_padding;
    const Window window = {{layer.kernel[0], layer.kernel[1]},
                           {layer.strides[0], layer.strides[1]},
                           {layer.before[0], layer.before[1]},
                           {layer.after[0], layer.after[1]}};
    const Dims output_dims = {batch, layer.output.channels, layer.output.height,
                              layer.output.width};
    const auto forward = PoolingForward(algorithm, input, FloatTensor(output_dims, Tag::any),
                                        window, CallerOwnsScratch());
    output_ = forward.dst_desc();
    const auto backward =
        PoolingBackward(algorithm, input, output_, window, CallerOwnsScratch(), forward);
    working_bytes_ = Align64(
        std::max(forward.scratchpad_desc().get_size(), backward.scratchpad_desc().get_size()));

    std::vector<BoundPrimitive::Argument> forward_arguments = {
        {DNNL_ARG_SRC, input},
        {DNNL_ARG_DST, output_},
        {DNNL_ARG_SCRATCHPAD, forward.scratchpad_desc()}};
    std::vector<BoundPrimitive::Argument> backward_arguments = {
        {DNNL_ARG_DIFF_DST, output_},
        {DNNL_ARG_DIFF_SRC, input},
        {DNNL_ARG_SCRATCHPAD, backward.scratchpad_desc()}};
    if (largest) {
      const size_t element = layer.kernel[0] * layer.kernel[1] > 255 ? 4 : 1;
      winner_bytes_ = Align64(batch * layer.output.padded_count() * element);
      if (forward.workspace_desc().get_size() > winner_bytes_)
        throw dnnl::error(dnnl_unimplemented, "oneDNN keeps more than one index a window");
      forward_arguments.push_back({DNNL_ARG_WORKSPACE, forward.workspace_desc()});
      backward_arguments.push_back({DNNL_ARG_WORKSPACE, forward.workspace_desc()});
    }
    forward_ = {dnnl::pooling_forward(forward), forward_arguments};
    backward_ = {dnnl::pooling_backward(backward), backward_arguments};
  }

  size_t extra_bytes() const override { return winner_bytes_; }
  size_t scratch_bytes() const override { return working_bytes_; }
  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    if (winner_bytes_)
      forward_({call.input, call.output, call.scratch, call.extra});
    else
      forward_({call.input, call.output, call.scratch});
  }

  void Backward(const BackwardCall& call) const override {
    if (!call.input_gradient) return;
    if (winner_bytes_)
      backward_({call.output_gradient, call.input_gradient, call.scratch, call.extra});
    else
      backward_({call.output_gradient, call.input_gradient, call.scratch});
  }

 private:
  Description output_;
  size_t winner_bytes_ = 0, working_bytes_ = 0;
  BoundPrimitive forward_, backward_;
};

}  // namespace

std::unique_ptr<Operation> CreatePooling(const LayerSpecification& layer, const Binding& binding) {
  return std::make_unique<Pooling>(layer, binding);
}

}  // namespace ferret
