#include "kernels.h"

namespace ferret {

namespace {

// gradient += min(factor stiffness, most) (parameters - anchor), rounded as JavaScript does: no
// product is fused into a sum, and what is no number stays none.
__attribute__((optimize("fp-contract=off"))) void Pull(float* gradient, const float* parameters,
                                                       const float* anchor, const float* stiffness,
                                                       double factor, double most, size_t count) {
#pragma GCC ivdep  // the arrays are the same one or do not overlap
  for (size_t i = 0; i < count; ++i) {
    const double stiff = factor * stiffness[i];
    const double held = stiff > most ? most : stiff;
    const double away = double{parameters[i]} - anchor[i];
    gradient[i] = static_cast<float>(gradient[i] + held * away);
  }
}

}  // namespace

const Kernel kPull =
    Describe<Pull>("gradient", "parameters", "anchor", "stiffness", "factor", "most");

}  // namespace ferret
