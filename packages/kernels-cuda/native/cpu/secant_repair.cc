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
  float rate, scale, damping;
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
  return {block.scale * g + block.damping * (load(block.newest) - then) + more,
          secant::Towards(load(block.average_gradient), g, block.rate),
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
                  float* average_gradient, float* average_origin, float rate, float scale,
                  float damping, Rows<const double> direction, Columns<const double> projection,
                  size_t count) {
  const Block block = {gradient, newest, origin, average_gradient, average_origin,
                       rate,     scale,  damping};
  if (direction.count == 0)
    return secant::ForEach<kLanes, 1>(
        1, count, [=](auto whole, auto, size_t, size_t place, int64_t lanes) {
          Write<whole>(block, place, lanes, Repaired<whole>(block, place, lanes, Lanes{}));
        });
  const size_t columns = projection.count;
  secant::ForEach<kLanes, 2>(direction.count, columns, [=](auto whole, auto rows, size_t first,
                                                           size_t column, int64_t lanes) {
    const Lanes along = LoadNarrowedLanes<kLanes, whole>(projection.values + column, lanes);
    const size_t place = first * columns + column;
    // All rows are read before the first is written: where a row is short, or begins at the same
    // place in a page as the one before, reading it next would wait for what was written.
    Elements elements[rows];
    for (size_t row = 0; row < rows; ++row) {
      const float weight = static_cast<float>(direction.values[first + row]);
      elements[row] = Repaired<whole>(block, place + row * columns, lanes, weight * along);
    }
    for (size_t row = 0; row < rows; ++row)
      Write<whole>(block, place + row * columns, lanes, elements[row]);
  });
}

}  // namespace

const Kernel kSecantRepair =
    Describe<SecantRepair>("gradient", "newest", "origin", "averageGradient", "averageOrigin",
                           "rate", "scale", "damping", "direction", "projection");

}  // namespace ferret
