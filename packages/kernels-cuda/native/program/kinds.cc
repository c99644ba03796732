#include "kinds.h"

#include "operation.h"

namespace ferret {

// Each is defined in the file of its kind.
using Create = std::unique_ptr<Operation>(const LayerSpecification& layer, const Binding& binding);
Create CreateDense, CreateConvolution, CreateMaxPooling, CreateAveragePooling, CreateGlobalPooling,
    CreateFlatten, CreateActivation, CreateDropout, CreateNormalization, CreateGroupNormalization,
    CreateLayerNormalization, CreateResidual;

namespace {

using Layer = LayerSpecification;
using Traits = KindTraits;

std::unique_ptr<Operation> CreateAnyConvolution(const Layer& layer, const Binding& binding) {
  return FitsWinograd(layer, binding.batch) ? CreateWinograd(layer, binding)
                                            : CreateConvolution(layer, binding);
}

}  // namespace

constexpr KindTraits kKinds[kKindCount] = {
    {Layer::kDense, "dense", CreateDense, Traits::kFused, true, Traits::kNever, false},
    {Layer::kConvolution, "conv2d", CreateAnyConvolution, Traits::kFused, true, Traits::kNever,
     false},
    {Layer::kDepthwiseConvolution, "depthwiseConv2d", CreateConvolution, Traits::kFused, true,
     Traits::kNever, false},
    {Layer::kMaxPooling, "maxPooling2d", CreateMaxPooling, Traits::kNone, false, Traits::kNever,
     false},
    {Layer::kAveragePooling, "averagePooling2d", CreateAveragePooling, Traits::kNone, false,
     Traits::kNever, false},
    {Layer::kGlobalAveragePooling, "globalAveragePooling2d", CreateGlobalPooling, Traits::kNone,
     false, Traits::kNever, false},
    {Layer::kFlatten, "flatten", CreateFlatten, Traits::kNone, false, Traits::kNever, false},
    {Layer::kActivation, "activation", CreateActivation, Traits::kFused, false, Traits::kNever,
     true},
    {Layer::kDropout, "dropout", CreateDropout, Traits::kNone, false, Traits::kNever, true},
    {Layer::kBatchNormalization, "batchNormalization", CreateNormalization, Traits::kFused, true,
     Traits::kRectified, true},
    {Layer::kInstanceNormalization, "instanceNormalization", CreateNormalization, Traits::kFused,
     true, Traits::kRectified, true},
    {Layer::kGroupNormalization, "groupNormalization", CreateGroupNormalization, Traits::kFused,
     true, Traits::kRectified, true},
    {Layer::kLayerNormalization, "layerNormalization", CreateLayerNormalization, Traits::kBehind,
     true, Traits::kBare, true},
    {Layer::kResidual, "residual", CreateResidual, Traits::kFused, false, Traits::kNever, false},
};

namespace {

constexpr bool AreInOrder() {
  for (int kind = 0; kind < kKindCount; ++kind)
    if (kKinds[kind].kind != kind) return false;
  return true;
}
static_assert(AreInOrder(), "a row for each kind, in their order");

}  // namespace

std::unique_ptr<Operation> CreateOperation(const LayerSpecification& layer,
                                           const Binding& binding) {
  return TraitsOf(layer).create(layer, binding);
}

}  // namespace ferret
