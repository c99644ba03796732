#include "kernels.h"

#include "iterative_fisher.h"

namespace ferret {

namespace {

// g <- g * clamp(1 + lambda g (next - previous), 0, 2) for each consecutive pair of versions,
// oldest first (Ferret, arXiv 2503.12053, Eq. 8-9). One pass over memory.
void IterativeFisher(float* gradient, Versions versions, float lambda, size_t count) {
  RepairGradient(gradient, versions, lambda, count,
                 [=](auto whole, size_t place, Vector<16> repaired, int64_t lanes) {
                   StoreLanes<16, decltype(whole)::value>(gradient + place, repaired, lanes);
                 });
}

}  // namespace

const Kernel kIterativeFisher = Describe<IterativeFisher>("gradient", "versions", "lambda");

}  // namespace ferret
