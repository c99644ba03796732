#include "../ops.h"

#include <algorithm>

namespace {

// Elements that stay in the first-level cache while all versions are walked through.
constexpr size_t kBlock = 1024;

}  // namespace

void ferret_iterative_fisher(float* gradient, const float* const* versions, size_t version_count,
                             float lambda, size_t count) {
  for (size_t begin = 0; begin < count; begin += kBlock) {
    const size_t length = std::min(kBlock, count - begin);
    float* g = gradient + begin;
    for (size_t step = 0; step + 1 < version_count; ++step) {
      const float* previous = versions[step] + begin;
      const float* next = versions[step + 1] + begin;
      for (size_t i = 0; i < length; ++i) {
        float factor = 1.f + lambda * g[i] * (next[i] - previous[i]);
        factor = factor < 0.f ? 0.f : factor;
        factor = factor > 2.f ? 2.f : factor;
        g[i] *= factor;
      }
    }
  }
}
