#include "image.h"

namespace ferret {
namespace {

// Channels of a block, 0 for dense channels last, -1 for an unknown format.
int64_t BlockOf(const Description& tensor, const Shape& shape, int64_t batch) {
  if (tensor == PlainTensor(shape, batch)) return 0;
  if (!shape.image()) return -1;
  const Dims dims = {batch, shape.channels, shape.height, shape.width};
  if (tensor == FloatTensor(dims, Tag::nChw16c)) return 16;
  if (tensor == FloatTensor(dims, Tag::nChw8c)) return 8;
  return -1;
}

}  // namespace

Description PlainTensor(const Shape& shape, int64_t batch) {
  if (!shape.image()) return FloatTensor({batch, shape.channels}, Tag::nc);
  return FloatTensor({batch, shape.channels, shape.height, shape.width}, Tag::nhwc);
}

int64_t UsualBlock() {
#if defined(__x86_64__)
  // Sets with AVX-512 are those that have its bits.
  constexpr unsigned kAvx512 = dnnl_cpu_isa_avx512_core;
  return (dnnl_get_effective_cpu_isa() & kAvx512) == kAvx512 ? 16 : 8;
#else
  return 8;
#endif
}

bool Viewable(const Description& tensor, const Shape& shape, int64_t batch) {
  return BlockOf(tensor, shape, batch) >= 0;
}

ImageView ViewOf(const Description& tensor, const Shape& shape, int64_t batch, int64_t width) {
  const int64_t block = BlockOf(tensor, shape, batch);
  if (block < 0) throw dnnl::error(dnnl_unimplemented, "a tensor in an unknown format");
  ImageView view;
  view.images = batch;
  view.pixels = shape.image() ? shape.height * shape.width : 1;
  view.channels = shape.channels;
  view.blocked = block > 0;
  view.width = view.blocked ? block : width;
  view.pixel_stride = view.blocked ? block : view.channels;
  view.group_stride = view.blocked ? view.pixels * block : view.width;
  view.image_stride = view.pixels * (view.blocked ? view.groups() * block : view.channels);
  return view;
}

void ClearPadding(const ImageView& view, float* values) {
  const int64_t last = view.groups() - 1;
  const int64_t real = view.real_lanes(last), lanes = view.lanes(last);
  if (real == lanes) return;
  for (int64_t image = 0; image < view.images; ++image)
    for (int64_t pixel = 0; pixel < view.pixels; ++pixel) {
      float* place = values + view.offset(image, last) + pixel * view.pixel_stride;
      std::fill(place + real, place + lanes, 0.f);
    }
}

int64_t CommonWidth(const ImageView& a, const ImageView& b) {
  if (a.blocked && b.blocked && a.width != b.width)
    throw dnnl::error(dnnl_unimplemented, "two tensors in blocks of different sizes");
  return a.blocked ? a.width : b.width;
}

}  // namespace ferret
