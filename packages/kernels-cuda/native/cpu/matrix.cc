// On a row-major matrix, sums in double precision. Several rows at a time, so that the other
// operand is fetched, and where it is the result stored, once for all of them.
#include <cstring>
#include <type_traits>

#include "../simd.h"
#include "kernels.h"

namespace ferret {

namespace {

constexpr int kLanes = 8;
constexpr size_t kTogether = 4;

// body(rows, row, at): how many rows, as a type; the first of them; where that one begins.
template <typename Element, typename Body>
inline void ForRows(Element* matrix, size_t rows, size_t columns, const Body& body) {
  size_t row = 0;
  for (; row + kTogether <= rows; row += kTogether)
    body(std::integral_constant<size_t, kTogether>(), row, matrix + row * columns);
  for (; row < rows; ++row)
    body(std::integral_constant<size_t, 1>(), row, matrix + row * columns);
}

// projection[c] = sum over r of direction[r] * matrix[r, c]
void ProjectRows(const float* matrix, Rows<const double> direction, Columns<double> projection) {
  double* const sums = projection.values;
  const size_t columns = projection.count;
  for (size_t column = 0; column < columns; ++column) sums[column] = 0;
  ForRows(matrix, direction.count, columns, [=](auto rows, size_t first, const float* at) {
    double weights[rows];
    std::memcpy(weights, direction.values + first, sizeof weights);
    size_t column = 0;
    for (; column + kLanes <= columns; column += kLanes) {
      Doubles<kLanes> sum = LoadDoubles<kLanes>(sums + column);
      for (size_t row = 0; row < rows; ++row)
        sum += weights[row] * LoadWidened<kLanes>(at + row * columns + column);
      std::memcpy(sums + column, &sum, sizeof sum);
    }
    for (; column < columns; ++column)
      for (size_t row = 0; row < rows; ++row)
        sums[column] += weights[row] * at[row * columns + column];
  });
}

// direction[r] = sum over c of matrix[r, c] * projection[c]
void ProjectColumns(const float* matrix, Columns<const double> projection, Rows<double> direction) {
  const double* const weights = projection.values;
  const size_t columns = projection.count;
  ForRows(matrix, direction.count, columns, [=](auto rows, size_t first, const float* at) {
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
  });
}

// matrix[r, c] += direction[r] * projection[c]
void AddOuter(float* matrix, Rows<const double> direction, Columns<const double> projection) {
  const double* const factors = projection.values;
  const size_t columns = projection.count;
  ForRows(matrix, direction.count, columns, [=](auto rows, size_t first, float* at) {
    double weights[rows];
    std::memcpy(weights, direction.values + first, sizeof weights);
    size_t column = 0;
    for (; column + kLanes <= columns; column += kLanes) {
      const Doubles<kLanes> factor = LoadToKeep<kLanes>(factors + column);
      for (size_t row = 0; row < rows; ++row) {
        float* const own = at + row * columns + column;
        StoreNarrowed<kLanes>(own, LoadWidened<kLanes>(own) + weights[row] * factor);
      }
    }
    for (; column < columns; ++column)
      for (size_t row = 0; row < rows; ++row) {
        float& own = at[row * columns + column];
        own = static_cast<float>(own + weights[row] * factors[column]);
      }
  });
}

}  // namespace

const Kernel kProjectRows = Describe<ProjectRows>("matrix", "direction", "projection");
const Kernel kProjectColumns = Describe<ProjectColumns>("matrix", "projection", "direction");
const Kernel kAddOuter = Describe<AddOuter>("matrix", "direction", "projection");

}  // namespace ferret
