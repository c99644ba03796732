#include "../ops.h"

// Row after row, so that the inner loops run over neighbours and the compiler makes vectors of them.

void ferret_project_rows(const float* matrix, const double* direction, double* projection,
                         size_t rows, size_t columns) {
  for (size_t column = 0; column < columns; ++column) projection[column] = 0;
  for (size_t row = 0; row < rows; ++row, matrix += columns) {
    const double weight = direction[row];
    for (size_t column = 0; column < columns; ++column)
      projection[column] += weight * matrix[column];
  }
}

void ferret_project_columns(const float* matrix, const double* projection, double* direction,
                            size_t rows, size_t columns) {
  constexpr size_t kLanes = 8;
  for (size_t row = 0; row < rows; ++row, matrix += columns) {
    double lanes[kLanes] = {};
    size_t begin = 0;
    for (; begin + kLanes <= columns; begin += kLanes)
      for (size_t lane = 0; lane < kLanes; ++lane)
        lanes[lane] += matrix[begin + lane] * projection[begin + lane];
    for (size_t column = begin; column < columns; ++column)
      lanes[column - begin] += matrix[column] * projection[column];
    double sum = 0;
    for (size_t lane = 0; lane < kLanes; ++lane) sum += lanes[lane];
    direction[row] = sum;
  }
}

void ferret_add_outer(float* matrix, const double* direction, const double* projection,
                      size_t rows, size_t columns) {
  for (size_t row = 0; row < rows; ++row, matrix += columns) {
    const double weight = direction[row];
    for (size_t column = 0; column < columns; ++column)
      matrix[column] = static_cast<float>(matrix[column] + weight * projection[column]);
  }
}
