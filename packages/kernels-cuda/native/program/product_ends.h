// Where the sums of `Product` start from and where they go.
#pragma once

#include "activation.h"
#include "parameter_sink.h"

namespace ferret {

constexpr int kProductLanes = 16;
using ProductVector = Vector<kProductLanes>;

struct Zero {
  template <bool>
  ProductVector operator()(int64_t, int64_t, int64_t) const {
    return Fill<kProductLanes>(0.f);
  }
};

// Reads the matrix that starts at `data`, `stride` floats a row (0: the same row for all).
struct From {
  const float* data;
  int64_t stride;

  template <bool kWhole>
  ProductVector operator()(int64_t row, int64_t column, int64_t lanes) const {
    return LoadLanes<kProductLanes, kWhole>(data + row * stride + column, lanes);
  }
};

struct To {
  float* data;
  int64_t stride;
  Activation activation = Activation::kLinear;

  template <bool kWhole>
  void operator()(int64_t row, int64_t column, ProductVector value, int64_t lanes) const {
    StoreLanes<kProductLanes, kWhole>(data + row * stride + column,
                                      Activate<kProductLanes>(activation, value), lanes);
  }
};

// destination = source - learning_rate * sum, all three of the same shape.
struct ToUpdate {
  const float* source;
  float* destination;
  float learning_rate;
  int64_t stride;

  template <bool kWhole>
  void operator()(int64_t row, int64_t column, ProductVector value, int64_t lanes) const {
    const int64_t place = row * stride + column;
    StoreLanes<kProductLanes, kWhole>(
        destination + place,
        LoadLanes<kProductLanes, kWhole>(source + place, lanes) - learning_rate * value, lanes);
  }
};

}  // namespace ferret
