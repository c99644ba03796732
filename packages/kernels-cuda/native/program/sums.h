// Sums and copies of tensors, alike in format or not.
#pragma once

#include "activation.h"

namespace ferret {

// Adds tensors of one shape, in whatever formats they come.
template <int W>
inline void AddViews(Activation activation, const ImageView& to, float* sum, const ImageView& from,
              const float* a, const ImageView& other, const float* b) {
  for (int64_t image = 0; image < to.images; ++image)
    for (int64_t group = 0; group < to.groups(); ++group) {
      float* result = sum + to.offset(image, group);
      const float* left = a + from.offset(image, group);
      const float* right = b + other.offset(image, group);
      for (int64_t pixel = 0; pixel < to.pixels; ++pixel) {
        StoreFirst<W>(result,
                      Activate<W>(activation, LoadFirst<W>(left, from.lanes(group)) +
                                                  LoadFirst<W>(right, other.lanes(group))),
                      to.lanes(group));
        result += to.pixel_stride;
        left += from.pixel_stride;
        right += other.pixel_stride;
      }
    }
}

inline void AddInto(float* sum, const float* other, size_t count, Activation activation) {
  size_t index = 0;
  for (; index + 16 <= count; index += 16)
    Store<16>(sum + index,
              Activate<16>(activation, Load<16>(sum + index) + Load<16>(other + index)));
  for (; index < count; ++index) {
    const Vector<16> value = Fill<16>(sum[index] + other[index]);
    sum[index] = Activate<16>(activation, value)[0];
  }
}

inline void AddTwo(float* sum, const float* a, const float* b, size_t count) {
  for (size_t index = 0; index < count; ++index) sum[index] = a[index] + b[index];
}

inline void Add(Activation activation, const ImageView& to, float* sum, const ImageView& from,
                const float* a, const ImageView& other, const float* b) {
  if (to.width == 8)
    AddViews<8>(activation, to, sum, from, a, other, b);
  else
    AddViews<16>(activation, to, sum, from, a, other, b);
}

inline void Copy(const ImageView& to, float* copy, const ImageView& from, const float* original) {
  for (int64_t image = 0; image < to.images; ++image)
    for (int64_t group = 0; group < to.groups(); ++group) {
      float* target = copy + to.offset(image, group);
      const float* source = original + from.offset(image, group);
      for (int64_t pixel = 0; pixel < to.pixels; ++pixel) {
        for (int64_t lane = 0; lane < to.lanes(group); ++lane)
          target[lane] = lane < from.lanes(group) ? source[lane] : 0.f;
        target += to.pixel_stride;
        source += from.pixel_stride;
      }
    }
}

}  // namespace ferret
