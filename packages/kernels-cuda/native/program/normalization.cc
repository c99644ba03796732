// Batch and instance normalisation: y = activation(gamma (x - mean) / sqrt(variance + epsilon) +
// beta), with the biased statistics of the batch (learning), the moving ones (predicting), or
// those of each image (instance).
#include "normalization.h"

#include <cmath>

#include "operation.h"

namespace ferret {
namespace {

template <int W>
class Normalization final : public Operation {
 public:
  Normalization(const LayerSpecification& layer, const Binding& binding)
      : view_(ViewOf(binding.input, layer.input, binding.batch, W)),
        batch_wide_(layer.kind == LayerSpecification::kBatchNormalization),
        moving_(batch_wide_ && binding.mode == Mode::kPredict),
        sets_(batch_wide_ ? 1 : view_.images),
        epsilon_(layer.epsilon),
        rate_(static_cast<float>(1 - layer.momentum)),
        activation_(layer.activation),
        output_(binding.input) {
    gamma_ = layer.scale ? parameter_count_ : -1;
    if (layer.scale) parameter_count_ += view_.channels;
    beta_ = layer.center ? parameter_count_ : -1;
    if (layer.center) parameter_count_ += view_.channels;
    statistics_ = parameter_count_;
    if (batch_wide_) parameter_count_ += 2 * view_.channels;
  }

  size_t parameter_count() const override { return parameter_count_; }
  // Mean and inverse deviation, [set][mean | inverse][channels], then gamma and beta as they were,
  // which with the input make the output again.
  size_t extra_bytes() const override { return Align64(4 * (2 * sets_ + 2) * view_.channels); }
  // Gradients at gamma, beta and both moving statistics.
  size_t scratch_bytes() const override { return Align64(4 * 4 * view_.channels); }
  // The pass for the input computes these gradients anyway; they are few, so they wait themselves.
  bool keeps_gradient() const override { return false; }
  // For its output, which a layer behind may be going to read.
  bool keeps_input() const override { return true; }
  size_t pending_bytes() const override { return parameter_count_ > 0 ? scratch_bytes() : 0; }
  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    if (call.saves) {
      float* affine = Affine(call.extra);
      const int64_t channels = view_.channels;
      gamma_ < 0 ? std::fill_n(affine, channels, 1.f)
                 : std::copy_n(call.parameters + gamma_, channels, affine);
      beta_ < 0 ? std::fill_n(affine + channels, channels, 0.f)
                : std::copy_n(call.parameters + beta_, channels, affine + channels);
    }
    ForEachSet([&](auto whole, const ImageSet& set) {
      ForwardOf<decltype(whole)::value>(call, set);
    });
  }

  void MakeAgain(const void* input, const std::byte* extra, void* output) const override {
    ForEachSet([&](auto whole, const ImageSet& set) {
      const auto [scale, shift, activation] = NormalizedOf(extra, set);
      Normalize<W, decltype(whole)::value>(set, static_cast<const float*>(input),
                                           static_cast<float*>(output), scale, shift, activation);
    });
  }

  void Backward(const BackwardCall& call) const override {
    float* gradients =
        reinterpret_cast<float*>(call.pending && pending_bytes() ? call.pending : call.scratch);
    std::memset(gradients, 0, 4 * 2 * view_.channels);
    ForEachSet([&](auto whole, const ImageSet& set) {
      BackwardOf<decltype(whole)::value>(call, set, gradients);
    });
    if (call.sink) Put(gradients, call.sink);
  }

  void BackwardWeights(const WeightsCall& call) const override {
    Put(reinterpret_cast<const float*>(call.pending), call.sink);
  }

 private:
  void Put(const float* gradients, ParameterSink sink) const {
    const int64_t channels = view_.channels;
    sink = sink.For(Largest(gradients, (batch_wide_ ? 4 : 2) * channels));
    if (!sink) return;
    if (gamma_ >= 0) sink.Put(gamma_, gradients, channels);
    if (beta_ >= 0) sink.Put(beta_, gradients + channels, channels);
    if (batch_wide_) sink.PutAtRate(statistics_, gradients + 2 * channels, 2 * channels, rate_);
  }

  template <typename Body>
  void ForEachSet(const Body& body) const {
    for (int64_t first = 0; first < view_.images; first += view_.images / sets_)
      for (int64_t group = 0; group < view_.groups(); ++group) {
        const ImageSet set = {&view_, first, view_.images / sets_, group};
        if (set.lanes() == W)
          body(std::true_type(), set);
        else
          body(std::false_type(), set);
      }
  }

  // A value a channel of the set's group; lanes without a channel are zero.
  Vector<W> Channels(const float* values, const ImageSet& set) const {
    return LoadFirst<W>(values + set.group * W, view_.real_lanes(set.group));
  }
  void StoreChannels(float* values, const ImageSet& set, Vector<W> value) const {
    StoreFirst<W>(values + set.group * W, value, view_.real_lanes(set.group));
  }
  Vector<W> Gamma(const float* parameters, const ImageSet& set) const {
    const Vector<W> one = Fill<W>(1.f);
    return gamma_ < 0 ? one : Channels(parameters + gamma_, set);
  }

  template <bool kWhole>
  void ForwardOf(const ForwardCall& call, const ImageSet& set) const {
    const float* x = static_cast<const float*>(call.input);
    float* statistics = Statistics(call.extra, set);
    Vector<W> mean, inverse;
    if (moving_) {
      const float* kept = call.parameters + statistics_;
      mean = Channels(kept, set);
      const Vector<W> variance = Channels(kept + view_.channels, set);
      for (int lane = 0; lane < W; ++lane)
        inverse[lane] = 1.f / std::sqrt(variance[lane] + epsilon_);
    } else {
      const Vector<W> shift = LoadLanes<W, kWhole>(x + set.offset(0), set.lanes());
      const Sums<W> sums = ShiftedMoments<W, kWhole>(set, x, shift);
      for (int lane = 0; lane < W; ++lane) {
        const double distance = sums.first[lane] / set.values();
        const double variance = sums.second[lane] / set.values() - distance * distance;
        mean[lane] = static_cast<float>(shift[lane] + distance);
        inverse[lane] = static_cast<float>(1 / std::sqrt(std::max(variance, 0.) + epsilon_));
      }
    }
    StoreChannels(statistics, set, mean);
    StoreChannels(statistics + view_.channels, set, inverse);
    // Lanes without a channel stay zero: gamma and beta are zero there.
    Vector<W> gamma = Gamma(call.parameters, set);
    for (int lane = view_.real_lanes(set.group); lane < W; ++lane) gamma[lane] = mean[lane] = 0;
    const Vector<W> beta = beta_ < 0 ? Vector<W>{} : Channels(call.parameters + beta_, set);
    const auto [scale, shift, activation] = NormalizedOf(mean, inverse, gamma, beta);
    Normalize<W, kWhole>(set, x, static_cast<float*>(call.output), scale, shift, activation);
  }

  template <bool kWhole>
  void BackwardOf(const BackwardCall& call, const ImageSet& set, float* gradients) const {
    const float* x = static_cast<const float*>(call.input);
    const float* dy = static_cast<const float*>(call.output_gradient);
    Normalized<W> normalized = NormalizedOf(call.extra, set);
    if (call.past_activation) normalized.activation = Activation::kLinear;
    const float* statistics = Statistics(const_cast<std::byte*>(call.extra), set);
    const Vector<W> mean = Channels(statistics, set);
    const Vector<W> inverse = Channels(statistics + view_.channels, set);
    const Sums<W> sums = GradientSums<W, kWhole>(set, x, dy, mean, normalized);
    Vector<W> sum, product;
    for (int lane = 0; lane < W; ++lane) {
      sum[lane] = static_cast<float>(sums.first[lane]);
      product[lane] = static_cast<float>(sums.second[lane]);
    }
    StoreChannels(gradients, set, Channels(gradients, set) + product * inverse);
    float* betas = gradients + view_.channels;
    StoreChannels(betas, set, Channels(betas, set) + sum);
    if (batch_wide_) {
      const float* kept = call.parameters + statistics_;
      const Vector<W> variance = 1.f / (inverse * inverse) - epsilon_;
      StoreChannels(betas + view_.channels, set, Channels(kept, set) - mean);
      StoreChannels(betas + 2 * view_.channels, set,
                    Channels(kept + view_.channels, set) - variance);
    }
    if (!call.input_gradient) return;
    const float share = 1.f / set.values();
    const Vector<W> by_dy = Gamma(call.parameters, set) * inverse;
    const Vector<W> by_x = -by_dy * inverse * inverse * product * share;
    const Vector<W> shift = -by_dy * sum * share - by_x * mean;
    InputGradient<W, kWhole>(set, x, dy, static_cast<float*>(call.input_gradient), by_dy, by_x,
                             shift, normalized);
  }

  Normalized<W> NormalizedOf(Vector<W> mean, Vector<W> inverse, Vector<W> gamma,
                             Vector<W> beta) const {
    const Vector<W> scale = inverse * gamma;
    Vector<W> shift = -mean * scale;
    if (beta_ >= 0) shift += beta;
    return {scale, shift, activation_};
  }
  // From what a forward pass has kept.
  Normalized<W> NormalizedOf(const std::byte* extra, const ImageSet& set) const {
    std::byte* kept = const_cast<std::byte*>(extra);
    const float* statistics = Statistics(kept, set);
    const float* affine = Affine(kept);
    return NormalizedOf(Channels(statistics, set), Channels(statistics + view_.channels, set),
                        Channels(affine, set), Channels(affine + view_.channels, set));
  }

  float* Affine(std::byte* extra) const {
    return reinterpret_cast<float*>(extra) + 2 * sets_ * view_.channels;
  }
  float* Statistics(std::byte* extra, const ImageSet& set) const {
    const int64_t index = batch_wide_ ? 0 : set.first;
    return reinterpret_cast<float*>(extra) + 2 * index * view_.channels;
  }

  const ImageView view_;
  const bool batch_wide_, moving_;
  const int64_t sets_;
  const float epsilon_, rate_;
  const Activation activation_;
  const Description output_;
  // Offsets in the parameters; -1: there is none.
  int64_t gamma_, beta_, statistics_, parameter_count_ = 0;
};

}  // namespace

std::unique_ptr<Operation> CreateNormalization(const LayerSpecification& layer,
                                               const Binding& binding) {
  if (ViewOf(binding.input, layer.input, binding.batch).width == 8)
    return std::make_unique<Normalization<8>>(layer, binding);
  return std::make_unique<Normalization<16>>(layer, binding);
}

}  // namespace ferret
