// Shapes and the byte formulas that every runtime and the planner share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace ferret {

inline size_t Align64(size_t bytes) { return (bytes + 63) / 64 * 64; }

// Shape of one sample: flat features (height = 0) or an image, channels last.
struct Shape {
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;

  bool image() const { return height > 0; }
  int64_t count() const { return image() ? height * width * channels : channels; }
  // Channels of an image rounded up to the block of 16 that oneDNN's formats use.
  int64_t padded_count() const {
    return image() ? height * width * ((channels + 15) / 16 * 16) : channels;
  }
  size_t tensor_bytes(int64_t batch) const { return Align64(4 * batch * padded_count()); }
};

}  // namespace ferret
