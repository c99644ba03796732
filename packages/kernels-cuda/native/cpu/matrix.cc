// On a row-major matrix, sums in double precision. Several rows at a time, so that the other
// operand is fetched once for all of them.
#include <type_traits>

#include "../simd.h"
#include "kernels.h"

namespace ferret {

namespace {

constexpr int kLanes = 8;
constexpr size_t kTogether = 8;  // as many sums as additions are under way at once

// direction[r] = sum over c of matrix[r, c] * projection[c]
void ProjectColumns(const float* matrix, Columns<const double> projection, Rows<double> direction) {
  const double* const weights = projection.values;
  const size_t columns = projection.count;
  const auto project = [=](auto rows, size_t first) {
    const float* const at = matrix + first * columns;
    Doubles<kLanes> sums[rows] = {};
    size_t whole = 0;
    for (; whole + kLanes <= columns; whole += kLanes) {
      const Doubles<kLanes> weight = LoadToKeep<kLanes>(weights + whole);
      for (size_t row = 0; row < rows; ++row)
        sums[row] += weight * LoadWidened<kLanes>(at + row * columns + whole);
    }
    for (size_t row = 0; row < rows; ++row) {
      double sum = 0;
      for (int lane = 0; lane < kLanes; ++lane) sum += sums[row][lane];
      for (size_t column = whole; column < columns; ++column)
        sum += weights[column] * at[row * columns + column];
      direction.values[first + row] = sum;
    }
  };
  size_t row = 0;
  for (; row + kTogether <= direction.count; row += kTogether)
    project(std::integral_constant<size_t, kTogether>(), row);
  for (; row < direction.count; ++row) project(std::integral_constant<size_t, 1>(), row);
}

}  // namespace

const Kernel kProjectColumns = Describe<ProjectColumns>("matrix", "projection", "direction");

}  // namespace ferret
