// On a row-major matrix, several rows at a time, so that the other operand is fetched once for all
// of them. Turning each float into a double would take longer than fetching it from a cache.
#include <algorithm>
#include <type_traits>

#include "../simd.h"
#include "kernels.h"

namespace ferret {

namespace {

constexpr int kLanes = 16;
constexpr size_t kTogether = 4;
constexpr size_t kSingle = 512;  // columns that are summed up in single precision

// direction[r] = sum over c of matrix[r, c] * projection[c]
void ProjectColumns(const float* matrix, Columns<const double> projection, Rows<double> direction) {
  const double* const weights = projection.values;
  const size_t columns = projection.count;
  const auto project = [=](auto rows, size_t first) {
    const float* const at = matrix + first * columns;
    double sums[rows] = {};
    for (size_t column = 0; column < columns;) {
      const size_t end = std::min(columns, column + kSingle);
      Vector<kLanes> parts[rows] = {};
      const auto add = [&](auto whole, int64_t lanes) {
        const auto weight = LoadNarrowedLanes<kLanes, whole>(weights + column, lanes);
        for (size_t row = 0; row < rows; ++row)
          parts[row] += weight * LoadLanes<kLanes, whole>(at + row * columns + column, lanes);
        column += lanes;
      };
      while (column + kLanes <= end) add(std::true_type(), kLanes);
      if (column < end) add(std::false_type(), end - column);
      for (size_t row = 0; row < rows; ++row) sums[row] += Sum<kLanes>(parts[row]);
    }
    for (size_t row = 0; row < rows; ++row) direction.values[first + row] = sums[row];
  };
  size_t row = 0;
  for (; row + kTogether <= direction.count; row += kTogether)
    project(std::integral_constant<size_t, kTogether>(), row);
  for (; row < direction.count; ++row) project(std::integral_constant<size_t, 1>(), row);
}

}  // namespace

const Kernel kProjectColumns = Describe<ProjectColumns>("matrix", "projection", "direction");

}  // namespace ferret
