// The transforms of images, tile by tile.
#include "winograd.h"

#include "winograd_transform.h"

namespace ferret {

using namespace winograd;

namespace {

// Reads kSize x kSize pixels of one channel block from (row, column), zeros outside the image.
template <int kSize>
inline void LoadPatch(const float* image, int64_t height, int64_t width, int64_t row,
                      int64_t column, V* patch) {
  if (row >= 0 && row + kSize <= height && column >= 0 && column + kSize <= width) {
    const float* from = image + (row * width + column) * kLanes;
    for (int i = 0; i < kSize; ++i)
      for (int j = 0; j < kSize; ++j)
        patch[i * kSize + j] = Load<kLanes>(from + (i * width + j) * kLanes);
    return;
  }
  for (int i = 0; i < kSize; ++i)
    for (int j = 0; j < kSize; ++j) {
      const int64_t y = row + i, x = column + j;
      patch[i * kSize + j] = y >= 0 && y < height && x >= 0 && x < width
                                 ? Load<kLanes>(image + (y * width + x) * kLanes)
                                 : Fill<kLanes>(0.f);
    }
}

}  // namespace

Winograd::Tile Winograd::TileAt(int64_t index) const {
  const int64_t columns = shape_.tile_columns(), rows = shape_.tile_rows();
  return {index / (columns * rows), index / columns % rows * kOutput, index % columns * kOutput};
}

void Winograd::TransformInput(const float* input, int64_t first, int64_t count,
                              float* block) const {
  const int64_t pixels = shape_.input_height * shape_.input_width;
  for (int64_t index = 0; index < count; ++index) {
    const Tile tile = TileAt(first + index);
    for (int64_t channel = 0; channel < shape_.inputs; channel += kLanes) {
      V patch[kElements], elements[kElements];
      LoadPatch<kInput>(input + (tile.image * shape_.inputs + channel) * pixels,
                        shape_.input_height, shape_.input_width, tile.row - shape_.before[0],
                        tile.column - shape_.before[1], patch);
      Transform2d<FromInput>(patch, elements);
      for (int e = 0; e < kElements; ++e)
        Store<kLanes>(block + e * input_plane_ + index * shape_.inputs + channel, elements[e]);
    }
  }
}

void Winograd::TransformOutputGradient(const float* gradient, int64_t first, int64_t count,
                                       float* block) const {
  const int64_t pixels = shape_.output_height * shape_.output_width;
  for (int64_t index = 0; index < count; ++index) {
    const Tile tile = TileAt(first + index);
    for (int64_t channel = 0; channel < shape_.outputs; channel += kLanes) {
      V patch[kOutput * kOutput], elements[kElements];
      LoadPatch<kOutput>(gradient + (tile.image * shape_.outputs + channel) * pixels,
                         shape_.output_height, shape_.output_width, tile.row, tile.column, patch);
      Transform2d<FromOutputGradient>(patch, elements);
      for (int e = 0; e < kElements; ++e)
        Store<kLanes>(block + e * output_plane_ + index * shape_.outputs + channel, elements[e]);
    }
  }
}

void Winograd::TransformOutput(const float* block, int64_t first, int64_t count, const float* bias,
                               Activation activation, float* output) const {
  const int64_t height = shape_.output_height, width = shape_.output_width;
  for (int64_t index = 0; index < count; ++index) {
    const Tile tile = TileAt(first + index);
    const int64_t rows = std::min<int64_t>(kOutput, height - tile.row);
    const int64_t columns = std::min<int64_t>(kOutput, width - tile.column);
    for (int64_t channel = 0; channel < shape_.outputs; channel += kLanes) {
      V elements[kElements], values[kOutput * kOutput];
      for (int e = 0; e < kElements; ++e)
        elements[e] = Load<kLanes>(block + e * output_plane_ + index * shape_.outputs + channel);
      Transform2d<ToOutput>(elements, values);
      const V shift = bias ? Load<kLanes>(bias + channel) : Fill<kLanes>(0.f);
      float* to = output + ((tile.image * shape_.outputs + channel) * height + tile.row * kLanes) *
                               width + tile.column * kLanes;
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t column = 0; column < columns; ++column)
          Store<kLanes>(to + (row * width + column) * kLanes,
                        Activate<kLanes>(activation, values[row * kOutput + column] + shift));
    }
  }
}

}  // namespace ferret
