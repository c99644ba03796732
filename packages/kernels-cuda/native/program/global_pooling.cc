// Mean of each channel over the whole image.
#include "operation.h"

namespace ferret {
namespace {

template <int W>
class GlobalPooling final : public Operation {
 public:
  GlobalPooling(const LayerSpecification& layer, const Binding& binding)
      : view_(ViewOf(binding.input, layer.input, binding.batch, W)),
        share_(1.f / view_.pixels),
        output_(PlainTensor(layer.output, binding.batch)) {}

  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    const float* input = static_cast<const float*>(call.input);
    float* output = static_cast<float*>(call.output);
    ForEachGroup([&](int64_t image, int64_t group) {
      const float* from = input + view_.offset(image, group);
      Vector<W> sum = {};
      for (int64_t pixel = 0; pixel < view_.pixels; ++pixel, from += view_.pixel_stride)
        sum += LoadFirst<W>(from, view_.lanes(group));
      StoreFirst<W>(output + image * view_.channels + group * W, sum * share_,
                    view_.real_lanes(group));
    });
  }

  void Backward(const BackwardCall& call) const override {
    if (!call.input_gradient) return;
    const float* gradient = static_cast<const float*>(call.output_gradient);
    float* input_gradient = static_cast<float*>(call.input_gradient);
    ForEachGroup([&](int64_t image, int64_t group) {
      float* to = input_gradient + view_.offset(image, group);
      const Vector<W> share = share_ * LoadFirst<W>(gradient + image * view_.channels + group * W,
                                                    view_.real_lanes(group));
      for (int64_t pixel = 0; pixel < view_.pixels; ++pixel, to += view_.pixel_stride)
        StoreFirst<W>(to, share, view_.lanes(group));
    });
  }

 private:
  template <typename Body>
  void ForEachGroup(const Body& body) const {
    for (int64_t image = 0; image < view_.images; ++image)
      for (int64_t group = 0; group < view_.groups(); ++group) body(image, group);
  }

  const ImageView view_;
  const float share_;
  const Description output_;
};

}  // namespace

std::unique_ptr<Operation> CreateGlobalPooling(const LayerSpecification& layer,
                                               const Binding& binding) {
  if (ViewOf(binding.input, layer.input, binding.batch).width == 8)
    return std::make_unique<GlobalPooling<8>>(layer, binding);
  return std::make_unique<GlobalPooling<16>>(layer, binding);
}

}  // namespace ferret
