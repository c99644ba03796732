#include "read_layer.h"

#include <string>
#include <utility>

namespace ferret {
namespace {

void Pair(const Napi::Object& object, const char* key, int64_t (&target)[2]) {
  if (!object.Has(key)) return;
  const Napi::Array pair = object.Get(key).As<Napi::Array>();
  for (uint32_t axis = 0; axis < 2; ++axis)
    target[axis] = pair.Get(axis).As<Napi::Number>().Int64Value();
}

Shape ReadShape(const Napi::Object& layer, const char* key) {
  const Napi::Array sizes = layer.Get(key).As<Napi::Array>();
  const auto size = [&](uint32_t index) {
    return sizes.Get(index).As<Napi::Number>().Int64Value();
  };
  if (sizes.Length() == 3) return {size(0), size(1), size(2)};
  return {0, 0, size(0)};
}

template <typename T, size_t kCount>
T Named(const Napi::Object& object, const char* key, const char* expected,
        const std::pair<const char*, T> (&known)[kCount]) {
  const std::string name = object.Get(key).ToString();
  for (const auto& [candidate, value] : known)
    if (name == candidate) return value;
  throw Napi::TypeError::New(object.Env(), std::string("Expected ") + expected +
                                               " but received \"" + name + "\"");
}

LayerSpecification ReadLayer(const Napi::Object& layer) {
  static constexpr std::pair<const char*, LayerSpecification::Kind> kKinds[] = {
      {"dense", LayerSpecification::kDense},
      {"conv2d", LayerSpecification::kConvolution},
      {"depthwiseConv2d", LayerSpecification::kDepthwiseConvolution},
      {"maxPooling2d", LayerSpecification::kMaxPooling},
      {"averagePooling2d", LayerSpecification::kAveragePooling},
      {"globalAveragePooling2d", LayerSpecification::kGlobalAveragePooling},
      {"flatten", LayerSpecification::kFlatten},
      {"activation", LayerSpecification::kActivation},
      {"batchNormalization", LayerSpecification::kBatchNormalization},
      {"instanceNormalization", LayerSpecification::kInstanceNormalization},
      {"residual", LayerSpecification::kResidual},
  };
  static constexpr std::pair<const char*, Activation> kActivations[] = {
      {"linear", Activation::kLinear},
      {"relu", Activation::kRelu},
      {"relu6", Activation::kRelu6},
  };
  LayerSpecification result;
  result.kind = Named(layer, "kind", "a layer kind that the native programs know", kKinds);
  result.input = ReadShape(layer, "inputShape");
  result.output = ReadShape(layer, "outputShape");
  Pair(layer, "kernel", result.kernel);
  Pair(layer, "strides", result.strides);
  Pair(layer, "before", result.before);
  Pair(layer, "after", result.after);
  result.bias = layer.Get("bias").ToBoolean();
  if (layer.Has("activation"))
    result.activation = Named(layer, "activation", "linear, relu or relu6", kActivations);
  if (layer.Has("center")) result.center = layer.Get("center").ToBoolean();
  if (layer.Has("scale")) result.scale = layer.Get("scale").ToBoolean();
  if (layer.Has("epsilon")) result.epsilon = layer.Get("epsilon").ToNumber().FloatValue();
  if (layer.Has("momentum")) result.momentum = layer.Get("momentum").ToNumber().DoubleValue();
  result.main = ReadLayers(layer.Get("main"));
  result.shortcut = ReadLayers(layer.Get("shortcut"));
  return result;
}

}  // namespace

std::vector<LayerSpecification> ReadLayers(const Napi::Value& value) {
  std::vector<LayerSpecification> layers;
  if (!value.IsArray()) return layers;
  const Napi::Array list = value.As<Napi::Array>();
  for (uint32_t index = 0; index < list.Length(); ++index)
    layers.push_back(ReadLayer(list.Get(index).As<Napi::Object>()));
  return layers;
}

}  // namespace ferret
