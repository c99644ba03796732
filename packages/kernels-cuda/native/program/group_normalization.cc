// Group normalisation: each group of channels of each image to mean 0 and variance 1, then each
// channel times gamma, plus beta, and the activation (Wu and He 2018, arXiv 1803.08494). A flat tensor
// counts as an image of one pixel.
#include <cmath>

#include "normalization.h"
#include "operation.h"

namespace ferret {
namespace {

// W channels are read at a time; which groups they are of is of no matter to that.
template <int W>
class GroupNormalization final : public Operation {
 public:
  GroupNormalization(const LayerSpecification& layer, const Binding& binding)
      : view_(ViewOf(binding.input, layer.input, binding.batch, W)),
        groups_(layer.groups),
        members_(view_.channels / groups_),
        epsilon_(layer.epsilon),
        activation_(layer.activation),
        output_(binding.input) {
    gamma_ = layer.scale ? parameter_count_ : -1;
    if (layer.scale) parameter_count_ += view_.channels;
    beta_ = layer.center ? parameter_count_ : -1;
    if (layer.center) parameter_count_ += view_.channels;
  }

  size_t parameter_count() const override { return parameter_count_; }
  // Mean and inverse deviation, [image][mean | inverse][groups], then gamma and beta, which with the
  // input make the output again.
  size_t extra_bytes() const override {
    return Align64(4 * (2 * view_.images * groups_ + 2 * view_.channels));
  }
  // Gradients at gamma and beta, and two sums a channel in double precision.
  size_t scratch_bytes() const override { return gradient_bytes() + sum_bytes(); }
  bool keeps_gradient() const override { return false; }
  bool keeps_input() const override { return true; }
  size_t pending_bytes() const override { return parameter_count_ > 0 ? gradient_bytes() : 0; }
  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    float* affine = Affine(call.extra);
    const int64_t channels = view_.channels;
    gamma_ < 0 ? std::fill_n(affine, channels, 1.f)
               : std::copy_n(call.parameters + gamma_, channels, affine);
    beta_ < 0 ? std::fill_n(affine + channels, channels, 0.f)
              : std::copy_n(call.parameters + beta_, channels, affine + channels);
    double* means = SumsIn(call.scratch);
    double* squares = means + channels;
    for (int64_t image = 0; image < view_.images; ++image) {
      ForEachLanes(image, [&](auto whole, const ImageSet& set) {
        constexpr bool kWhole = decltype(whole)::value;
        const float* x = static_cast<const float*>(call.input);
        const Vector<W> shift = LoadLanes<W, kWhole>(x + set.offset(0), set.lanes());
        const Sums<W> sums = ShiftedMoments<W, kWhole>(set, x, shift);
        for (int64_t lane = 0; lane < view_.real_lanes(set.group); ++lane) {
          const double distance = sums.first[lane] / view_.pixels;
          means[set.group * W + lane] = shift[lane] + distance;
          squares[set.group * W + lane] = sums.second[lane] - distance * sums.first[lane];
        }
      });
      float* statistics = Statistics(call.extra, image);
      for (int64_t group = 0; group < groups_; ++group) {
        double mean = 0, square = 0;
        for (int64_t member = 0; member < members_; ++member)
          mean += means[group * members_ + member] / members_;
        for (int64_t member = 0; member < members_; ++member) {
          const double apart = means[group * members_ + member] - mean;
          square += squares[group * members_ + member] + view_.pixels * apart * apart;
        }
        statistics[group] = static_cast<float>(mean);
        statistics[groups_ + group] = static_cast<float>(
            1 / std::sqrt(std::max(square, 0.) / (view_.pixels * members_) + epsilon_));
      }
    }
    MakeAgain(call.input, call.extra, call.output);
  }

  void MakeAgain(const void* input, const std::byte* extra, void* output) const override {
    for (int64_t image = 0; image < view_.images; ++image)
      ForEachLanes(image, [&](auto whole, const ImageSet& set) {
        const Channels own = ChannelsOf(extra, set);
        Normalize<W, decltype(whole)::value>(
            set, static_cast<const float*>(input), static_cast<float*>(output),
            own.normalized.scale, own.normalized.shift, own.normalized.activation);
      });
  }

  void Backward(const BackwardCall& call) const override {
    const int64_t channels = view_.channels;
    float* gradients =
        reinterpret_cast<float*>(call.pending && pending_bytes() ? call.pending : call.scratch);
    double* sums = SumsIn(call.scratch);
    double* products = sums + channels;
    const float* x = static_cast<const float*>(call.input);
    const float* dy = static_cast<const float*>(call.output_gradient);
    std::fill_n(gradients, 2 * channels, 0.f);
    for (int64_t image = 0; image < view_.images; ++image) {
      const float* inverse = Statistics(const_cast<std::byte*>(call.extra), image) + groups_;
      ForEachLanes(image, [&](auto whole, const ImageSet& set) {
        Channels own = ChannelsOf(call.extra, set);
        if (call.past_activation) own.normalized.activation = Activation::kLinear;
        const Sums<W> found =
            GradientSums<W, decltype(whole)::value>(set, x, dy, own.mean, own.normalized);
        for (int64_t lane = 0; lane < view_.real_lanes(set.group); ++lane) {
          const int64_t channel = set.group * W + lane;
          sums[channel] = found.first[lane];
          products[channel] = found.second[lane] * inverse[channel / members_];
          gradients[channel] += static_cast<float>(products[channel]);
          gradients[channels + channel] += static_cast<float>(sums[channel]);
        }
      });
      if (!call.input_gradient) continue;
      // From here on each channel's are those of its group, of the gradient times gamma, as means.
      for (int64_t group = 0; group < groups_; ++group) {
        double sum = 0, product = 0;
        for (int64_t channel = group * members_; channel < (group + 1) * members_; ++channel) {
          const double factor = gamma_ < 0 ? 1 : call.parameters[gamma_ + channel];
          sum += factor * sums[channel];
          product += factor * products[channel];
        }
        const double count = static_cast<double>(view_.pixels * members_);
        for (int64_t channel = group * members_; channel < (group + 1) * members_; ++channel) {
          sums[channel] = sum / count;
          products[channel] = product / count;
        }
      }
      ForEachLanes(image, [&](auto whole, const ImageSet& set) {
        Channels own = ChannelsOf(call.extra, set);
        if (call.past_activation) own.normalized.activation = Activation::kLinear;
        // dx = inverse (gamma dy - mean(gamma dy) - x^ mean(gamma dy x^))
        Vector<W> by_dy = {}, by_x = {}, shift = {};
        for (int64_t lane = 0; lane < view_.real_lanes(set.group); ++lane) {
          const int64_t channel = set.group * W + lane;
          const float deviation = inverse[channel / members_];
          by_dy[lane] = deviation * (gamma_ < 0 ? 1 : call.parameters[gamma_ + channel]);
          by_x[lane] = static_cast<float>(-products[channel]) * deviation * deviation;
          shift[lane] = static_cast<float>(-sums[channel]) * deviation - by_x[lane] * own.mean[lane];
        }
        InputGradient<W, decltype(whole)::value>(set, x, dy,
                                                 static_cast<float*>(call.input_gradient), by_dy,
                                                 by_x, shift, own.normalized);
      });
    }
    if (call.sink) Put(gradients, call.sink);
  }

  void BackwardWeights(const WeightsCall& call) const override {
    Put(reinterpret_cast<const float*>(call.pending), call.sink);
  }

 private:
  // What a group of lanes needs to know; zero where a lane stands for no channel.
  struct Channels {
    Vector<W> mean;
    Normalized<W> normalized;
  };

  Channels ChannelsOf(const std::byte* extra, const ImageSet& set) const {
    const float* statistics = Statistics(const_cast<std::byte*>(extra), set.first);
    const float* affine = Affine(const_cast<std::byte*>(extra));
    Vector<W> mean = {}, scale = {}, shift = {};
    for (int64_t lane = 0; lane < view_.real_lanes(set.group); ++lane) {
      const int64_t channel = set.group * W + lane, group = channel / members_;
      mean[lane] = statistics[group];
      scale[lane] = statistics[groups_ + group] * affine[channel];
      shift[lane] = affine[view_.channels + channel] - mean[lane] * scale[lane];
    }
    return {mean, {scale, shift, activation_}};
  }

  void Put(const float* gradients, ParameterSink sink) const {
    const int64_t channels = view_.channels;
    sink = sink.For(Largest(gradients, 2 * channels));
    if (!sink) return;
    if (gamma_ >= 0) sink.Put(gamma_, gradients, channels);
    if (beta_ >= 0) sink.Put(beta_, gradients + channels, channels);
  }

  // body(kWhole, set) for every W channels of an image.
  template <typename Body>
  void ForEachLanes(int64_t image, const Body& body) const {
    for (int64_t group = 0; group < view_.groups(); ++group) {
      const ImageSet set = {&view_, image, 1, group};
      if (set.lanes() == W)
        body(std::true_type(), set);
      else
        body(std::false_type(), set);
    }
  }

  size_t gradient_bytes() const { return Align64(4 * 4 * view_.channels); }
  size_t sum_bytes() const { return Align64(8 * 2 * view_.channels + sizeof(double)); }
  double* SumsIn(std::byte* scratch) const {
    // Bytes lie at multiples of 4.
    const auto place = reinterpret_cast<uintptr_t>(scratch + gradient_bytes());
    return reinterpret_cast<double*>((place + alignof(double) - 1) / alignof(double) *
                                     alignof(double));
  }
  float* Affine(std::byte* extra) const {
    return reinterpret_cast<float*>(extra) + 2 * view_.images * groups_;
  }
  float* Statistics(std::byte* extra, int64_t image) const {
    return reinterpret_cast<float*>(extra) + 2 * image * groups_;
  }

  const ImageView view_;
  const int64_t groups_, members_;
  const float epsilon_;
  const Activation activation_;
  const Description output_;
  // Offsets in the parameters; -1: there is none.
  int64_t gamma_, beta_, parameter_count_ = 0;
};

}  // namespace

std::unique_ptr<Operation> CreateGroupNormalization(const LayerSpecification& layer,
                                                    const Binding& binding) {
  if (ViewOf(binding.input, layer.input, binding.batch).width == 8)
    return std::make_unique<GroupNormalization<8>>(layer, binding);
  return std::make_unique<GroupNormalization<16>>(layer, binding);
}

}  // namespace ferret
