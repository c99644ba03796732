#include "kernels.h"

#include "iterative_fisher.h"

namespace ferret {

namespace {

// destination = source - learning_rate * g with g the gradient as IterativeFisher repairs it, which
// itself stays as it is; one pass over memory. destination may be any of the others.
void IterativeFisherSgd(float* destination, const float* source, const float* gradient,
                        Versions versions, float lambda, float learning_rate, size_t count) {
  RepairGradient(gradient, versions, lambda, count,
                 [=](auto whole, size_t place, Vector<16> repaired, int64_t lanes) {
                   constexpr bool kWhole = decltype(whole)::value;
                   const auto from = LoadLanes<16, kWhole>(source + place, lanes);
                   StoreLanes<16, kWhole>(destination + place, from - learning_rate * repaired,
                                          lanes);
                 });
}

}  // namespace

const Kernel kIterativeFisherSgd =
    Describe<IterativeFisherSgd>("destination", "source", "gradient", "versions", "lambda",
                                 "learningRate");

}  // namespace ferret
