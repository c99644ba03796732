#include "kernels.h"
#include "sums.h"

namespace ferret {

namespace {

// <g, g>
double SquaredNorm(const float* gradient, size_t count) {
  double lanes[kSumLanes] = {};
  AddTerms(
      count,
      [&](size_t i, size_t lane) {
        lanes[lane] += static_cast<double>(gradient[i]) * gradient[i];
      },
      gradient);
  return Total(lanes);
}

// sums = [<g, d>, <d, d>], d = newest - origin
void ChangeProducts(const float* gradient, const float* newest, const float* origin,
                    double (&sums)[2], size_t count) {
  double product[kSumLanes] = {};
  double square[kSumLanes] = {};
  AddTerms(
      count,
      [&](size_t i, size_t lane) {
        const double change = static_cast<double>(newest[i]) - origin[i];
        product[lane] += gradient[i] * change;
        square[lane] += change * change;
      },
      gradient, newest, origin);
  sums[0] = Total(product);
  sums[1] = Total(square);
}

}  // namespace

const Kernel kSquaredNorm = Describe<SquaredNorm>("gradient");
const Kernel kChangeProducts = Describe<ChangeProducts>("gradient", "newest", "origin", "sums");

}  // namespace ferret
