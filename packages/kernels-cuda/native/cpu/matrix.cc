// On a row-major matrix, several rows at a time, so that the other operand is fetched once for all
// of them. Turning each float into a double would take longer than fetching it from a cache.
#include <algorithm>
#include <type_traits>

#include "../simd.h"
#include "kernels.h"

namespace ferret {

namespace {

constexpr int kLanes = 16;
constexpr size_t kTogether = 8;
constexpr size_t kSingle = 512;  // columns that are summed up in single precision

// direction[r] (+)= sum of `count` columns of row r, each times its weight.
template <size_t kRows>
inline void SumColumns(const float* at, size_t stride, const float* weights, size_t count,
                       bool is_first, double* direction) {
  Vector<kLanes> sums[kRows] = {};
  const auto add = [&](auto whole, size_t column, int64_t lanes) {
    const Vector<kLanes> weight = LoadLanes<kLanes, whole>(weights + column, lanes);
    for (size_t row = 0; row < kRows; ++row)
      sums[row] += weight * LoadLanes<kLanes, whole>(at + row * stride + column, lanes);
  };
  size_t column = 0;
  for (; column + kLanes <= count; column += kLanes) add(std::true_type(), column, kLanes);
  if (column < count) add(std::false_type(), column, static_cast<int64_t>(count - column));
  for (size_t row = 0; row < kRows; ++row)
    direction[row] = (is_first ? 0 : direction[row]) + Sum<kLanes>(sums[row]);
}

// direction[r] = sum over c of matrix[r, c] * projection[c]
void ProjectColumns(const float* matrix, Columns<const double> projection, Rows<double> direction) {
  const size_t rows = direction.count, columns = projection.count;
  if (columns == 0) std::fill_n(direction.values, rows, 0.);
  float weights[kSingle];
  for (size_t begin = 0; begin < columns; begin += kSingle) {
    const size_t count = std::min(kSingle, columns - begin);
    for (size_t column = 0; column < count; ++column)
      weights[column] = static_cast<float>(projection.values[begin + column]);
    const auto sum = [&](auto together, size_t row) {
      SumColumns<together>(matrix + row * columns + begin, columns, weights, count, begin == 0,
                           direction.values + row);
    };
    size_t row = 0;
    for (; row + kTogether <= rows; row += kTogether)
      sum(std::integral_constant<size_t, kTogether>(), row);
    for (; row < rows; ++row) sum(std::integral_constant<size_t, 1>(), row);
  }
}

}  // namespace

const Kernel kProjectColumns = Describe<ProjectColumns>("matrix", "projection", "direction");

}  // namespace ferret
