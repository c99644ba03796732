#include "../simd.h"
#include "kernels.h"
#include "secant.h"

namespace ferret {

namespace {

constexpr int kLanes = 16;
using Lanes = Vector<kLanes>;

struct Block {
  float* gradient;
  const float *newest, *origin;
  float *average_gradient, *average_origin;
  // The last two: of the average before this gradient, for the lead, and after it, for the next one.
  float rate, scale, damping, before_factor, average_factor;
};

// What is written, of a few elements.
struct Elements {
  Lanes gradient, average_gradient, average_origin;
};

// `more` is added to the repaired gradient.
template <bool kWhole>
inline Elements Repaired(const Block& block, size_t place, int64_t lanes, Lanes more) {
  const auto load = [=](const float* from) {
    return LoadLanes<kLanes, kWhole>(from + place, lanes);
  };
  const Lanes g = load(block.gradient), then = load(block.origin);
  const Lanes before = load(block.average_gradient);
  const Lanes average = secant::Towards(before, g, block.rate);
  const Lanes carried = block.scale * g + block.damping * (load(block.newest) - then);
  const Lanes ahead = block.before_factor * before - block.average_factor * average;
  return {carried + ahead + more, average,
          secant::Towards(load(block.average_origin), then, block.rate)};
}

template <bool kWhole>
inline void Write(const Block& block, size_t place, int64_t lanes, const Elements& elements) {
  const auto store = [=](float* to, Lanes value) {
    StoreLanes<kLanes, kWhole>(to + place, value, lanes);
  };
  store(block.gradient, elements.gradient);
  store(block.average_gradient, elements.average_gradient);
  store(block.average_origin, elements.average_origin);
}

// One pass over memory.
void SecantRepair(float* gradient, const float* newest, const float* origin,
                  float* average_gradient, float* average_origin, float rate,
                  float lead_scale, Rows<const double> lead, Columns<const double> lead_projection,
                  Rows<const double> direction, float scale, float damping, float lead_factor,
                  float next_lead_factor, Columns<const double> projection, size_t count) {
  const Block block = {gradient,         newest, origin,  average_gradient,
                       average_origin,   rate,   scale,   damping,
                       lead_factor * lead_scale, next_lead_factor};
  if (direction.count == 0)
    return secant::ForEach<kLanes, 1>(
        1, count, [=](auto whole, auto, size_t, size_t place, int64_t lanes) {
          Write<whole>(block, place, lanes, Repaired<whole>(block, place, lanes, Lanes{}));
        });
  const size_t columns = projection.count;
  secant::ForEach<kLanes, 2>(direction.count, columns, [=](auto whole, auto rows, size_t first,
                                                           size_t column, int64_t lanes) {
    const Lanes ahead = LoadNarrowedLanes<kLanes, whole>(lead_projection.values + column, lanes);
    const Lanes along = LoadNarrowedLanes<kLanes, whole>(projection.values + column, lanes);
    const size_t place = first * columns + column;
    // All rows are read before the first is written: where a row is short, or begins at the same
    // place in a page as the one before, reading it next would wait for what was written.
    Elements elements[rows];
    for (size_t row = 0; row < rows; ++row) {
      const float weight = static_cast<float>(direction.values[first + row]);
      const float lead_weight = lead_factor * static_cast<float>(lead.values[first + row]);
      elements[row] = Repaired<whole>(block, place + row * columns, lanes,
                                      lead_weight * ahead + weight * along);
    }
    for (size_t row = 0; row < rows; ++row)
      Write<whole>(block, place + row * columns, lanes, elements[row]);
  });
}

}  // namespace

const Kernel kSecantRepair =
    Describe<SecantRepair>("gradient", "newest", "origin", "averageGradient", "averageOrigin",
                           "rate", "leadScale", "lead", "leadProjection", "direction", "scale",
                           "damping", "leadFactor", "nextLeadFactor", "projection");

}  // namespace ferret
