#pragma once

#include <napi.h>

#include <vector>

#include "layer.h"

namespace ferret {

// Reads layers as src/program.ts describes them. Everything is read and copied before anything is
// made of it.
// @throws Napi::TypeError or Napi::RangeError for what is no layer, or for too many.
std::vector<LayerSpecification> ReadLayers(const Napi::Value& value);

}  // namespace ferret
