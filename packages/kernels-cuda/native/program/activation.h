// Rectifiers, applied to whole tensors. Gradients pass where 0 < output (and output < 6).
#pragma once

#include "image.h"
#include "layer.h"
#include "../simd.h"

namespace ferret {

template <int W>
inline Vector<W> Activate(Activation activation, Vector<W> value) {
  const Vector<W> zero = {};
  if (activation != Activation::kLinear) value = value > zero ? value : zero;
  if (activation == Activation::kRelu6) {
    const Vector<W> six = zero + 6.f;
    value = value < six ? value : six;
  }
  return value;
}

// The gradient before the activation, from the one behind it and the activation's output.
template <int W>
inline Vector<W> PassGradient(Activation activation, Vector<W> gradient, Vector<W> output) {
  const Vector<W> zero = {};
  if (activation != Activation::kLinear) gradient = output > zero ? gradient : zero;
  if (activation == Activation::kRelu6) gradient = output < zero + 6.f ? gradient : zero;
  return gradient;
}

// destination = activation(source); both may be one array.
void Activate(Activation activation, float* destination, const float* source, size_t count);

// In place, from the output of the activation.
void PassGradient(Activation activation, float* gradient, const float* output, size_t count);

// A bit an element, in words of 16: whether the activation was open.
void WriteMask(Activation activation, const float* output, uint16_t* mask, size_t count);
// In place, from such a mask: times `closed` where it was not.
void PassMasked(float* gradient, const uint16_t* mask, size_t count, float closed);
inline size_t MaskBytes(size_t count) { return Align64((count + 7) / 8); }

}  // namespace ferret
