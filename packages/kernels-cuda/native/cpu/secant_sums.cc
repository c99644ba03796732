#include <algorithm>

#include "../simd.h"
#include "kernels.h"
#include "secant.h"

namespace ferret {

namespace {

constexpr int kLanes = 8;
constexpr size_t kSums = 8, kProjections = 5;
constexpr size_t kAhead = 384;  // elements; seven streams are more than the processor foresees
using Lanes = Doubles<kLanes>;

struct Block {
  const float *gradient, *newest, *origin, *fast_gradient, *slow_gradient, *fast_origin,
      *slow_origin;
  double fast_rate, slow_rate, lead_scale;
};

// What is summed up, of a few elements.
struct Elements {
  Lanes g, fast, y, s, d, now;
};

template <bool kWhole>
inline Elements ElementsAt(const Block& block, size_t place, int64_t lanes) {
  const auto load = [=](const float* from) {
    if constexpr (kWhole) __builtin_prefetch(from + place + kAhead);
    return LoadWidenedLanes<kLanes, kWhole>(from + place, lanes);
  };
  const auto moved = [=](const float* average, Lanes value, double rate) {
    return secant::Towards(load(average), value, rate);
  };
  const Lanes g = load(block.gradient), now = load(block.newest), then = load(block.origin);
  const Lanes before = load(block.fast_gradient);
  const Lanes fast = secant::Towards(before, g, block.fast_rate);
  return {g,
          fast,
          fast - moved(block.slow_gradient, g, block.slow_rate),
          moved(block.fast_origin, then, block.fast_rate) -
              moved(block.slow_origin, then, block.slow_rate),
          now - then - block.lead_scale * before,
          now};
}

struct Sums {
  Lanes each[kSums] = {};

  void Add(const Elements& at) {
    each[0] += at.g * at.g;
    each[1] += at.fast * at.fast;
    each[2] += at.s * at.y;
    each[3] += at.s * at.s;
    each[4] += at.s * at.d;
    each[5] += at.d * at.d;
    each[6] += at.now * at.now;
    each[7] += at.g * at.s;
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
      along[1] += weight * at.fast;
      along[2] += weight * at.y;
      along[3] += weight * at.s;
      along[4] += weight * at.d;
    }
    for (size_t index = 0; index < kProjections; ++index)
      StoreDoubleLanes<kLanes, whole>(projection(index), along[index], lanes);
  });
}

// One pass over memory.
void SecantSums(const float* gradient, const float* newest, const float* origin,
                const float* fast_gradient, const float* slow_gradient, const float* fast_origin,
                const float* slow_origin, const double (&settings)[3], Rows<const double> lead,
                Columns<const double> lead_projection, Rows<const double> direction,
                Columns<double, kProjections> projections, double (&sums)[kSums], size_t count) {
  const Block block = {gradient,    newest,      origin,      fast_gradient, slow_gradient,
                       fast_origin, slow_origin, settings[0], settings[1],   settings[2]};
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

const Kernel kSecantSums = Describe<SecantSums>(
    "gradient", "newest", "origin", "fastGradient", "slowGradient", "fastOrigin", "slowOrigin",
    "settings", "lead", "leadProjection", "direction", "projections", "sums");

}  // namespace ferret
