// What rank-one compensation does with a row-major matrix, one pass over memory each.
#include <algorithm>

#include "../simd.h"
#include "kernels.h"
#include "secant.h"

namespace ferret {

namespace {

constexpr size_t kTogether = 4;
constexpr size_t kProjections = 2;

// projections = the sums over rows of direction[r] times the gradient, and times newest - origin
void RankOneSums(const float* gradient, const float* newest, const float* origin,
                 Rows<const double> direction, Columns<double, kProjections> projections) {
  constexpr int kLanes = 8;
  using Lanes = Doubles<kLanes>;
  const size_t columns = projections.count;
  std::fill_n(projections.values, kProjections * columns, 0.);
  secant::ForEach<kLanes, kTogether>(direction.count, columns, [&](auto whole, auto rows,
                                                                   size_t first, size_t column,
                                                                   int64_t lanes) {
    double* const gradients = projections.values + column;
    double* const changes = gradients + columns;
    Lanes along = LoadDoubleLanes<kLanes, whole>(gradients, lanes);
    Lanes moved = LoadDoubleLanes<kLanes, whole>(changes, lanes);
    for (size_t row = first; row < first + rows; ++row) {
      const size_t place = row * columns + column;
      const auto load = [=](const float* from) {
        return LoadWidenedLanes<kLanes, whole>(from + place, lanes);
      };
      const double weight = direction.values[row];
      along += weight * load(gradient);
      moved += weight * (load(newest) - load(origin));
    }
    StoreDoubleLanes<kLanes, whole>(gradients, along, lanes);
    StoreDoubleLanes<kLanes, whole>(changes, moved, lanes);
  });
}

// repaired = scale * gradient + damping * (newest - origin) + direction (x) projection; destination =
// repaired where step is 0, else newest - step * repaired
void RankOneRepair(float* destination, const float* gradient, const float* newest,
                   const float* origin, float scale, float damping, Rows<const double> direction,
                   Columns<const double> projection, float step) {
  constexpr int kLanes = 16;
  using Lanes = Vector<kLanes>;
  const size_t columns = projection.count;
  const auto repair = [=](auto steps) {
    secant::ForEach<kLanes, kTogether>(direction.count, columns, [=](auto whole, auto rows,
                                                                     size_t first, size_t column,
                                                                     int64_t lanes) {
      const Lanes along = LoadNarrowedLanes<kLanes, whole>(projection.values + column, lanes);
      const size_t place = first * columns + column;
      // All rows are read before the first is written, see secant_repair.cc.
      Lanes repaired[rows];
      for (size_t row = 0; row < rows; ++row) {
        const auto load = [=](const float* from) {
          return LoadLanes<kLanes, whole>(from + place + row * columns, lanes);
        };
        const float weight = static_cast<float>(direction.values[first + row]);
        const Lanes now = load(newest);
        repaired[row] =
            scale * load(gradient) + damping * (now - load(origin)) + weight * along;
        if constexpr (steps) repaired[row] = now - step * repaired[row];
      }
      for (size_t row = 0; row < rows; ++row)
        StoreLanes<kLanes, whole>(destination + place + row * columns, repaired[row], lanes);
    });
  };
  if (step == 0)
    repair(std::false_type());
  else
    repair(std::true_type());
}

}  // namespace

const Kernel kRankOneSums =
    Describe<RankOneSums>("gradient", "newest", "origin", "direction", "projections");

const Kernel kRankOneRepair = Describe<RankOneRepair>(
    "destination", "gradient", "newest", "origin", "scale", "damping", "direction", "projection",
    "step");

}  // namespace ferret
