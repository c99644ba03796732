// Where the values of an image batch lie: dense channels last, or in oneDNN's blocks of 8 or 16
// channels. Both are groups of W channels that lie together, at equal strides.
#pragma once

#include "dnnl_api.h"
#include "shape.h"

namespace ferret {

struct ImageView {
  int64_t images = 0, pixels = 0, channels = 0;
  int64_t width = 16;  // channels of a group
  int64_t pixel_stride = 0, group_stride = 0, image_stride = 0;
  // Blocks hold `width` channels even where the image has fewer; those lanes are zero.
  bool blocked = false;

  int64_t groups() const { return (channels + width - 1) / width; }
  // Lanes of a group that exist in memory.
  int64_t lanes(int64_t group) const {
    return blocked ? width : std::min(width, channels - group * width);
  }
  // Lanes of a group that stand for a channel.
  int64_t real_lanes(int64_t group) const { return std::min(width, channels - group * width); }
  int64_t offset(int64_t image, int64_t group) const {
    return image * image_stride + group * group_stride;
  }
};

// Dense rows, channels last: the format of stage boundaries.
Description PlainTensor(const Shape& shape, int64_t batch);

// Channels of the blocks that oneDNN prefers on this processor: 16, or 8 without AVX-512.
int64_t UsualBlock();

// Whether `ViewOf` knows a format.
bool Viewable(const Description& tensor, const Shape& shape, int64_t batch);

// A flat tensor counts as images of one pixel. Channels-last tensors take any `width`.
// @throws dnnl::error where the format is another one.
ImageView ViewOf(const Description& tensor, const Shape& shape, int64_t batch, int64_t width = 16);

// Fills the lanes of blocks that stand for no channel with zeros.
void ClearPadding(const ImageView& view, float* values);

// Channels of the groups in which all of these formats can be walked through together.
int64_t CommonWidth(const ImageView& a, const ImageView& b);

}  // namespace ferret
