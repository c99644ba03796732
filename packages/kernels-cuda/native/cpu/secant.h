// What the two kernels of secants share: how they walk through a block of parameters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace ferret::secant {

// An average that has reached the value stays where it is, to the last bit.
template <typename Lanes, typename Rate>
inline Lanes Towards(Lanes average, Lanes value, Rate rate) {
  return average + rate * (value - average);
}

// Walks through a matrix, several rows at a time and kLanes of each, so that what belongs to their
// columns is fetched, and where it is summed up stored, once for all of these rows. More than two
// rows of as many vectors are too many streams for a processor's caches.
//
// body(whole, rows, row, column, lanes): whether all lanes are there and how many rows, as types;
// the first of the rows; the first of the columns; how many lanes are there.
template <int kLanes, size_t kTogether, typename Body>
inline void ForEach(size_t rows, size_t columns, const Body& body) {
  const auto across = [&](auto together, size_t row) {
    size_t column = 0;
    for (; column + kLanes <= columns; column += kLanes)
      body(std::true_type(), together, row, column, kLanes);
    if (column < columns)
      body(std::false_type(), together, row, column, static_cast<int64_t>(columns - column));
  };
  size_t row = 0;
  for (; row + kTogether <= rows; row += kTogether)
    across(std::integral_constant<size_t, kTogether>(), row);
  for (; row < rows; ++row) across(std::integral_constant<size_t, 1>(), row);
}

}  // namespace ferret::secant
