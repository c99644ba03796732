// Drops values while learning: which, a hash of the layer's seed, the pass's number and the value's
// place in the batch tells, [sample, ...shape] with channels last whatever the format. The same as in
// the pipeline's model/dropout-mask.ts, to the bit. Extra, a bit a lane: whether it was let through.
#include <cmath>

#include "operation.h"

namespace ferret {
namespace {

constexpr int kLanes = 8;
typedef uint32_t Words __attribute__((vector_size(4 * kLanes)));

// A hash of 32 bits (Wellons 2018, github.com/skeeto/hash-prospector, "lowbias32").
template <typename Bits>
inline Bits Mix(Bits bits) {
  bits = (bits ^ (bits >> 16)) * 0x7feb352du;
  bits = (bits ^ (bits >> 15)) * 0x846ca68bu;
  return bits ^ (bits >> 16);
}

class Dropout final : public Operation {
 public:
  Dropout(const LayerSpecification& layer, const Binding& binding)
      : view_(ViewOf(binding.input, layer.input, binding.batch)),
        learns_(binding.mode == Mode::kLearn),
        count_(binding.input.get_size() / sizeof(float)),
        mask_bytes_(Align64((binding.batch * layer.input.padded_count() + 7) / 8)),
        seed_(layer.seed),
        threshold_(static_cast<uint32_t>(
            std::min(4294967295., std::floor(layer.rate * 4294967296. + .5)))),
        scale_(static_cast<float>(1 / (1 - layer.rate))),
        output_(binding.input) {}

  size_t extra_bytes() const override { return mask_bytes_; }
  size_t passing_bytes() const override { return 0; }
  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    const float* input = static_cast<const float*>(call.input);
    float* output = static_cast<float*>(call.output);
    if (!learns_) {
      std::memcpy(output, input, count_ * sizeof(float));
      return;
    }
    const uint32_t key = Mix(Mix(seed_ ^ static_cast<uint32_t>(call.draw)) +
                             static_cast<uint32_t>(call.draw >> 32));
    auto* mask = reinterpret_cast<uint8_t*>(call.extra);
    for (size_t offset = 0; offset < count_; offset += kLanes) {
      const uint8_t open = OpenLanes(key, PlaceOf(offset));
      if (call.saves) mask[offset / kLanes] = open;
      Pass(open, input + offset, output + offset, std::min<size_t>(kLanes, count_ - offset));
    }
  }

  void Backward(const BackwardCall& call) const override {
    if (!call.input_gradient) return;
    const auto* mask = reinterpret_cast<const uint8_t*>(call.extra);
    const float* from = static_cast<const float*>(call.output_gradient);
    float* to = static_cast<float*>(call.input_gradient);
    for (size_t offset = 0; offset < count_; offset += kLanes)
      Pass(mask[offset / kLanes], from + offset, to + offset,
           std::min<size_t>(kLanes, count_ - offset));
  }

 private:
  // Place in the batch of the first of 8 lanes; the others follow. Blocks hold 8 or 16 channels.
  uint32_t PlaceOf(size_t offset) const {
    if (!view_.blocked) return static_cast<uint32_t>(offset);
    const int64_t block = offset / view_.width, lane = offset % view_.width;
    const int64_t pixel = block % view_.pixels;
    const int64_t group = block / view_.pixels % view_.groups();
    const int64_t image = block / (view_.pixels * view_.groups());
    return static_cast<uint32_t>((image * view_.pixels + pixel) * view_.channels +
                                 group * view_.width + lane);
  }

  uint8_t OpenLanes(uint32_t key, uint32_t place) const {
    constexpr Words kStep = {0, 1, 2, 3, 4, 5, 6, 7};
    const Words hashes = Mix(key + (place + kStep) * 0x9e3779b9u);
    uint8_t bits = 0;
    for (int lane = 0; lane < kLanes; ++lane)
      bits |= static_cast<uint8_t>((hashes[lane] >= threshold_) << lane);
    return bits;
  }

  void Pass(uint8_t open, const float* from, float* to, size_t lanes) const {
    for (size_t lane = 0; lane < lanes; ++lane)
      to[lane] = from[lane] * (open >> lane & 1 ? scale_ : 0.f);
  }

  const ImageView view_;
  const bool learns_;
  const size_t count_, mask_bytes_;  // padding included
  const uint32_t seed_, threshold_;
  const float scale_;
  const Description output_;
};

}  // namespace

std::unique_ptr<Operation> CreateDropout(const LayerSpecification& layer, const Binding& binding) {
  return std::make_unique<Dropout>(layer, binding);
}

}  // namespace ferret
