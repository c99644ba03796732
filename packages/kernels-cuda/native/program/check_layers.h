#pragma once

#include <stdexcept>
#include <vector>

#include "layer.h"

namespace ferret {

// Layers that a program cannot be made of.
class LayerError : public std::range_error {
 public:
  using std::range_error::range_error;
};

// Holds layers to each other and to what they do, at a batch: operations rely on it and check
// nothing.
// @throws LayerError where shapes do not fit, a setting is one that the kind has not, something
// is too large, or a kernel is one that oneDNN writes beside its buffers for.
void CheckLayers(const std::vector<LayerSpecification>& layers, int64_t batch);

}  // namespace ferret
