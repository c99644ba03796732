// The transforms of kernels and of their gradients.
#include "winograd.h"

#include "winograd_transform.h"

namespace ferret {

using namespace winograd;

void Winograd::TransformKernel(const float* kernel, float* transformed) const {
  const int64_t pairs = shape_.inputs * shape_.outputs;
  for (int64_t pair = 0; pair < pairs; pair += kLanes) {
    V taps[kKernel * kKernel], elements[kElements];
    for (int tap = 0; tap < kKernel * kKernel; ++tap)
      taps[tap] = Load<kLanes>(kernel + tap * pairs + pair);
    Transform2d<FromKernel>(taps, elements);
    for (int e = 0; e < kElements; ++e)
      Store<kLanes>(transformed + e * kernel_plane_ + pair, elements[e]);
  }
}

void Winograd::TransformTurnedKernel(const float* kernel, float* transformed) const {
  const int64_t pairs = shape_.inputs * shape_.outputs;
  constexpr int kTaps = kKernel * kKernel;
  V turned[kTaps][kLanes];
  // The kernel is [tap][output][input] here; blocks of 16 x 16 channels change sides.
  for (int64_t output = 0; output < shape_.outputs; output += kLanes)
    for (int64_t input = 0; input < shape_.inputs; input += kLanes) {
      for (int tap = 0; tap < kTaps; ++tap) {
        V* block = turned[kTaps - 1 - tap];
        for (int64_t o = 0; o < kLanes; ++o)
          block[o] = Load<kLanes>(kernel + tap * pairs + (output + o) * shape_.inputs + input);
        Transpose16(block);
      }
      for (int64_t i = 0; i < kLanes; ++i) {
        V taps[kTaps], elements[kElements];
        for (int tap = 0; tap < kTaps; ++tap) taps[tap] = turned[tap][i];
        Transform2d<FromKernel>(taps, elements);
        for (int e = 0; e < kElements; ++e)
          Store<kLanes>(transformed + e * kernel_plane_ + (input + i) * shape_.outputs + output,
                        elements[e]);
      }
    }
}

void Winograd::TransformKernelGradient(const float* sums, const ParameterSink& sink) const {
  const int64_t pairs = shape_.inputs * shape_.outputs;
  for (int64_t pair = 0; pair < pairs; pair += kLanes) {
    V elements[kElements], taps[kKernel * kKernel];
    for (int e = 0; e < kElements; ++e)
      elements[e] = Load<kLanes>(sums + e * kernel_plane_ + pair);
    Transform2d<ToKernelGradient>(elements, taps);
    for (int tap = 0; tap < kKernel * kKernel; ++tap)
      sink.Put<kLanes>(tap * pairs + pair, taps[tap]);
  }
}

}  // namespace ferret
