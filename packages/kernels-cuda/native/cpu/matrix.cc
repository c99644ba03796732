// On a row-major matrix, sums in double precision. Row after row, so that the inner loops run over
// neighbours and the compiler makes vectors of them.
#include "kernels.h"

namespace ferret {

namespace {

// projection[c] = sum over r of direction[r] * matrix[r, c]
void ProjectRows(const float* matrix, Rows<const double> direction, Columns<double> projection) {
  const auto [weights, rows] = direction;
  const auto [sums, columns] = projection;
  for (size_t column = 0; column < columns; ++column) sums[column] = 0;
  for (size_t row = 0; row < rows; ++row, matrix += columns) {
    const double weight = weights[row];
    for (size_t column = 0; column < columns; ++column) sums[column] += weight * matrix[column];
  }
}

// direction[r] = sum over c of matrix[r, c] * projection[c]
void ProjectColumns(const float* matrix, Columns<const double> projection, Rows<double> direction) {
  constexpr size_t kLanes = 8;
  const auto [weights, columns] = projection;
  for (size_t row = 0; row < direction.count; ++row, matrix += columns) {
    double lanes[kLanes] = {};
    size_t begin = 0;
    for (; begin + kLanes <= columns; begin += kLanes)
      for (size_t lane = 0; lane < kLanes; ++lane)
        lanes[lane] += matrix[begin + lane] * weights[begin + lane];
    for (size_t column = begin; column < columns; ++column)
      lanes[column - begin] += matrix[column] * weights[column];
    double sum = 0;
    for (size_t lane = 0; lane < kLanes; ++lane) sum += lanes[lane];
    direction.values[row] = sum;
  }
}

// matrix[r, c] += direction[r] * projection[c]
void AddOuter(float* matrix, Rows<const double> direction, Columns<const double> projection) {
  const auto [factors, columns] = projection;
  for (size_t row = 0; row < direction.count; ++row, matrix += columns) {
    const double weight = direction.values[row];
    for (size_t column = 0; column < columns; ++column)
      matrix[column] = static_cast<float>(matrix[column] + weight * factors[column]);
  }
}

}  // namespace

const Kernel kProjectRows = Describe<ProjectRows>("matrix", "direction", "projection");
const Kernel kProjectColumns = Describe<ProjectColumns>("matrix", "projection", "direction");
const Kernel kAddOuter = Describe<AddOuter>("matrix", "direction", "projection");

}  // namespace ferret
