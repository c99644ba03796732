// Sums over vectors in double precision.
#pragma once

#include <cstddef>

namespace ferret {

// Partial sums: independent chains that the compiler keeps in vector registers.
constexpr size_t kSumLanes = 16;

// Elements to fetch ahead. A stream that is only read is faster than what some processors foresee.
constexpr size_t kFetchAhead = 1024;

// term(i, lane) for each i; neighbours go to lanes of their own. `arrays` are what it reads.
template <typename Term, typename... Arrays>
inline void AddTerms(size_t count, const Term& term, const Arrays*... arrays) {
  size_t begin = 0;
  for (; begin + kSumLanes <= count; begin += kSumLanes) {
    (__builtin_prefetch(arrays + begin + kFetchAhead), ...);
    for (size_t lane = 0; lane < kSumLanes; ++lane) term(begin + lane, lane);
  }
  for (size_t i = begin; i < count; ++i) term(i, i - begin);
}

inline double Total(const double* lanes) {
  double sum = 0;
  for (size_t lane = 0; lane < kSumLanes; ++lane) sum += lanes[lane];
  return sum;
}

}  // namespace ferret
