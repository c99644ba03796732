// Mean value of each window, in the format in which the images come.
#include "pooling_windows.h"

namespace ferret {
namespace {

// oneDNN's backward pass rounds differently in another format on AVX2, so a model that is cut next
// to the pooling would not learn the same bits; this one adds up in one order everywhere.
template <int W>
class AveragePooling final : public Operation {
 public:
  AveragePooling(const LayerSpecification& layer, const Binding& binding,
                 const Description& output)
      : windows_(layer, binding.batch, binding.input, output),
        input_bytes_(binding.input.get_size()),
        output_(output) {
    constexpr auto kMean = dnnl::algorithm::pooling_avg_exclude_padding;
    const Description& input = binding.input;
    const Window window = {{layer.kernel[0], layer.kernel[1]},
                           {layer.strides[0], layer.strides[1]},
                           {layer.before[0], layer.before[1]},
                           {layer.after[0], layer.after[1]}};
    const auto forward = PoolingForward(kMean, input, output, window, CallerOwnsScratch());
    working_bytes_ = Align64(forward.scratchpad_desc().get_size());
    forward_ = {dnnl::pooling_forward(forward),
                {{DNNL_ARG_SRC, input},
                 {DNNL_ARG_DST, output},
                 {DNNL_ARG_SCRATCHPAD, forward.scratchpad_desc()}}};
  }

  size_t scratch_bytes() const override { return working_bytes_; }
  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    forward_({call.input, call.output, call.scratch});
  }

  void Backward(const BackwardCall& call) const override {
    if (!call.input_gradient) return;
    const float* output_gradient = static_cast<const float*>(call.output_gradient);
    float* input_gradient = static_cast<float*>(call.input_gradient);
    std::memset(input_gradient, 0, input_bytes_);
    windows_.ForEach([&](auto whole, const typename PoolingWindows<W>::Place& place) {
      constexpr bool kWhole = decltype(whole)::value;
      const Vector<W> share = LoadLanes<W, kWhole>(output_gradient + place.to, place.lanes) /
                              static_cast<float>(place.count());
      windows_.ForEachValue(place, [&](int32_t, int64_t offset) {
        const Vector<W> sum = LoadLanes<W, kWhole>(input_gradient + offset, place.lanes);
        StoreLanes<W, kWhole>(input_gradient + offset, sum + share, place.lanes);
      });
    });
  }

 private:
  const PoolingWindows<W> windows_;
  const size_t input_bytes_;
  const Description output_;
  size_t working_bytes_ = 0;
  BoundPrimitive forward_;
};

}  // namespace

std::unique_ptr<Operation> CreateAveragePooling(const LayerSpecification& layer,
                                                const Binding& binding) {
  const Description output = PooledTensor(layer, binding);
  if (ViewOf(binding.input, layer.input, binding.batch).width == 8)
    return std::make_unique<AveragePooling<8>>(layer, binding, output);
  return std::make_unique<AveragePooling<16>>(layer, binding, output);
}

}  // namespace ferret
