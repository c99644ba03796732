// The loops of batch and instance normalisation over one group of W channels of a set of images:
// the whole batch, or one image.
#pragma once

#include "activation.h"

namespace ferret {

// Consecutive images of a view, seen at one group of channels.
struct ImageSet {
  const ImageView* view;
  int64_t first, count, group;

  int64_t values() const { return count * view->pixels; }
  int64_t lanes() const { return view->lanes(group); }
  int64_t offset(int64_t image) const { return view->offset(first + image, group); }
};

// Two sums a channel, in double precision once an image is done.
template <int W>
struct Sums {
  double first[W] = {}, second[W] = {};

  void Add(Vector<W> a, Vector<W> b) {
    for (int lane = 0; lane < W; ++lane) {
      first[lane] += a[lane];
      second[lane] += b[lane];
    }
  }
};

// Calls body(chain, offset) for every pixel of an image; the chains, four at a time, are there to
// be summed up independently.
template <typename Body>
inline void ForEachPixel(const ImageSet& set, int64_t image, const Body& body) {
  const int64_t stride = set.view->pixel_stride;
  int64_t offset = set.offset(image), pixel = 0;
  for (; pixel + 4 <= set.view->pixels; pixel += 4, offset += 4 * stride) {
    body(0, offset);
    body(1, offset + stride);
    body(2, offset + 2 * stride);
    body(3, offset + 3 * stride);
  }
  for (; pixel < set.view->pixels; ++pixel, offset += stride) body(0, offset);
}

// Sums of (x - shift) and (x - shift)^2. With a shift near the mean nothing cancels.
template <int W, bool kWhole>
Sums<W> ShiftedMoments(const ImageSet& set, const float* x, Vector<W> shift) {
  Sums<W> total;
  for (int64_t image = 0; image < set.count; ++image) {
    Vector<W> sum[4] = {}, square[4] = {};
    ForEachPixel(set, image, [&](int chain, int64_t offset) {
      const Vector<W> value = LoadLanes<W, kWhole>(x + offset, set.lanes()) - shift;
      sum[chain] += value;
      square[chain] += value * value;
    });
    total.Add(sum[0] + sum[1] + sum[2] + sum[3], square[0] + square[1] + square[2] + square[3]);
  }
  return total;
}

// y = activation(scale x + shift)
template <int W, bool kWhole>
void Normalize(const ImageSet& set, const float* x, float* y, Vector<W> scale, Vector<W> shift,
               Activation activation) {
  for (int64_t image = 0; image < set.count; ++image)
    ForEachPixel(set, image, [&](int, int64_t offset) {
      const Vector<W> value = LoadLanes<W, kWhole>(x + offset, set.lanes());
      StoreLanes<W, kWhole>(y + offset, Activate<W>(activation, scale * value + shift),
                            set.lanes());
    });
}

// What `Normalize` does to a value, for the derivative of its activation.
template <int W>
struct Normalized {
  Vector<W> scale, shift;
  Activation activation;

  Vector<W> PassGradient(Vector<W> gradient, Vector<W> x) const {
    if (activation == Activation::kLinear) return gradient;
    return ferret::PassGradient<W>(activation, gradient, scale * x + shift);
  }
};

// Sums of dy and dy (x - mean), with dy before the activation.
template <int W, bool kWhole>
Sums<W> GradientSums(const ImageSet& set, const float* x, const float* dy, Vector<W> mean,
                     const Normalized<W>& normalized) {
  Sums<W> total;
  for (int64_t image = 0; image < set.count; ++image) {
    Vector<W> sum[4] = {}, product[4] = {};
    ForEachPixel(set, image, [&](int chain, int64_t offset) {
      const Vector<W> value = LoadLanes<W, kWhole>(x + offset, set.lanes());
      const Vector<W> gradient =
          normalized.PassGradient(LoadLanes<W, kWhole>(dy + offset, set.lanes()), value);
      sum[chain] += gradient;
      product[chain] += gradient * (value - mean);
    });
    total.Add(sum[0] + sum[1] + sum[2] + sum[3],
              product[0] + product[1] + product[2] + product[3]);
  }
  return total;
}

// dx = by_dy dy + by_x x + shift; `dx` may be `x`.
template <int W, bool kWhole>
void InputGradient(const ImageSet& set, const float* x, const float* dy, float* dx,
                   Vector<W> by_dy, Vector<W> by_x, Vector<W> shift,
                   const Normalized<W>& normalized) {
  for (int64_t image = 0; image < set.count; ++image)
    ForEachPixel(set, image, [&](int, int64_t offset) {
      const Vector<W> value = LoadLanes<W, kWhole>(x + offset, set.lanes());
      const Vector<W> gradient =
          normalized.PassGradient(LoadLanes<W, kWhole>(dy + offset, set.lanes()), value);
      StoreLanes<W, kWhole>(dx + offset, by_dy * gradient + (by_x * value + shift), set.lanes());
    });
}

}  // namespace ferret
