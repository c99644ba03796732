// Layer normalisation: the channels of each sample, of an image those of each pixel by themselves, to
// mean 0 and variance 1, then times gamma, plus beta (Ba et al. 2016, arXiv 1607.06450). Its
// activation is the chain's business.
#include <cmath>

#include "operation.h"
#include "../simd.h"

namespace ferret {
namespace {

// W channels are read at a time.
template <int W>
class LayerNormalization final : public Operation {
 public:
  LayerNormalization(const LayerSpecification& layer, const Binding& binding)
      : view_(ViewOf(binding.input, layer.input, binding.batch, W)),
        rows_(view_.images * view_.pixels),
        epsilon_(layer.epsilon),
        output_(binding.input) {
    gamma_ = layer.scale ? parameter_count_ : -1;
    if (layer.scale) parameter_count_ += view_.channels;
    beta_ = layer.center ? parameter_count_ : -1;
    if (layer.center) parameter_count_ += view_.channels;
  }

  size_t parameter_count() const override { return parameter_count_; }
  // Mean and inverse deviation of each row, then gamma and beta, which with the input make the output
  // again.
  size_t extra_bytes() const override { return Align64(4 * (2 * rows_ + 2 * view_.channels)); }
  // The gradients at gamma and beta, and those of the present image.
  size_t scratch_bytes() const override { return Align64(4 * 4 * view_.channels); }
  bool keeps_gradient() const override { return false; }
  bool keeps_input() const override { return true; }
  size_t pending_bytes() const override { return parameter_count_ > 0 ? scratch_bytes() : 0; }
  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    float* affine = Affine(call.extra);
    const int64_t channels = view_.channels;
    gamma_ < 0 ? std::fill_n(affine, channels, 1.f)
               : std::copy_n(call.parameters + gamma_, channels, affine);
    beta_ < 0 ? std::fill_n(affine + channels, channels, 0.f)
              : std::copy_n(call.parameters + beta_, channels, affine + channels);
    float* statistics = reinterpret_cast<float*>(call.extra);
    const float* x = static_cast<const float*>(call.input);
    ForEachRow([&](int64_t image, int64_t pixel) {
      float* own = statistics + 2 * (image * view_.pixels + pixel);
      Vector<W> sum = {}, square = {};
      ForEachGroup(image, pixel, [&](int64_t offset, int64_t, int64_t lanes) {
        sum += LoadFirst<W>(x + offset, lanes);
      });
      own[0] = Sum<W>(sum) / view_.channels;
      ForEachGroup(image, pixel, [&](int64_t offset, int64_t, int64_t lanes) {
        const Vector<W> distance = First(LoadFirst<W>(x + offset, lanes) - own[0], lanes);
        square += distance * distance;
      });
      own[1] = 1 / std::sqrt(Sum<W>(square) / view_.channels + epsilon_);
    });
    MakeAgain(call.input, call.extra, call.output);
  }

  void MakeAgain(const void* input, const std::byte* extra, void* output) const override {
    const float* x = static_cast<const float*>(input);
    float* y = static_cast<float*>(output);
    const float* statistics = reinterpret_cast<const float*>(extra);
    const float* gamma = Affine(const_cast<std::byte*>(extra));
    const float* beta = gamma + view_.channels;
    ForEachRow([&](int64_t image, int64_t pixel) {
      const float* own = statistics + 2 * (image * view_.pixels + pixel);
      ForEachGroup(image, pixel, [&](int64_t offset, int64_t channel, int64_t lanes) {
        // Lanes that stand for no channel stay zero: gamma and beta are zero there.
        const Vector<W> value = (LoadFirst<W>(x + offset, lanes) - own[0]) * own[1];
        StoreFirst<W>(y + offset,
                      value * LoadFirst<W>(gamma + channel, lanes) +
                          LoadFirst<W>(beta + channel, lanes),
                      std::min<int64_t>(W, view_.lanes(channel / W)));
      });
    });
  }

  void Backward(const BackwardCall& call) const override {
    const int64_t channels = view_.channels;
    float* gradients =
        reinterpret_cast<float*>(call.pending && pending_bytes() ? call.pending : call.scratch);
    float* of_image = gradients + 2 * channels;
    std::fill_n(gradients, 2 * channels, 0.f);
    const float* x = static_cast<const float*>(call.input);
    const float* dy = static_cast<const float*>(call.output_gradient);
    float* dx = static_cast<float*>(call.input_gradient);
    const float* statistics = reinterpret_cast<const float*>(call.extra);
    const float* parameters = call.parameters;
    const auto gamma = [&](int64_t channel, int64_t lanes) {
      return gamma_ < 0 ? First(Fill<W>(1.f), lanes)
                        : LoadFirst<W>(parameters + gamma_ + channel, lanes);
    };
    for (int64_t image = 0; image < view_.images; ++image) {
      // Sums of an image first: they stay exact for longer.
      std::fill_n(of_image, 2 * channels, 0.f);
      for (int64_t pixel = 0; pixel < view_.pixels; ++pixel) {
        const float* own = statistics + 2 * (image * view_.pixels + pixel);
        Vector<W> sum = {}, product = {};
        ForEachGroup(image, pixel, [&](int64_t offset, int64_t channel, int64_t lanes) {
          const Vector<W> value = (LoadFirst<W>(x + offset, lanes) - own[0]) * own[1];
          const Vector<W> change = LoadFirst<W>(dy + offset, lanes);
          AddFirst(of_image + channel, change * value, lanes);
          AddFirst(of_image + channels + channel, change, lanes);
          const Vector<W> scaled = change * gamma(channel, lanes);
          sum += scaled;
          product += scaled * value;
        });
        if (!dx) continue;
        const float mean_sum = Sum<W>(sum) / channels, mean_product = Sum<W>(product) / channels;
        ForEachGroup(image, pixel, [&](int64_t offset, int64_t channel, int64_t lanes) {
          const Vector<W> value = (LoadFirst<W>(x + offset, lanes) - own[0]) * own[1];
          const Vector<W> scaled = LoadFirst<W>(dy + offset, lanes) * gamma(channel, lanes);
          StoreFirst<W>(dx + offset,
                        First(own[1] * (scaled - mean_sum - value * mean_product), lanes),
                        std::min<int64_t>(W, view_.lanes(channel / W)));
        });
      }
      for (int64_t channel = 0; channel < 2 * channels; ++channel)
        gradients[channel] += of_image[channel];
    }
    if (call.sink) Put(gradients, call.sink);
  }

  void BackwardWeights(const WeightsCall& call) const override {
    Put(reinterpret_cast<const float*>(call.pending), call.sink);
  }

 private:
  void Put(const float* gradients, ParameterSink sink) const {
    const int64_t channels = view_.channels;
    sink = sink.For(Largest(gradients, 2 * channels));
    if (!sink) return;
    if (gamma_ >= 0) sink.Put(gamma_, gradients, channels);
    if (beta_ >= 0) sink.Put(beta_, gradients + channels, channels);
  }

  template <typename Body>
  void ForEachRow(const Body& body) const {
    for (int64_t image = 0; image < view_.images; ++image)
      for (int64_t pixel = 0; pixel < view_.pixels; ++pixel) body(image, pixel);
  }

  // body(offset, first channel, lanes that stand for a channel) for every W channels of a row.
  template <typename Body>
  void ForEachGroup(int64_t image, int64_t pixel, const Body& body) const {
    for (int64_t group = 0; group < view_.groups(); ++group)
      body(view_.offset(image, group) + pixel * view_.pixel_stride, group * W,
           view_.real_lanes(group));
  }

  // The first lanes of a value, the others zero.
  static Vector<W> First(Vector<W> value, int64_t lanes) {
    for (int64_t lane = lanes; lane < W; ++lane) value[lane] = 0;
    return value;
  }
  static void AddFirst(float* target, Vector<W> value, int64_t lanes) {
    StoreFirst<W>(target, LoadFirst<W>(target, lanes) + value, lanes);
  }

  float* Affine(std::byte* extra) const { return reinterpret_cast<float*>(extra) + 2 * rows_; }

  const ImageView view_;
  const int64_t rows_;
  const float epsilon_;
  const Description output_;
  // Offsets in the parameters; -1: there is none.
  int64_t gamma_, beta_, parameter_count_ = 0;
};

}  // namespace

std::unique_ptr<Operation> CreateLayerNormalization(const LayerSpecification& layer,
                                                    const Binding& binding) {
  // Channels last are read as wide as the blocks would be that images have inside a stage here, so that
  // sums come out the same wherever the stage is cut.
  const ImageView view = ViewOf(binding.input, layer.input, binding.batch, UsualBlock());
  if (view.width == 8)
    return std::make_unique<LayerNormalization<8>>(layer, binding);
  return std::make_unique<LayerNormalization<16>>(layer, binding);
}

}  // namespace ferret
