// The windows of a pooling, one after the other at each group of channels.
#pragma once

#include "operation.h"

namespace ferret {

template <int W>
class PoolingWindows {
 public:
  PoolingWindows(const LayerSpecification& layer, int64_t batch, const Description& input,
                 const Description& output)
      : layer_(layer),
        from_(ViewOf(input, layer.input, batch, W)),
        to_(ViewOf(output, layer.output, batch, W)) {}

  // A window at a group of channels. It may begin before the image: `first` to `end` are the rows
  // and columns of the window that lie on it.
  struct Place {
    int64_t lanes;
    int64_t from;  // the window's corner in the input
    int64_t to;    // its value in the output
    int64_t first[2], end[2];

    // Values of the window that lie on the image.
    int64_t count() const { return (end[0] - first[0]) * (end[1] - first[1]); }
  };

  // body(std::bool_constant: whether all lanes exist, place)
  template <typename Body>
  void ForEach(const Body& body) const {
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

  // body(index in the window, row by row, offset in the input)
  template <typename Body>
  void ForEachValue(const Place& place, const Body& body) const {
    for (int64_t row = place.first[0]; row < place.end[0]; ++row)
      for (int64_t column = place.first[1]; column < place.end[1]; ++column)
        body(static_cast<int32_t>(row * layer_.kernel[1] + column),
             place.from + (row * layer_.input.width + column) * from_.pixel_stride);
  }

 private:
  // Where a window begins along an axis.
  int64_t Cover(Place& place, int axis, int64_t step, int64_t length) const {
    const int64_t begin = step * layer_.strides[axis] - layer_.before[axis];
    place.first[axis] = std::max<int64_t>(0, -begin);
    place.end[axis] = std::min(layer_.kernel[axis], length - begin);
    return begin;
  }

  const LayerSpecification layer_;
  const ImageView from_, to_;
};

// The output of a pooling that takes over the input's format.
inline Description PooledTensor(const LayerSpecification& layer, const Binding& binding) {
  const ImageView view = ViewOf(binding.input, layer.input, binding.batch);
  if (!view.blocked) return PlainTensor(layer.output, binding.batch);
  const Dims dims = {binding.batch, layer.output.channels, layer.output.height,
                     layer.output.width};
  return FloatTensor(dims, view.width == 8 ? Tag::nChw8c : Tag::nChw16c);
}

}  // namespace ferret
