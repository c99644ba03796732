#include "activation.h"

#include <limits>

#include "operation.h"

namespace ferret {
namespace {

constexpr int kWide = 16;

// body(kWhole, offset, lanes) for every vector of `count` floats.
template <typename Body>
inline void ForEachVector(size_t count, const Body& body) {
  size_t offset = 0;
  for (; offset + kWide <= count; offset += kWide) body(std::true_type(), offset, kWide);
  if (offset < count) body(std::false_type(), offset, static_cast<int64_t>(count - offset));
}

// The layer of its own; a fused activation needs none.
class ActivationOperation final : public Operation {
 public:
  ActivationOperation(const LayerSpecification& layer, const Description& input)
      : activation_(layer.activation), count_(input.get_size() / sizeof(float)), output_(input) {}

  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    Activate(activation_, static_cast<float*>(call.output), static_cast<const float*>(call.input),
             count_);
  }

  void Backward(const BackwardCall& call) const override {
    if (!call.input_gradient) return;
    std::memcpy(call.input_gradient, call.output_gradient, count_ * sizeof(float));
    if (call.output)
      PassGradient(activation_, static_cast<float*>(call.input_gradient),
                   static_cast<const float*>(call.output), count_);
  }

 private:
  const Activation activation_;
  const size_t count_;  // padding included
  const Description output_;
};

}  // namespace

void Activate(Activation activation, float* destination, const float* source, size_t count) {
  ForEachVector(count, [=](auto whole, size_t offset, int64_t lanes) {
    constexpr bool kWhole = decltype(whole)::value;
    StoreLanes<kWide, kWhole>(
        destination + offset,
        Activate<kWide>(activation, LoadLanes<kWide, kWhole>(source + offset, lanes)), lanes);
  });
}

void PassGradient(Activation activation, float* gradient, const float* output, size_t count) {
  if (activation == Activation::kLinear) return;
  ForEachVector(count, [=](auto whole, size_t offset, int64_t lanes) {
    constexpr bool kWhole = decltype(whole)::value;
    StoreLanes<kWide, kWhole>(
        gradient + offset,
        PassGradient<kWide>(activation, LoadLanes<kWide, kWhole>(gradient + offset, lanes),
                            LoadLanes<kWide, kWhole>(output + offset, lanes)),
        lanes);
  });
}

void WriteMask(Activation activation, const ImageView& view, const float* output, uint8_t* mask) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float most = activation == Activation::kRelu6 ? 6.f : kInfinity;
  for (int64_t image = 0; image < view.images; ++image)
    for (int64_t group = 0; group < view.groups(); ++group) {
      const float* from = output + view.offset(image, group);
      uint8_t* to = mask + image * view.pixels * view.channels + group * view.width;
      const int64_t lanes = view.real_lanes(group);
      for (int64_t pixel = 0; pixel < view.pixels; ++pixel) {
        for (int64_t lane = 0; lane < lanes; ++lane)
          to[lane] = from[lane] > 0.f && from[lane] < most;
        from += view.pixel_stride;
        to += view.channels;
      }
    }
}

void PassMasked(const ImageView& view, float* gradient, const uint8_t* mask) {
  for (int64_t image = 0; image < view.images; ++image)
    for (int64_t group = 0; group < view.groups(); ++group) {
      float* to = gradient + view.offset(image, group);
      const uint8_t* from = mask + image * view.pixels * view.channels + group * view.width;
      const int64_t lanes = view.real_lanes(group);
      for (int64_t pixel = 0; pixel < view.pixels; ++pixel) {
        for (int64_t lane = 0; lane < lanes; ++lane) to[lane] = from[lane] ? to[lane] : 0.f;
        to += view.pixel_stride;
        from += view.channels;
      }
    }
}

std::unique_ptr<Operation> CreateActivation(const LayerSpecification& layer,
                                            const Binding& binding) {
  return std::make_unique<ActivationOperation>(layer, binding.input);
}

}  // namespace ferret
