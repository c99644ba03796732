// Every vector kernel of the CPU: those of repairs.h, and of others one row here, and a file beside
// this one that holds its function and describes it to JavaScript as kSgd and the like.
#pragma once

#include "../repairs.h"
#include "binding/kernel.h"

// clang-format off
#define FERRET_CPU_KERNELS(ROW)                               \
  ROW(IterativeFisher, "iterativeFisher")                     \
  ROW(IterativeFisherSgd, "iterativeFisherSgd")               \
  ROW(IterativeFisherStatistics, "iterativeFisherStatistics") \
  FERRET_REPAIRS(ROW)                                         \
  ROW(SecantSums, "secantSums")                               \
  ROW(SecantRepair, "secantRepair")                           \
  ROW(RankOneSums, "rankOneSums")                             \
  ROW(RankOneRepair, "rankOneRepair")                         \
  ROW(SquaredNorm, "squaredNorm")                             \
  ROW(ChangeProducts, "changeProducts")                       \
  ROW(ProjectColumns, "projectColumns")                       \
  ROW(MagnitudeAverage, "magnitudeAverage")                   \
  ROW(Pull, "pull")                                           \
  ROW(Sgd, "sgd")                                             \
  ROW(Add, "add")
// clang-format on

namespace ferret {

#define FERRET_ROW(Name, name) extern const Kernel k##Name;
FERRET_CPU_KERNELS(FERRET_ROW)
#undef FERRET_ROW

}  // namespace ferret
