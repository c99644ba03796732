#include "kept.h"

namespace ferret {
namespace {

// Whether an output is quickly made again from the layer's input.
bool MakesAgain(const LayerSpecification& layer) {
  switch (layer.kind) {
    case LayerSpecification::kActivation:
      return layer.activation == Activation::kGelu;
    case LayerSpecification::kBatchNormalization:
    case LayerSpecification::kInstanceNormalization:
    case LayerSpecification::kGroupNormalization:
      return layer.activation == Activation::kLinear || IsRectifier(layer.activation);
    // Its activation is told from its output alone.
    case LayerSpecification::kLayerNormalization:
      return layer.activation == Activation::kLinear;
    default:
      return false;
  }
}

// Whether a layer's backward pass reads its input.
bool ReadsInput(const LayerSpecification& layer) {
  const auto begins = [](const std::vector<LayerSpecification>& path) {
    return !path.empty() && ReadsInput(path.front());
  };
  switch (layer.kind) {
    case LayerSpecification::kDense:
    case LayerSpecification::kConvolution:
    case LayerSpecification::kDepthwiseConvolution:
    case LayerSpecification::kBatchNormalization:
    case LayerSpecification::kInstanceNormalization:
    case LayerSpecification::kGroupNormalization:
    case LayerSpecification::kLayerNormalization:
      return true;
    // The derivative of any other activation is told from its output.
    case LayerSpecification::kActivation:
      return layer.activation == Activation::kGelu;
    case LayerSpecification::kResidual:
      return begins(layer.main) || begins(layer.shortcut);
    default:
      return false;
  }
}

}  // namespace

Kept KeptOf(const LayerSpecification& layer, const LayerSpecification* next) {
  // What is made again is made from an input that is kept.
  if (next && ReadsInput(*next))
    return MakesAgain(layer) && !MakesAgain(*next) ? Kept::kAgain : Kept::kOutput;
  switch (layer.activation) {
    case Activation::kLinear:
    case Activation::kGelu:
      return Kept::kNothing;
    case Activation::kRelu:
    case Activation::kRelu6:
      return next && PassesActivation(layer, *next) ? Kept::kNothing : Kept::kMask;
    case Activation::kLeakyRelu:
      return Kept::kMask;
    default:
      return Kept::kOutput;
  }
}

}  // namespace ferret
