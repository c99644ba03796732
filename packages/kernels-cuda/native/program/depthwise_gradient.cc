#include "depthwise_gradient.h"

#include "../simd.h"

namespace ferret {
namespace {

constexpr int kLanes = 16;

// Places of a window's tap along one axis whose pixel lies inside the image: [first, end).
struct Range {
  int64_t first, end;

  Range(int64_t tap, int64_t before, int64_t stride, int64_t length, int64_t places)
      : first(std::max<int64_t>(0, (before - tap + stride - 1) / stride)),
        end(std::min(places, (length - 1 + before - tap) / stride + 1)) {
    if (length - 1 + before - tap < 0) end = 0;
  }
};

}  // namespace

DepthwiseGradient::DepthwiseGradient(const LayerSpecification& layer, int64_t batch)
    : layer_(layer), batch_(batch) {}

void DepthwiseGradient::operator()(const float* input, const float* output_gradient, float* sums,
                                   float* kernel_gradient, float* bias_gradient) const {
  const Shape& from = layer_.input;
  const Shape& to = layer_.output;
  const int64_t groups = (from.channels + kLanes - 1) / kLanes;
  const int64_t taps = layer_.kernel[0] * layer_.kernel[1];
  for (int64_t group = 0; group < groups; ++group) {
    const int64_t lanes = std::min<int64_t>(kLanes, from.channels - group * kLanes);
    std::memset(sums, 0, sizeof(float) * kLanes * taps);
    Vector<kLanes> bias = {};
    for (int64_t image = 0; image < batch_; ++image) {
      const float* x =
          input + (image * groups + group) * from.height * from.width * kLanes;
      const float* dy =
          output_gradient + (image * groups + group) * to.height * to.width * kLanes;
      for (int64_t i = 0; i < layer_.kernel[0]; ++i)
        for (int64_t j = 0; j < layer_.kernel[1]; ++j) {
          const Range rows(i, layer_.before[0], layer_.strides[0], from.height, to.height);
          const Range columns(j, layer_.before[1], layer_.strides[1], from.width, to.width);
          float* place = sums + (i * layer_.kernel[1] + j) * kLanes;
          Vector<kLanes> sum = Load<kLanes>(place);
          for (int64_t row = rows.first; row < rows.end; ++row)
            for (int64_t column = columns.first; column < columns.end; ++column) {
              const int64_t y = row * layer_.strides[0] + i - layer_.before[0];
              const int64_t z = column * layer_.strides[1] + j - layer_.before[1];
              sum += Load<kLanes>(x + (y * from.width + z) * kLanes) *
                     Load<kLanes>(dy + (row * to.width + column) * kLanes);
            }
          Store<kLanes>(place, sum);
        }
      if (bias_gradient)
        for (int64_t pixel = 0; pixel < to.height * to.width; ++pixel)
          bias += Load<kLanes>(dy + pixel * kLanes);
    }
    for (int64_t tap = 0; tap < taps; ++tap)
      StoreFirst<kLanes>(kernel_gradient + tap * from.channels + group * kLanes,
                         Load<kLanes>(sums + tap * kLanes), lanes);
    if (bias_gradient) StoreFirst<kLanes>(bias_gradient + group * kLanes, bias, lanes);
  }
}

}  // namespace ferret
