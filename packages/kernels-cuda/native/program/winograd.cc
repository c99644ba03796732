#include "winograd.h"

#include "product.h"
#include "winograd_transform.h"

namespace ferret {

using namespace winograd;

namespace {

constexpr int64_t kBlockTiles = 64;
constexpr int64_t kPlanePadding = 16;

struct Zero {
  template <bool>
  V operator()(int64_t, int64_t, int64_t) const {
    return Fill<kLanes>(0.f);
  }
};

struct Matrix {
  float* data;
  int64_t stride;

  template <bool>
  V operator()(int64_t row, int64_t column, int64_t) const {
    return Load<kLanes>(data + row * stride + column);
  }
  template <bool>
  void operator()(int64_t row, int64_t column, V value, int64_t) const {
    Store<kLanes>(data + row * stride + column, value);
  }
};

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

Winograd::Winograd(const WinogradShape& shape)
    : shape_(shape),
      kernel_plane_(shape.inputs * shape.outputs + kPlanePadding),
      input_plane_(kBlockTiles * shape.inputs + kPlanePadding),
      output_plane_(kBlockTiles * shape.outputs + kPlanePadding) {}

bool Winograd::Fits(const WinogradShape& shape) {
  const int64_t before = std::max(shape.before[0], shape.before[1]);
  if (shape.inputs % kLanes || shape.outputs % kLanes || before > 2) return false;
  if (std::min(shape.inputs, shape.outputs) < 32) return false;
  // Multiplications per channel pair, and what it costs to transform the kernel: measured.
  const int64_t direct = 9 * shape.batch * shape.output_height * shape.output_width;
  return 2 * 36 * shape.tiles() + 36 * 32 < direct;
}

size_t Winograd::kernel_floats() const { return kElements * kernel_plane_; }
size_t Winograd::block_floats() const { return kElements * (input_plane_ + output_plane_); }

void Winograd::TransformKernel(const float* kernel, float* transformed) const {
  const int64_t pairs = shape_.inputs * shape_.outputs;
  for (int64_t pair = 0; pair < pairs; pair += kLanes) {
    V taps[kKernel * kKernel], elements[kElements];
    for (int tap = 0; tap < kKernel * kKernel; ++tap)
      taps[tap] = Load<kLanes>(kernel + tap * pairs + pair);
    Transform2d<FromKernel>(taps, elements);
    for (int e = 0; e < kElements; ++e)
      Store<kLanes>(transformed + e * kernel_plane_ + pair, elements[e]);
  }
}

void Winograd::TransformTurnedKernel(const float* kernel, float* transformed) const {
  const int64_t pairs = shape_.inputs * shape_.outputs;
  constexpr int kTaps = kKernel * kKernel;
  V turned[kTaps][kLanes];
  // The kernel is [tap][output][input] here; blocks of 16 x 16 channels change sides.
  for (int64_t output = 0; output < shape_.outputs; output += kLanes)
    for (int64_t input = 0; input < shape_.inputs; input += kLanes) {
      for (int tap = 0; tap < kTaps; ++tap) {
        V* block = turned[kTaps - 1 - tap];
        for (int64_t o = 0; o < kLanes; ++o)
          block[o] = Load<kLanes>(kernel + tap * pairs + (output + o) * shape_.inputs + input);
        Transpose16(block);
      }
      for (int64_t i = 0; i < kLanes; ++i) {
        V taps[kTaps], elements[kElements];
        for (int tap = 0; tap < kTaps; ++tap) taps[tap] = turned[tap][i];
        Transform2d<FromKernel>(taps, elements);
        for (int e = 0; e < kElements; ++e)
          Store<kLanes>(transformed + e * kernel_plane_ + (input + i) * shape_.outputs + output,
                        elements[e]);
      }
    }
}

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

void Winograd::Convolve(const float* input, const float* transformed, const float* bias,
                        float* output, Activation activation, float* blocks) const {
  float* inputs = blocks;
  float* outputs = blocks + kElements * input_plane_;
  for (int64_t first = 0; first < shape_.tiles(); first += kBlockTiles) {
    const int64_t count = std::min(kBlockTiles, shape_.tiles() - first);
    TransformInput(input, first, count, inputs);
    for (int e = 0; e < kElements; ++e)
      Product(count, shape_.outputs, shape_.inputs, {inputs + e * input_plane_, shape_.inputs, 1},
              {transformed + e * kernel_plane_, shape_.outputs}, Zero(),
              Matrix{outputs + e * output_plane_, shape_.outputs});
    TransformOutput(outputs, first, count, bias, activation, output);
  }
}

void Winograd::KernelGradient(const float* input, const float* output_gradient, float* sums,
                              const ParameterSink& sink, float* blocks) const {
  float* inputs = blocks;
  float* outputs = blocks + kElements * input_plane_;
  for (int64_t first = 0; first < shape_.tiles(); first += kBlockTiles) {
    const int64_t count = std::min(kBlockTiles, shape_.tiles() - first);
    TransformInput(input, first, count, inputs);
    TransformOutputGradient(output_gradient, first, count, outputs);
    for (int e = 0; e < kElements; ++e) {
      const LeftOperand a = {inputs + e * input_plane_, 1, shape_.inputs};
      const RightOperand b = {outputs + e * output_plane_, shape_.outputs};
      const Matrix sum = {sums + e * kernel_plane_, shape_.outputs};
      if (first == 0)
        Product(shape_.inputs, shape_.outputs, count, a, b, Zero(), sum);
      else
        Product(shape_.inputs, shape_.outputs, count, a, b, sum, sum);
    }
  }
  const int64_t pairs = shape_.inputs * shape_.outputs;
  for (int64_t pair = 0; pair < pairs; pair += kLanes) {
    V elements[kElements], taps[kKernel * kKernel];
    for (int e = 0; e < kElements; ++e)
      elements[e] = Load<kLanes>(sums + e * kernel_plane_ + pair);
    Transform2d<ToKernelGradient>(elements, taps);
    for (int tap = 0; tap < kKernel * kKernel; ++tap)
      sink.Put<kLanes>(tap * pairs + pair, taps[tap]);
  }
}

}  // namespace ferret
