#include "iterative_fisher.h"

#include "../ops.h"

void ferret_iterative_fisher(float* gradient, const float* const* versions, size_t version_count,
                             float lambda, size_t count) {
  ferret::RepairGradient(
      gradient, versions, version_count, lambda, count,
      [=](auto whole, size_t place, ferret::Vector<16> repaired, int64_t lanes) {
        ferret::StoreLanes<16, decltype(whole)::value>(gradient + place, repaired, lanes);
      });
}
