// The gradient at the kernel of a depthwise convolution, in blocks of 16 channels. oneDNN 2.6 has
// only its reference code for images smaller than the kernel: 60 times slower.
#pragma once

#include "image.h"
#include "layer.h"

namespace ferret {

class DepthwiseGradient {
 public:
  // Both tensors must be nChw16c.
  explicit DepthwiseGradient(const LayerSpecification& layer, int64_t batch);

  // Writes the gradient [height, width, channels] and, unless null, the bias's. `sums` holds 16
  // floats a tap of the kernel.
  void operator()(const float* input, const float* output_gradient, float* sums,
                  float* kernel_gradient, float* bias_gradient) const;

 private:
  const LayerSpecification layer_;
  const int64_t batch_;
};

}  // namespace ferret
