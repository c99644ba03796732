// Products of small matrices, whose operands are read where they lie: for the few rows of a
// mini-batch, packing them as general libraries do costs more than it saves.
#pragma once

#include <algorithm>

#include "../simd.h"

namespace ferret {

// a: value(row, depth) = data[row * row_stride + depth * depth_stride]
struct LeftOperand {
  const float* data;
  int64_t row_stride, depth_stride;
};

// b: rows of `columns` floats that lie together; row `depth` begins at data + depth * stride.
struct RightOperand {
  const float* data;
  int64_t stride;
};

namespace product_internal {

constexpr int kLanes = 16;

// Whether a tile of 8 x 2 vectors fits into registers; without, a vector takes two or four.
#if defined(__AVX512F__)
constexpr bool kManyRegisters = true;
#else
constexpr bool kManyRegisters = false;
#endif

// A tile of kRows x (kVectors of 16 columns) in registers, through all of `depth`. `begin` gives
// the value that the sum starts from, `end` takes the result.
template <int kRows, int kVectors, bool kWhole, typename Begin, typename End>
inline void Tile(int64_t row, int64_t column, int64_t lanes, int64_t depth, LeftOperand a,
                 RightOperand b, const Begin& begin, const End& end) {
  Vector<kLanes> sums[kRows][kVectors];
  for (int i = 0; i < kRows; ++i)
    for (int v = 0; v < kVectors; ++v)
      sums[i][v] = begin.template operator()<kWhole>(row + i, column + v * kLanes, lanes);
  const float* left = a.data + row * a.row_stride;
  const float* right = b.data + column;
  for (int64_t k = 0; k < depth; ++k) {
    Vector<kLanes> values[kVectors];
    for (int v = 0; v < kVectors; ++v)
      values[v] = LoadLanes<kLanes, kWhole>(right + v * kLanes, lanes);
    for (int i = 0; i < kRows; ++i) {
      const float factor = left[i * a.row_stride];
      for (int v = 0; v < kVectors; ++v) sums[i][v] += factor * values[v];
    }
    left += a.depth_stride;
    right += b.stride;
  }
  for (int i = 0; i < kRows; ++i)
    for (int v = 0; v < kVectors; ++v)
      end.template operator()<kWhole>(row + i, column + v * kLanes, sums[i][v], lanes);
}

// All rows of one strip of columns, in tiles of 16 (of one vector), 8, 4 and 1.
template <int kVectors, bool kWhole, typename Begin, typename End>
inline void Strip(int64_t rows, int64_t column, int64_t lanes, int64_t depth, LeftOperand a,
                  RightOperand b, const Begin& begin, const End& end) {
  int64_t row = 0;
  if constexpr (kManyRegisters && kVectors == 1)
    for (; row + 16 <= rows; row += 16)
      Tile<16, kVectors, kWhole>(row, column, lanes, depth, a, b, begin, end);
  if constexpr (kManyRegisters && kVectors <= 2)
    for (; row + 8 <= rows; row += 8)
      Tile<8, kVectors, kWhole>(row, column, lanes, depth, a, b, begin, end);
  if constexpr (kVectors <= 2)
    for (; row + 4 <= rows; row += 4)
      Tile<4, kVectors, kWhole>(row, column, lanes, depth, a, b, begin, end);
  for (; row < rows; ++row)
    Tile<1, kVectors, kWhole>(row, column, lanes, depth, a, b, begin, end);
}

}  // namespace product_internal

// end(row, column, begin(row, column) + sum over depth of a(row, depth) b(depth, column)), in
// vectors of 16 columns; both are called as f.operator()<kWhole>(...), where `lanes` counts the
// columns of a vector that is not whole.
template <typename Begin, typename End>
inline void Product(int64_t rows, int64_t columns, int64_t depth, LeftOperand a, RightOperand b,
                    const Begin& begin, const End& end) {
  using product_internal::Strip;
  int64_t column = 0;
  if constexpr (product_internal::kManyRegisters) {
    if (rows < 4)
      for (; column + 128 <= columns; column += 128)
        Strip<8, true>(rows, column, 16, depth, a, b, begin, end);
    for (; column + 32 <= columns; column += 32)
      Strip<2, true>(rows, column, 16, depth, a, b, begin, end);
  }
  for (; column + 16 <= columns; column += 16)
    Strip<1, true>(rows, column, 16, depth, a, b, begin, end);
  if (column < columns)
    Strip<1, false>(rows, column, columns - column, depth, a, b, begin, end);
}

}  // namespace ferret
