#include "winograd.h"

#include "product.h"
#include "product_ends.h"
#include "winograd_transform.h"

namespace ferret {

using namespace winograd;

namespace {

constexpr int64_t kBlockTiles = 64;
constexpr int64_t kPlanePadding = 16;

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
              To{outputs + e * output_plane_, shape_.outputs});
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
      float* sum = sums + e * kernel_plane_;
      if (first == 0)
        Product(shape_.inputs, shape_.outputs, count, a, b, Zero(),
                To{sum, shape_.outputs});
      else
        Product(shape_.inputs, shape_.outputs, count, a, b, From{sum, shape_.outputs},
                To{sum, shape_.outputs});
    }
  }
  TransformKernelGradient(sums, sink);
}

}  // namespace ferret
