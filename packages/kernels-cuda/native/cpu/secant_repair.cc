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
  float *fast_gradient, *slow_gradient, *fast_origin, *slow_origin;
  // The last two: of the fast average before this gradient, for the lead, and after it, for the
  // next lead.
  float fast_rate, slow_rate, scale, damping, share, before_factor, fast_factor;
};

// What is written, of a few elements.
struct Elements {
  Lanes gradient, fast_gradient, slow_gradient, fast_origin, slow_origin;
};

// `more` is added to the repaired gradient.
template <bool kWhole>
inline Elements Repaired(const Block& block, size_t place, int64_t lanes, Lanes more) {
  const auto load = [=](const float* from) {
    return LoadLanes<kLanes, kWhole>(from + place, lanes);
  };
  const auto moved = [=](const float* average, Lanes value, float rate) {
    return secant::Towards(load(average), value, rate);
  };
  const Lanes g = load(block.gradient), then = load(block.origin);
  const Lanes before = load(block.fast_gradient);
  const Lanes fast = secant::Towards(before, g, block.fast_rate);
  const Lanes slow = moved(block.slow_gradient, g, block.slow_rate);
  const Lanes fast_place = moved(block.fast_origin, then, block.fast_rate);
  const Lanes slow_place = moved(block.slow_origin, then, block.slow_rate);
  const Lanes change = load(block.newest) - then - block.share * (fast_place - slow_place);
  const Lanes carried = block.scale * g + block.damping * change + block.share * (fast - slow);
  const Lanes ahead = block.before_factor * before - block.fast_factor * fast;
  return {carried + ahead + more, fast, slow, fast_place, slow_place};
}

template <bool kWhole>
inline void Write(const Block& block, size_t place, int64_t lanes, const Elements& elements) {
  const auto store = [=](float* to, Lanes value) {
    StoreLanes<kLanes, kWhole>(to + place, value, lanes);
  };
  store(block.gradient, elements.gradient);
  store(block.fast_gradient, elements.fast_gradient);
  store(block.slow_gradient, elements.slow_gradient);
  store(block.fast_origin, elements.fast_origin);
  store(block.slow_origin, elements.slow_origin);
}

// One pass over memory.
void SecantRepair(float* gradient, const float* newest, const float* origin, float* fast_gradient,
                  float* slow_gradient, float* fast_origin, float* slow_origin,
                  const double (&settings)[8], Rows<const double> lead,
                  Columns<const double> lead_projection, Rows<const double> direction,
                  Columns<const double> projection, size_t count) {
  const double lead_factor = settings[6];
  const auto setting = [&](int index) { return static_cast<float>(settings[index]); };
  const float before_factor = static_cast<float>(lead_factor * settings[2]);
  const Block block = {gradient,    newest,      origin,        fast_gradient, slow_gradient,
                       fast_origin, slow_origin, setting(0),    setting(1),    setting(3),
                       setting(4),  setting(5),  before_factor, setting(7)};
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
      const float lead_weight = static_cast<float>(lead_factor * lead.values[first + row]);
      const float weight = static_cast<float>(direction.values[first + row]);
      elements[row] = Repaired<whole>(block, place + row * columns, lanes,
                                      lead_weight * ahead + weight * along);
    }
    for (size_t row = 0; row < rows; ++row)
      Write<whole>(block, place + row * columns, lanes, elements[row]);
  });
}

}  // namespace

const Kernel kSecantRepair = Describe<SecantRepair>(
    "gradient", "newest", "origin", "fastGradient", "slowGradient", "fastOrigin", "slowOrigin",
    "settings", "lead", "leadProjection", "direction", "projection");

}  // namespace ferret
