// Layers as JavaScript describes them.
#pragma once

#include <napi.h>

#include <vector>

#include "layer.h"

namespace ferret {

// Empty where the value is no array. Throws Napi::TypeError for an unknown kind or activation.
std::vector<LayerSpecification> ReadLayers(const Napi::Value& value);

}  // namespace ferret
