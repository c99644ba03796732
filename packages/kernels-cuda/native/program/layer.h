// A layer as JavaScript describes it.
#pragma once

#include <string>
#include <vector>

#include "shape.h"

namespace ferret {

enum class Activation { kLinear, kRelu, kRelu6, kLeakyRelu, kElu, kTanh, kSigmoid, kGelu };

// Those that operations apply themselves, and whose derivative is told from an output's sign; the
// others are the chain's business (curve.h).
inline bool IsRectifier(Activation activation) {
  return activation == Activation::kRelu || activation == Activation::kRelu6;
}

// Learning keeps what the backward pass needs and normalises by the batch's statistics;
// predicting only runs forward and normalises by the moving ones.
enum class Mode { kLearn, kPredict };

// Shapes are those of one sample; pairs are rows, then columns.
struct LayerSpecification {
  enum Kind {
    kDense,
    kConvolution,
    kDepthwiseConvolution,
    kMaxPooling,
    kAveragePooling,
    kGlobalAveragePooling,
    kFlatten,
    kActivation,
    kDropout,
    kBatchNormalization,
    kInstanceNormalization,
    kGroupNormalization,
    kLayerNormalization,
    kResidual,
  } kind = kFlatten;
  std::string name;  // where it stands, as in layers[2].main[0]
  Shape input, output;
  int64_t kernel[2] = {1, 1}, strides[2] = {1, 1}, before[2] = {0, 0}, after[2] = {0, 0};
  // Pixels from one place of the window to the next.
  int64_t dilations[2] = {1, 1};
  // Of channels: convolved, or normalised, by themselves.
  int64_t groups = 1;
  bool bias = false;
  Activation activation = Activation::kLinear;
  float alpha = 0;  // of the activation: what becomes of values below 0
  bool center = true, scale = true;
  float epsilon = 1e-3f;
  double momentum = 0.99;
  double rate = 0;    // of dropping
  uint32_t seed = 0;  // of what is dropped
  // Pixels that the window spans.
  int64_t reach(int axis) const { return (kernel[axis] - 1) * dilations[axis] + 1; }

  // The paths of a residual block; an empty shortcut is the identity.
  std::vector<LayerSpecification> main, shortcut;
};

}  // namespace ferret
