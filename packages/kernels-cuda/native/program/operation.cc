#include "operation.h"

namespace ferret {

Description PlainTensor(const Shape& shape, int64_t batch) {
  if (!shape.image()) return FloatTensor({batch, shape.channels}, Tag::nc);
  return FloatTensor({batch, shape.channels, shape.height, shape.width}, Tag::nhwc);
}

std::unique_ptr<Operation> CreateOperation(const LayerSpecification& layer, int64_t batch,
                                           const Description& input) {
  switch (layer.kind) {
    case LayerSpecification::kDense:
      return CreateDense(layer, batch);
    case LayerSpecification::kConvolution:
      return CreateConvolution(layer, batch, input);
    case LayerSpecification::kMaxPooling:
    case LayerSpecification::kAveragePooling:
      return CreatePooling(layer, batch, input);
    case LayerSpecification::kFlatten:
      return CreateFlatten(layer, batch, input);
  }
  return nullptr;
}

}  // namespace ferret
