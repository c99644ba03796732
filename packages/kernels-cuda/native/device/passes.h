// Every kernel of the device: those of ../repairs.h, and of others one header and one row here. A pass is a struct with
//
//   Visit(each)            its arguments in the order in which JavaScript hands them over:
//                          arrays that it Reads, Writes (whatever was there) or Updates, Versions,
//                          Numbers, and Doubles that lie on the device
//   Apply<lanes>(place, sums)   the elements place .. place + lanes, sums of this thread
//   kSums, Conclude(sums)       how many sums there are, and what becomes of them, in one thread
//
// repair.h makes a pass of the rule of an element-by-element method.
//
// Arrays of a call may be the same one, as long as what Updates one is apart from what Writes.
#pragma once

#include "../repairs.h"
#include "passes/add.h"
#include "passes/delay_adaptive.h"
#include "passes/fisher_diagonal.h"
#include "passes/iterative_fisher.h"
#include "passes/iterative_fisher_sgd.h"
#include "passes/iterative_fisher_statistics.h"
#include "passes/iterative_fisher_step.h"
#include "passes/products.h"
#include "passes/repair.h"
#include "passes/sgd.h"

namespace ferret::device {

#define FERRET_ROW(Name, name) using Name = Repair<rules::Name>;
FERRET_REPAIRS(FERRET_ROW)
#undef FERRET_ROW

}  // namespace ferret::device

// clang-format off
#define FERRET_DEVICE_PASSES(ROW)                             \
  ROW(IterativeFisher, "iterativeFisher")                     \
  ROW(IterativeFisherSgd, "iterativeFisherSgd")               \
  ROW(IterativeFisherStatistics, "iterativeFisherStatistics") \
  ROW(IterativeFisherStep, "iterativeFisherStep")             \
  FERRET_REPAIRS(ROW)                                         \
  ROW(DelayAdaptive, "delayAdaptive")                         \
  ROW(FisherDiagonal, "fisherDiagonal")                       \
  ROW(Sgd, "sgd")                                             \
  ROW(Add, "add")                                             \
  ROW(SquaredNorm, "squaredNorm")                             \
  ROW(ChangeProducts, "changeProducts")
// clang-format on
