#include "read_layer.h"

#include <string>
#include <utility>

#include "kinds.h"
#include "read_value.h"

namespace ferret {
namespace {

constexpr std::pair<const char*, Activation> kActivations[] = {
    {"linear", Activation::kLinear},
    {"relu", Activation::kRelu},
    {"relu6", Activation::kRelu6},
    {"leakyRelu", Activation::kLeakyRelu},
    {"elu", Activation::kElu},
    {"tanh", Activation::kTanh},
    {"sigmoid", Activation::kSigmoid},
    {"gelu", Activation::kGelu},
};

// Reads layers within layers; counts them, so that a list that holds itself comes to an end.
class LayerReader {
 public:
  std::vector<LayerSpecification> ReadList(const Napi::Value& value, const std::string& name,
                                           int depth) {
    if (!value.IsArray()) RefuseValue(value, "an array of layers", name);
    if (depth > kMostDepth)
      throw Napi::RangeError::New(value.Env(),
                                  "Expected residual blocks at most " +
                                      std::to_string(kMostDepth) + " deep but received " + name);
    const Napi::Array list = value.As<Napi::Array>();
    const uint32_t length = list.Length();
    count_ += length;
    if (count_ > kMostLayers)
      throw Napi::RangeError::New(value.Env(), "Expected at most " + std::to_string(kMostLayers) +
                                                   " layers but received more up to " + name);
    std::vector<LayerSpecification> layers;
    layers.reserve(length);
    for (uint32_t index = 0; index < length; ++index)
      layers.push_back(ReadOne(list.Get(index), name + "[" + std::to_string(index) + "]", depth));
    return layers;
  }

 private:
  LayerSpecification ReadOne(const Napi::Value& value, const std::string& name, int depth) {
    if (!value.IsObject()) RefuseValue(value, "a layer", name);
    const Napi::Object layer = value.As<Napi::Object>();
    const auto get = [&](const char* key) { return layer.Get(key); };
    const auto named = [&](const char* key) { return name + "." + key; };
    LayerSpecification result;
    result.name = name;
    result.kind = ReadKind(get("kind"), named("kind"));
    ReadShape(get("inputShape"), named("inputShape"), result.input);
    ReadShape(get("outputShape"), named("outputShape"), result.output);
    ReadPair(get("kernel"), named("kernel"), 1, result.kernel);
    ReadPair(get("strides"), named("strides"), 1, result.strides);
    ReadPair(get("before"), named("before"), 0, result.before);
    ReadPair(get("after"), named("after"), 0, result.after);
    ReadPair(get("dilations"), named("dilations"), 1, result.dilations);
    const Napi::Value groups = get("groups");
    if (!groups.IsUndefined()) result.groups = ReadSize(groups, named("groups"), 1);
    result.bias = get("bias").ToBoolean();
    const Napi::Value activation = get("activation");
    if (!activation.IsUndefined()) ReadActivation(activation, named("activation"), result);
    const auto flag = [&](const char* key, bool& target) {
      const Napi::Value wanted = get(key);
      if (!wanted.IsUndefined()) target = wanted.ToBoolean();
    };
    flag("center", result.center);
    flag("scale", result.scale);
    result.epsilon = static_cast<float>(
        ReadNumber(get("epsilon"), named("epsilon"), 0, 1e30, result.epsilon));
    result.momentum = ReadNumber(get("momentum"), named("momentum"), 0, 1, result.momentum);
    result.rate = ReadNumber(get("rate"), named("rate"), 0, 1, result.rate);
    result.seed = static_cast<uint32_t>(
        ReadNumber(get("seed"), named("seed"), 0, UINT32_MAX, result.seed));
    if (result.kind != LayerSpecification::kResidual) return result;
    result.main = ReadList(get("main"), named("main"), depth + 1);
    const Napi::Value shortcut = get("shortcut");
    if (!shortcut.IsUndefined())
      result.shortcut = ReadList(shortcut, named("shortcut"), depth + 1);
    return result;
  }

  static LayerSpecification::Kind ReadKind(const Napi::Value& value, const std::string& name) {
    std::pair<const char*, LayerSpecification::Kind> names[kKindCount];
    for (int kind = 0; kind < kKindCount; ++kind) names[kind] = {kKinds[kind].name, kKinds[kind].kind};
    return ReadNamed(value, name, names);
  }

  // A name, or { name, alpha }.
  static void ReadActivation(const Napi::Value& value, const std::string& name,
                             LayerSpecification& result) {
    if (value.IsObject()) {
      const Napi::Object settings = value.As<Napi::Object>();
      result.activation = ReadNamed(settings.Get("name"), name + ".name", kActivations);
      result.alpha = static_cast<float>(
          ReadNumber(settings.Get("alpha"), name + ".alpha", 0, 1e30, result.alpha));
    } else {
      result.activation = ReadNamed(value, name, kActivations);
    }
  }

  int64_t count_ = 0;
};

}  // namespace

std::vector<LayerSpecification> ReadLayers(const Napi::Value& value) {
  return LayerReader().ReadList(value, "layers", 0);
}

}  // namespace ferret
