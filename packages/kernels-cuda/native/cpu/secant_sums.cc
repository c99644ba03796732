#include <algorithm>

#include "../simd.h"
#include "kernels.h"
#include "secant.h"

namespace ferret {

namespace {

constexpr int kLanes = 8;
constexpr size_t kSums = 6, kProjections = 4;
constexpr size_t kAhead = 384;  // elements; five streams are more than the processor foresees
using Lanes = Doubles<kLanes>;

struct Block {
  const float *gradient, *newest, *origin, *average_gradient, *average_origin;
  double rate, lead_scale;
};

// What is summed up, of a few elements.
struct Elements {
  Lanes g, average, s, d, now;
};

template <bool kWhole>
inline Elements ElementsAt(const Block& block, size_t place, int64_t lanes) {
  const auto load = [=](const float* from) {
    if constexpr (kWhole) __builtin_prefetch(from + place + kAhead);
    return LoadWidenedLanes<kLanes, kWhole>(from + place, lanes);
  };
  const Lanes g = load(block.gradient), now = load(block.newest), then = load(block.origin);
  const Lanes before = load(block.average_gradient);
  return {g, secant::Towards(before, g, block.rate),
          then - secant::Towards(load(block.average_origin), then, block.rate),
          now - then - block.lead_scale * before, now};
}

struct Sums {
  Lanes each[kSums] = {};

  void Add(const Elements& at) {
    each[0] += at.g * at.g;
    each[1] += at.average * at.average;
    each[2] += at.s * (at.g - at.average);
    each[3] += at.s * at.s;
    each[4] += at.g * at.s;
    each[5] += at.now * at.now;
  }
};

// Parameters of no shape.
inline void SumVector(const Block& block, size_t count, Sums& sums) {
  secant::ForEach<kLanes, 1>(1, count, [&](auto whole, auto, size_t, size_t place, int64_t lanes) {
    sums.Add(ElementsAt<whole>(block, place, lanes));
  });
}

inline void SumMatrix(const Block& block, Rows<const double> lead,
                      Columns<const double> lead_projection, Rows<const double> direction,
                      Columns<double, kProjections> projections, Sums& sums) {
  const size_t columns = projections.count;
  secant::ForEach<kLanes, 2>(direction.count, columns, [&](auto whole, auto rows, size_t first,
                                                           size_t column, int64_t lanes) {
    const Lanes ahead = LoadDoubleLanes<kLanes, whole>(lead_projection.values + column, lanes);
    const auto projection = [&](size_t index) {
      return projections.values + index * columns + column;
    };
    Lanes along[kProjections];
    for (size_t index = 0; index < kProjections; ++index)
      along[index] = LoadDoubleLanes<kLanes, whole>(projection(index), lanes);
    for (size_t row = first; row < first + rows; ++row) {
      Elements at = ElementsAt<whole>(block, row * columns + column, lanes);
      at.d -= lead.values[row] * ahead;
      sums.Add(at);
      const double weight = direction.values[row];
      along[0] += weight * at.g;
      along[1] += weight * at.average;
      along[2] += weight * at.s;
      along[3] += weight * at.d;
    }
    for (size_t index = 0; index < kProjections; ++index)
      StoreDoubleLanes<kLanes, whole>(projection(index), along[index], lanes);
  });
}

// One pass over memory.
void SecantSums(const float* gradient, const float* newest, const float* origin,
                const float* average_gradient, const float* average_origin, float rate,
                float lead_scale, Rows<const double> lead, Columns<const double> lead_projection,
                Rows<const double> direction, Columns<double, kProjections> projections,
                double (&sums)[kSums], size_t count) {
  const Block block = {gradient,       newest, origin,    average_gradient,
                       average_origin, rate,   lead_scale};
  std::fill_n(projections.values, kProjections * projections.count, 0.);
  Sums total;
  if (direction.count == 0)
    SumVector(block, count, total);
  else
    SumMatrix(block, lead, lead_projection, direction, projections, total);
  for (size_t index = 0; index < kSums; ++index) {
    sums[index] = 0;
    for (int lane = 0; lane < kLanes; ++lane) sums[index] += total.each[index][lane];
  }
}

}  // namespace

const Kernel kSecantSums =
    Describe<SecantSums>("gradient", "newest", "origin", "averageGradient", "averageOrigin", "rate",
                         "leadScale", "lead", "leadProjection", "direction", "projections", "sums");

}  // namespace ferret
