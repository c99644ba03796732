// Convolution with 3x3 kernels at stride 1 by F(4x4, 3x3): a quarter of the multiplications. Works
// through blocks of tiles, so that its scratch is the transformed kernel and two such blocks.
#pragma once

#include "activation.h"
#include "parameter_sink.h"

namespace ferret {

// One direction: images with `inputs` channels to images with `outputs`, both in blocks of 16.
struct WinogradShape {
  int64_t batch, inputs, outputs;
  int64_t input_height, input_width, output_height, output_width;
  int64_t before[2];

  int64_t tile_rows() const { return (output_height + 3) / 4; }
  int64_t tile_columns() const { return (output_width + 3) / 4; }
  int64_t tiles() const { return batch * tile_rows() * tile_columns(); }
  // The direction of the input gradient.
  WinogradShape Reversed() const {
    return {batch,        outputs,      inputs,      output_height,
            output_width, input_height, input_width, {2 - before[0], 2 - before[1]}};
  }
};

class Winograd {
 public:
  explicit Winograd(const WinogradShape& shape);

  // Whether it can take the shape and beats a direct convolution.
  static bool Fits(const WinogradShape& shape);

  size_t kernel_floats() const;
  size_t block_floats() const;

  // Of a kernel [3, 3, inputs, outputs].
  void TransformKernel(const float* kernel, float* transformed) const;
  // Of a kernel [3, 3, outputs, inputs], turned for the input gradient.
  void TransformTurnedKernel(const float* kernel, float* transformed) const;

  // output = activation(convolution + bias); `bias` may be null.
  void Convolve(const float* input, const float* transformed, const float* bias, float* output,
                Activation activation, float* blocks) const;

  // The gradient at the kernel [3, 3, inputs, outputs]; `sums` holds kernel_floats().
  void KernelGradient(const float* input, const float* output_gradient, float* sums,
                      const ParameterSink& sink, float* blocks) const;

 private:
  void TransformKernelGradient(const float* sums, const ParameterSink& sink) const;

  struct Tile {
    int64_t image, row, column;  // of the output
  };

  Tile TileAt(int64_t index) const;
  // Planes of 36 transformed values a tile: [36][tile][channel].
  void TransformInput(const float* input, int64_t first, int64_t count, float* block) const;
  void TransformOutputGradient(const float* gradient, int64_t first, int64_t count,
                               float* block) const;
  void TransformOutput(const float* block, int64_t first, int64_t count, const float* bias,
                       Activation activation, float* output) const;

  const WinogradShape shape_;
  // Floats from one plane to the next: off powers of two, where they would share cache sets.
  const int64_t kernel_plane_, input_plane_, output_plane_;
};

}  // namespace ferret
