#include "kept.h"

#include "kinds.h"

namespace ferret {
namespace {

// Whether an output is quickly made again from the layer's input.
bool MakesAgain(const LayerSpecification& layer) {
  if (layer.activation == Activation::kGelu) return true;
  const KindTraits::Again again = TraitsOf(layer).again;
  if (layer.activation == Activation::kLinear) return again != KindTraits::kNever;
  return IsRectifier(layer.activation) && again == KindTraits::kRectified;
}

// Whether a layer's backward pass reads its input.
bool ReadsInput(const LayerSpecification& layer) {
  const auto begins = [](const std::vector<LayerSpecification>& path) {
    return !path.empty() && ReadsInput(path.front());
  };
  if (layer.kind == LayerSpecification::kResidual) return begins(layer.main) || begins(layer.shortcut);
  // The derivative of any other activation is told from its output.
  return TraitsOf(layer).reads_input || layer.activation == Activation::kGelu;
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
