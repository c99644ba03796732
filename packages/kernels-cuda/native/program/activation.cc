#include "activation.h"

#include <limits>

#include "curve.h"
#include "operation.h"

namespace ferret {
namespace {

constexpr int kWide = 16;

// One bit a lane.
typedef int32_t Bits __attribute__((vector_size(4 * kWide)));
constexpr Bits kBits = {1,      1 << 1, 1 << 2,  1 << 3,  1 << 4,  1 << 5,  1 << 6,  1 << 7,
                        1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15};

// A bit for each lane that lies between zero and `most`.
inline uint16_t OpenLanes(Vector<kWide> value, Vector<kWide> most) {
#if defined(__AVX512F__)
  return _mm512_cmp_ps_mask(value, Vector<kWide>{}, _CMP_GT_OQ) &
         _mm512_cmp_ps_mask(value, most, _CMP_LT_OQ);
#else
  const Bits open = (value > Vector<kWide>{}) & (value < most) & kBits;
  int32_t bits = 0;
  for (int lane = 0; lane < kWide; ++lane) bits |= open[lane];
  return static_cast<uint16_t>(bits);
#endif
}

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

// The layer of an activation whose derivative is told from its input.
class Gelu final : public Operation {
 public:
  explicit Gelu(const Description& input)
      : count_(input.get_size() / sizeof(float)), output_(input) {}

  bool keeps_gradient() const override { return false; }
  // For its output, which a layer behind may be going to read.
  bool keeps_input() const override { return true; }
  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    MakeAgain(call.input, call.extra, call.output);
  }

  void MakeAgain(const void* input, const std::byte*, void* output) const override {
    Bend({Activation::kGelu, 0}, static_cast<float*>(output), static_cast<const float*>(input),
         count_);
  }

  void Backward(const BackwardCall& call) const override {
    if (!call.input_gradient) return;
    float* gradient = static_cast<float*>(call.output_gradient);
    PassGelu(gradient, static_cast<const float*>(call.input), count_);
    std::memcpy(call.input_gradient, gradient, count_ * sizeof(float));
  }

 private:
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

void WriteMask(Activation activation, const float* output, uint16_t* mask, size_t count) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Vector<kWide> most = Fill<kWide>(activation == Activation::kRelu6 ? 6.f : kInfinity);
  ForEachVector(count, [=](auto whole, size_t offset, int64_t lanes) {
    const Vector<kWide> value = LoadLanes<kWide, decltype(whole)::value>(output + offset, lanes);
    mask[offset / kWide] = OpenLanes(value, most);
  });
}

void PassMasked(float* gradient, const uint16_t* mask, size_t count, float closed) {
  ForEachVector(count, [=](auto whole, size_t offset, int64_t lanes) {
    constexpr bool kWhole = decltype(whole)::value;
    const Bits open = (Bits{} + mask[offset / kWide]) & kBits;
    const Vector<kWide> value = LoadLanes<kWide, kWhole>(gradient + offset, lanes);
    const Vector<kWide> other = closed == 0 ? Vector<kWide>{} : closed * value;
    StoreLanes<kWide, kWhole>(gradient + offset, open != 0 ? value : other, lanes);
  });
}

std::unique_ptr<Operation> CreateActivation(const LayerSpecification& layer,
                                            const Binding& binding) {
  if (layer.activation == Activation::kGelu) return std::make_unique<Gelu>(binding.input);
  return std::make_unique<ActivationOperation>(layer, binding.input);
}

}  // namespace ferret
