#include "../ops.h"
#include "iterative_fisher.h"

void ferret_iterative_fisher_sgd(float* destination, const float* source, const float* gradient,
                                 const float* const* versions, size_t version_count, float lambda,
                                 float learning_rate, size_t count) {
  ferret::RepairGradient(
      gradient, versions, version_count, lambda, count,
      [=](auto whole, size_t place, ferret::Vector<16> repaired, int64_t lanes) {
        constexpr bool kWhole = decltype(whole)::value;
        const auto from = ferret::LoadLanes<16, kWhole>(source + place, lanes);
        ferret::StoreLanes<16, kWhole>(destination + place, from - learning_rate * repaired,
                                       lanes);
      });
}
