// What is kept of a layer's output for the backward pass.
#pragma once

#include "layer.h"

namespace ferret {

enum class Kept {
  kNothing,
  kMask,    // a bit an element: where the layer's activation was open
  kOutput,  // all of it
  kAgain,   // nothing: it is made again from the layer's input
};

// `next` is the layer behind it in the stage or path; null at the end, where the output is the
// caller's.
Kept KeptOf(const LayerSpecification& layer, const LayerSpecification* next);

// Whether max pooling takes over the derivative of a rectifier before it: the largest value of a
// window tells whether that was open at the winner, and no other value gets a gradient.
inline bool PassesActivation(const LayerSpecification& layer, const LayerSpecification& next) {
  return IsRectifier(layer.activation) && next.kind == LayerSpecification::kMaxPooling;
}

}  // namespace ferret
