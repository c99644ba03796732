#include "../ops.h"

namespace {

// Partial sums: independent chains that the compiler keeps in vector registers.
constexpr size_t kLanes = 16;

// term(i, lane) for each i; neighbours go to lanes of their own.
template <typename Term>
inline void AddTerms(size_t count, const Term& term) {
  size_t begin = 0;
  for (; begin + kLanes <= count; begin += kLanes)
    for (size_t lane = 0; lane < kLanes; ++lane) term(begin + lane, lane);
  for (size_t i = begin; i < count; ++i) term(i, i - begin);
}

double Total(const double* lanes) {
  double sum = 0;
  for (size_t lane = 0; lane < kLanes; ++lane) sum += lanes[lane];
  return sum;
}

}  // namespace

double ferret_squared_norm(const float* gradient, size_t count) {
  double lanes[kLanes] = {};
  AddTerms(count, [&](size_t i, size_t lane) {
    lanes[lane] += static_cast<double>(gradient[i]) * gradient[i];
  });
  return Total(lanes);
}

void ferret_change_products(const float* gradient, const float* newest, const float* origin,
                            double* sums, size_t count) {
  double product[kLanes] = {};
  double square[kLanes] = {};
  AddTerms(count, [&](size_t i, size_t lane) {
    const double change = static_cast<double>(newest[i]) - origin[i];
    product[lane] += gradient[i] * change;
    square[lane] += change * change;
  });
  sums[0] = Total(product);
  sums[1] = Total(square);
}

void ferret_secant(const float* gradient, const float* origin, float* kept_gradient,
                   float* kept_origin, double* sums, size_t count) {
  double product[kLanes] = {};
  double square[kLanes] = {};
  AddTerms(count, [&](size_t i, size_t lane) {
    const float g = gradient[i], place = origin[i];
    const double moved = static_cast<double>(place) - kept_origin[i];
    product[lane] += moved * (static_cast<double>(g) - kept_gradient[i]);
    square[lane] += moved * moved;
    kept_gradient[i] = g;
    kept_origin[i] = place;
  });
  sums[0] = Total(product);
  sums[1] = Total(square);
}
