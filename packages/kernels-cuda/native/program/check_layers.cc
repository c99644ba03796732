#include "check_layers.h"

#include <string>

#include "kinds.h"
#include "limits.h"

namespace ferret {
namespace {

using Layer = LayerSpecification;

bool AreSame(const Shape& a, const Shape& b) {
  return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

std::string Text(const Shape& shape) {
  const std::string channels = std::to_string(shape.channels);
  if (!shape.image()) return "[" + channels + "]";
  return "[" + std::to_string(shape.height) + ", " + std::to_string(shape.width) + ", " +
         channels + "]";
}

[[noreturn]] void Refuse(const Layer& layer, const char* key, const std::string& wanted,
                         const std::string& received) {
  throw LayerError("Expected " + wanted + " for " + layer.name + key + " but received " + received);
}

void CheckShape(const Layer& layer, const char* key, const Shape& shape, const Shape& wanted) {
  if (!AreSame(shape, wanted)) Refuse(layer, key, Text(wanted), Text(shape));
}

void CheckTensor(const Layer& layer, const char* key, const Shape& shape, int64_t batch) {
  const int64_t padded = shape.image() ? (shape.channels + 15) / 16 * 16 : shape.channels;
  const int64_t height = shape.image() ? shape.height : 1;
  const int64_t width = shape.image() ? shape.width : 1;
  if (ProductUpTo(kMostTensorBytes, {4, batch, height, width, padded}) > kMostTensorBytes)
    Refuse(layer, key, "a batch of less than 2 GiB", std::to_string(batch) + " x " + Text(shape));
}

void CheckKernel(const Layer& layer, int64_t most, std::initializer_list<int64_t> sizes) {
  if (ProductUpTo(most / 4, sizes) > most / 4)
    Refuse(layer, "", "a kernel of at most " + std::to_string(most) + " bytes", "a larger one");
}

bool IsConvolution(const Layer& layer) {
  return layer.kind == Layer::kConvolution || layer.kind == Layer::kDepthwiseConvolution;
}

// The shape behind a window that slides over an image.
Shape Slid(const Layer& layer, int64_t channels) {
  const int64_t lengths[2] = {layer.input.height, layer.input.width};
  int64_t places[2];
  for (int axis = 0; axis < 2; ++axis) {
    const int64_t kernel = layer.reach(axis);
    const int64_t padded = lengths[axis] + layer.before[axis] + layer.after[axis];
    const std::string side = axis == 0 ? " rows" : " columns";
    if (kernel > padded)
      Refuse(layer, ".kernel", "at most " + std::to_string(padded) + side,
             std::to_string(kernel));
    // A mean over padding alone is none.
    if (!IsConvolution(layer) && (layer.before[axis] >= kernel || layer.after[axis] >= kernel))
      Refuse(layer, layer.before[axis] >= kernel ? ".before" : ".after",
             "less padding than the kernel's " + std::to_string(kernel) + side,
             std::to_string(std::max(layer.before[axis], layer.after[axis])));
    if (IsConvolution(layer) && kernel > kSmallKernel && kernel > lengths[axis])
      Refuse(layer, ".kernel",
             "at most " + std::to_string(std::max(kSmallKernel, lengths[axis])) + side,
             std::to_string(kernel) + " over " + std::to_string(lengths[axis]) +
                 "; oneDNN writes beside its buffers there: use a smaller kernel or the tfjs "
                 "runtime");
    places[axis] = (padded - kernel) / layer.strides[axis] + 1;
  }
  return {places[0], places[1], channels};
}

void CheckWindow(const Layer& layer) {
  if (!layer.input.image())
    Refuse(layer, ".inputShape", "[height, width, channels]", Text(layer.input));
  const int64_t channels = IsConvolution(layer) ? layer.output.channels : layer.input.channels;
  if (layer.kind == Layer::kDepthwiseConvolution && channels % layer.input.channels != 0)
    Refuse(layer, ".outputShape",
           "a multiple of the input's " + std::to_string(layer.input.channels) + " channels",
           std::to_string(channels));
  CheckShape(layer, ".outputShape", layer.output, Slid(layer, channels));
  const auto [rows, columns] = layer.kernel;
  if (layer.kind == Layer::kConvolution)
    CheckKernel(layer, kMostTensorBytes,
                {rows, columns, layer.input.channels / layer.groups, channels});
  else
    CheckKernel(layer, kMostTensorBytes, {rows, columns, channels});
}

// A setting that the kind does not have would change nothing, in silence.
void CheckSettings(const Layer& layer) {
  const bool has_bias = layer.kind == Layer::kDense || IsConvolution(layer);
  if (layer.bias && !has_bias) Refuse(layer, ".bias", "no bias", "one: layers of its kind have none");
  if (layer.activation != Activation::kLinear &&
      TraitsOf(layer).activations == KindTraits::kNone)
    Refuse(layer, ".activation", "linear", "another one: make it a layer of its own");
  const bool is_grouped = layer.kind == Layer::kConvolution ||
                          layer.kind == Layer::kGroupNormalization;
  const int64_t outputs =
      layer.kind == Layer::kConvolution ? layer.output.channels : layer.input.channels;
  if (layer.groups > 1 && !is_grouped)
    Refuse(layer, ".groups", "one group", std::to_string(layer.groups));
  if (layer.input.channels % layer.groups != 0 || outputs % layer.groups != 0)
    Refuse(layer, ".groups", "a number that divides all channels", std::to_string(layer.groups));
  if ((layer.dilations[0] > 1 || layer.dilations[1] > 1) && !IsConvolution(layer))
    Refuse(layer, ".dilations", "a window without gaps", "dilations: only convolutions have them");
  if (layer.rate >= 1) Refuse(layer, ".rate", "less than 1", "1: it would drop all");
  if (layer.activation == Activation::kGelu && layer.kind != Layer::kActivation)
    Refuse(layer, ".activation", "one told from outputs", "gelu: make it a layer of its own");
}

void CheckChain(const std::vector<Layer>& layers, int64_t batch);

void CheckPath(const Layer& block, const std::vector<Layer>& path, int64_t batch) {
  CheckChain(path, batch);
  CheckShape(path.front(), ".inputShape", path.front().input, block.input);
  CheckShape(path.back(), ".outputShape", path.back().output, block.output);
}

void CheckLayer(const Layer& layer, int64_t batch) {
  CheckTensor(layer, ".inputShape", layer.input, batch);
  CheckTensor(layer, ".outputShape", layer.output, batch);
  CheckSettings(layer);
  if (TraitsOf(layer).keeps_shape)
    CheckShape(layer, ".outputShape", layer.output, layer.input);
  switch (layer.kind) {
    case Layer::kDense:
      if (layer.input.image()) Refuse(layer, ".inputShape", "[features]", Text(layer.input));
      if (layer.output.image()) Refuse(layer, ".outputShape", "[units]", Text(layer.output));
      return CheckKernel(layer, kMostDenseKernelBytes,
                         {layer.input.channels, layer.output.channels});
    case Layer::kConvolution:
    case Layer::kDepthwiseConvolution:
    case Layer::kMaxPooling:
    case Layer::kAveragePooling:
      return CheckWindow(layer);
    case Layer::kGlobalAveragePooling:
      if (!layer.input.image())
        Refuse(layer, ".inputShape", "[height, width, channels]", Text(layer.input));
      return CheckShape(layer, ".outputShape", layer.output, {0, 0, layer.input.channels});
    case Layer::kFlatten:
      return CheckShape(layer, ".outputShape", layer.output, {0, 0, layer.input.count()});
    case Layer::kResidual:
      if (layer.main.empty()) Refuse(layer, ".main", "at least one layer", "none");
      CheckPath(layer, layer.main, batch);
      if (!layer.shortcut.empty()) return CheckPath(layer, layer.shortcut, batch);
      return CheckShape(layer, ".outputShape", layer.output, layer.input);
    default:
      return;
  }
}

void CheckChain(const std::vector<Layer>& layers, int64_t batch) {
  const Layer* before = nullptr;
  for (const Layer& layer : layers) {
    CheckLayer(layer, batch);
    if (before) CheckShape(layer, ".inputShape", layer.input, before->output);
    before = &layer;
  }
}

}  // namespace

void CheckLayers(const std::vector<Layer>& layers, int64_t batch) {
  if (layers.empty()) throw LayerError("Expected at least one layer but received none");
  CheckChain(layers, batch);
}

}  // namespace ferret
