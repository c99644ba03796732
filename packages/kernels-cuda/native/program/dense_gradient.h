// The gradients of y = x W + b at x and W, block by block of W's rows: the input gradient, then
// the kernel's own, which may be written over it; last the input gradient is stored, which may be
// written over the input. So one pass over W does all, in place. Either gradient may be left out:
// without the input's, W is not read.
#pragma once

#include "parameter_sink.h"

namespace ferret {

struct DenseShape {
  int64_t batch, inputs, units;

  // Rounded up to whole vectors.
  int64_t padded_batch() const { return (batch + 15) / 16 * 16; }
};

struct DenseGradientCall {
  const float* kernel;
  const float* input;
  const float* output_gradient;
  float* input_gradient;  // null: not wanted
  ParameterSink sink;     // of the kernel; empty: not wanted
  float* scratch;
};

// Floats of scratch.
size_t DenseGradientScratch(const DenseShape& shape);

// Several samples: products of small matrices.
void DenseGradientOfMany(const DenseShape& shape, const DenseGradientCall& call);

// One sample: bound by memory.
void DenseGradientOfOne(const DenseShape& shape, const DenseGradientCall& call);

}  // namespace ferret
