#include "kernels.h"

#include "elementwise.h"

namespace ferret {

namespace {

// mean_square = decay mean_square + (1 - decay) g g, then g / (1 + strength mean_square)
void FisherCap(float* destination, const float* gradient, const float* newest, float* mean_square,
               float decay, float strength, float step, size_t count) {
  RepairEach(destination, newest, step, count, [=](size_t i) {
    const float g = gradient[i];
    return g / (1.f + strength * Average(mean_square + i, g, decay));
  });
}

}  // namespace

const Kernel kFisherCap =
    Describe<FisherCap>("destination", "gradient", "newest", "meanSquare", "decay", "strength",
                        "step");

}  // namespace ferret
