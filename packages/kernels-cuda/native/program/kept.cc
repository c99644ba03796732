#include "kept.h"

namespace ferret {
namespace {

bool Normalizes(const LayerSpecification& layer) {
  return layer.kind == LayerSpecification::kBatchNormalization ||
         layer.kind == LayerSpecification::kInstanceNormalization;
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
      return true;
    case LayerSpecification::kResidual:
      return begins(layer.main) || begins(layer.shortcut);
    default:
      return false;
  }
}

}  // namespace

Kept KeptOf(const LayerSpecification& layer, const LayerSpecification* next) {
  // Normalised values are quickly made again, from an input that is kept.
  if (next && ReadsInput(*next))
    return Normalizes(layer) && !Normalizes(*next) ? Kept::kAgain : Kept::kOutput;
  if (layer.activation == Activation::kLinear) return Kept::kNothing;
  return next && PassesActivation(*next) ? Kept::kNothing : Kept::kMask;
}

}  // namespace ferret
