// Largest value of each window, in the format in which the images come.
//
// Kept for the backward pass, an index a window: where in the window, row by row, the first of its
// largest values lies; or that no gradient passes there, since the activation of the layer before,
// whose output is not kept, is flat at that value.
#include <limits>

#include "operation.h"

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
        from_(ViewOf(binding.input, layer.input, binding.batch, W)),
        to_(ViewOf(output, layer.output, binding.batch, W)),
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
    ForEachWindow([&](auto whole, const Place& place) {
      ForwardOf<decltype(whole)::value>(place, input, output, winners);
    });
  }

  void Backward(const BackwardCall& call) const override {
    if (!call.input_gradient) return;
    const float* output_gradient = static_cast<const float*>(call.output_gradient);
    float* input_gradient = static_cast<float*>(call.input_gradient);
    const Index* winners = reinterpret_cast<const Index*>(call.extra);
    std::memset(input_gradient, 0, input_bytes_);
    ForEachWindow([&](auto whole, const Place& place) {
      BackwardOf<decltype(whole)::value>(place, output_gradient, winners, input_gradient);
    });
  }

 private:
  // A window at a group of channels. It may begin before the image: `first` to `end` are the rows
  // and columns of the window that lie on it.
  struct Place {
    int64_t lanes;
    int64_t from;  // the window's corner in the input
    int64_t to;    // its value in the output
    int64_t first[2], end[2];
  };

  template <typename Body>
  void ForEachWindow(const Body& body) const {
    Place place;
    for (int64_t image = 0; image < from_.images; ++image)
      for (int64_t group = 0; group < from_.groups(); ++group) {
        place.lanes = from_.lanes(group);
        place.to = to_.offset(image, group);
        for (int64_t row = 0; row < layer_.output.height; ++row) {
          const int64_t top = Cover(place, 0, row, layer_.input.height);
          for (int64_t column = 0; column < layer_.output.width; ++column) {
            const int64_t left = Cover(place, 1, column, layer_.input.width);
            place.from = from_.offset(image, group) +
                         (top * layer_.input.width + left) * from_.pixel_stride;
            if (place.lanes == W)
              body(std::true_type(), place);
            else
              body(std::false_type(), place);
            place.to += to_.pixel_stride;
          }
        }
      }
  }

  // Where a window begins along an axis.
  int64_t Cover(Place& place, int axis, int64_t step, int64_t length) const {
    const int64_t begin = step * layer_.strides[axis] - layer_.before[axis];
    place.first[axis] = std::max<int64_t>(0, -begin);
    place.end[axis] = std::min(layer_.kernel[axis], length - begin);
    return begin;
  }

  // body(index in the window, offset in the input)
  template <typename Body>
  void ForEachValue(const Place& place, const Body& body) const {
    for (int64_t row = place.first[0]; row < place.end[0]; ++row)
      for (int64_t column = place.first[1]; column < place.end[1]; ++column)
        body(static_cast<int32_t>(row * layer_.kernel[1] + column),
             place.from + (row * layer_.input.width + column) * from_.pixel_stride);
  }

  template <bool kWhole>
  void ForwardOf(const Place& place, const float* input, float* output, Index* winners) const {
    Vector<W> largest = Fill<W>(std::numeric_limits<float>::lowest());
    Indices<W> winner = {};
    winner += static_cast<int32_t>(place.first[0] * layer_.kernel[1] + place.first[1]);
    ForEachValue(place, [&](int32_t index, int64_t offset) {
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
    ForEachValue(place, [&](int32_t index, int64_t offset) {
      const Vector<W> sum = LoadLanes<W, kWhole>(input_gradient + offset, place.lanes);
      StoreLanes<W, kWhole>(input_gradient + offset,
                            sum + (winner == Indices<W>{} + index ? gradient : zero),
                            place.lanes);
    });
  }

  const LayerSpecification layer_;
  const Activation rectified_;
  const ImageView from_, to_;
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
  const ImageView view = ViewOf(binding.input, layer.input, binding.batch);
  const Dims dims = {binding.batch, layer.output.channels, layer.output.height,
                     layer.output.width};
  if (!view.blocked) return Create<16>(layer, binding, PlainTensor(layer.output, binding.batch));
  if (view.width == 8) return Create<8>(layer, binding, FloatTensor(dims, Tag::nChw8c));
  return Create<16>(layer, binding, FloatTensor(dims, Tag::nChw16c));
}

}  // namespace ferret
