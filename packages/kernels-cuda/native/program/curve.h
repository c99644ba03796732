// Activations that an operation does not apply itself, on whole tensors: all but rectifiers. The
// chain applies them behind the operation, and takes the gradient back through them before it.
#pragma once

#include "layer.h"

namespace ferret {

// Which of them, and its alpha.
struct Curve {
  Activation activation = Activation::kLinear;
  float alpha = 0;

  // Whether there is anything to be done.
  explicit operator bool() const { return activation != Activation::kLinear; }
};

// destination = activation(source); both may be one array.
void Bend(const Curve& curve, float* destination, const float* source, size_t count);

// In place: the gradient before the activation, from the one behind it and the activation's output.
void PassBent(const Curve& curve, float* gradient, const float* output, size_t count);

// gradient *= GELU'(input)
void PassGelu(float* gradient, const float* input, size_t count);

}  // namespace ferret
