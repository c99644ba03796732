#include "operation.h"

namespace ferret {

std::unique_ptr<Operation> CreateOperation(const LayerSpecification& layer,
                                           const Binding& binding) {
  switch (layer.kind) {
    case LayerSpecification::kDense:
      return CreateDense(layer, binding);
    case LayerSpecification::kConvolution:
      if (FitsWinograd(layer, binding.batch)) return CreateWinograd(layer, binding);
      return CreateConvolution(layer, binding);
    case LayerSpecification::kDepthwiseConvolution:
      return CreateConvolution(layer, binding);
    case LayerSpecification::kMaxPooling:
      return CreateMaxPooling(layer, binding);
    case LayerSpecification::kAveragePooling:
      return CreateAveragePooling(layer, binding);
    case LayerSpecification::kGlobalAveragePooling:
      return CreateGlobalPooling(layer, binding);
    case LayerSpecification::kFlatten:
      return CreateFlatten(layer, binding);
    case LayerSpecification::kActivation:
      return CreateActivation(layer, binding);
    case LayerSpecification::kDropout:
      return CreateDropout(layer, binding);
    case LayerSpecification::kBatchNormalization:
    case LayerSpecification::kInstanceNormalization:
      return CreateNormalization(layer, binding);
    case LayerSpecification::kGroupNormalization:
      return CreateGroupNormalization(layer, binding);
    case LayerSpecification::kLayerNormalization:
      return CreateLayerNormalization(layer, binding);
    case LayerSpecification::kResidual:
      return CreateResidual(layer, binding);
  }
  return nullptr;
}

}  // namespace ferret
