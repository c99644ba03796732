// Every kernel that repairs a gradient element by element, on the processor and on the device alike: a
// rule for one element and one row here. A rule is a struct of the kernel's numbers with
//
//   kNeedsOrigin            whether it asks for the change since the weights of the gradient
//   kNeedsSquare            whether it asks for the moving average of g g, made in the same pass
//   Visit(each)             its numbers, in the order in which JavaScript hands them over
//   Of(g, change, square)   the repaired gradient; in double precision it is the self-test's
#pragma once

#include "rules/adaptive_fisher.h"
#include "rules/closed_form_fisher.h"
#include "rules/fisher_cap.h"
#include "rules/gap_aware.h"

// clang-format off
#define FERRET_REPAIRS(ROW)                 \
  ROW(ClosedFormFisher, "closedFormFisher") \
  ROW(AdaptiveFisher, "adaptiveFisher")     \
  ROW(GapAware, "gapAware")                 \
  ROW(FisherCap, "fisherCap")
// clang-format on
