#include "kernels.h"

#include "elementwise.h"

namespace ferret {

namespace {

// scale (g + damping d)
void Damp(float* destination, const float* gradient, const float* newest, const float* origin,
          float damping, float scale, float step, size_t count) {
  RepairEach(destination, newest, step, count, [=](size_t i) {
    return scale * (gradient[i] + damping * (newest[i] - origin[i]));
  });
}

}  // namespace

const Kernel kDamp =
    Describe<Damp>("destination", "gradient", "newest", "origin", "damping", "scale", "step");

}  // namespace ferret
