// Largest value of each window, in the format in which the images come.
//
// Kept for the backward pass, an index a window: where in the window, row by row, the first of its
// largest values lies; or that no gradient passes there, since the activation of the layer before,
// whose output is not kept, is flat at that value.
#include <limits>

#include "pooling_windows.h"

namespace ferret {
namespace {

template <int W>
struct IndicesOf {
  typedef int32_t type __attribute__((vector_size(4 * W)));
};
template <int W>
using Indices = typename IndicesOf<W>::type;

// `Index` is the type that indices are kept in; its -1 stands for no gradient.
template <int W, typename Index>
class MaxPooling final : public Operation {
 public:
  MaxPooling(const LayerSpecification& layer, const Binding& binding, const Description& output)
      : layer_(layer),
        rectified_(binding.rectified),
        windows_(layer, binding.batch, binding.input, output),
        input_bytes_(binding.input.get_size()),
        winner_bytes_(Align64(binding.batch * layer.output.padded_count() * sizeof(Index))),
        output_(output) {}

  size_t extra_bytes() const override { return winner_bytes_; }
  size_t passing_bytes() const override { return 0; }
  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override {
    const float* input = static_cast<const float*>(call.input);
    float* output = static_cast<float*>(call.output);
    Index* winners = call.saves ? reinterpret_cast<Index*>(call.extra) : nullptr;
    windows_.ForEach([&](auto whole, const Place& place) {
      ForwardOf<decltype(whole)::value>(place, input, output, winners);
    });
  }

  void Backward(const BackwardCall& call) const override {
    if (!call.input_gradient) return;
    const float* output_gradient = static_cast<const float*>(call.output_gradient);
    float* input_gradient = static_cast<float*>(call.input_gradient);
    const Index* winners = reinterpret_cast<const Index*>(call.extra);
    std::memset(input_gradient, 0, input_bytes_);
    windows_.ForEach([&](auto whole, const Place& place) {
      BackwardOf<decltype(whole)::value>(place, output_gradient, winners, input_gradient);
    });
  }

 private:
  using Place = typename PoolingWindows<W>::Place;

  template <bool kWhole>
  void ForwardOf(const Place& place, const float* input, float* output, Index* winners) const {
    Vector<W> largest = Fill<W>(std::numeric_limits<float>::lowest());
    Indices<W> winner = {};
    winner += static_cast<int32_t>(place.first[0] * layer_.kernel[1] + place.first[1]);
    windows_.ForEachValue(place, [&](int32_t index, int64_t offset) {
      const Vector<W> value = LoadLanes<W, kWhole>(input + offset, place.lanes);
      const Indices<W> larger = value > largest;
      largest = larger ? value : largest;
      winner = larger ? Indices<W>{} + index : winner;
    });
    StoreLanes<W, kWhole>(output + place.to, largest, place.lanes);
    if (!winners) return;
    const Vector<W> zero = {};
    if (rectified_ != Activation::kLinear) winner = largest > zero ? winner : -1;
    if (rectified_ == Activation::kRelu6) winner = largest < zero + 6.f ? winner : -1;
    typedef Index Kept __attribute__((vector_size(sizeof(Index) * W)));
    const Kept kept = __builtin_convertvector(winner, Kept);
    std::memcpy(winners + place.to, &kept, kWhole ? sizeof kept : sizeof(Index) * place.lanes);
  }

  template <bool kWhole>
  void BackwardOf(const Place& place, const float* output_gradient, const Index* winners,
                  float* input_gradient) const {
    typedef Index Kept __attribute__((vector_size(sizeof(Index) * W)));
    Kept kept = {};
    std::memcpy(&kept, winners + place.to, kWhole ? sizeof kept : sizeof(Index) * place.lanes);
    const Indices<W> winner = __builtin_convertvector(kept, Indices<W>);
    const Vector<W> zero = {};
    const Vector<W> gradient = LoadLanes<W, kWhole>(output_gradient + place.to, place.lanes);
    windows_.ForEachValue(place, [&](int32_t index, int64_t offset) {
      const Vector<W> sum = LoadLanes<W, kWhole>(input_gradient + offset, place.lanes);
      StoreLanes<W, kWhole>(input_gradient + offset,
                            sum + (winner == Indices<W>{} + index ? gradient : zero),
                            place.lanes);
    });
  }

  const LayerSpecification layer_;
  const Activation rectified_;
  const PoolingWindows<W> windows_;
  const size_t input_bytes_, winner_bytes_;
  const Description output_;
};

template <int W>
std::unique_ptr<Operation> Create(const LayerSpecification& layer, const Binding& binding,
                                  const Description& output) {
  // A byte would hold 255 indices beside that for no gradient.
  if (layer.kernel[0] * layer.kernel[1] > 255)
    return std::make_unique<MaxPooling<W, int32_t>>(layer, binding, output);
  return std::make_unique<MaxPooling<W, uint8_t>>(layer, binding, output);
}

}  // namespace

std::unique_ptr<Operation> CreateMaxPooling(const LayerSpecification& layer,
                                            const Binding& binding) {
  const Description output = PooledTensor(layer, binding);
  if (ViewOf(binding.input, layer.input, binding.batch).width == 8)
    return Create<8>(layer, binding, output);
  return Create<16>(layer, binding, output);
}

}  // namespace ferret
