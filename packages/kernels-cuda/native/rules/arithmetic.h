// Arithmetic of rules for one element, in float32 or in double precision, on the processor and the
// GPU. The comparisons keep NaN a NaN.
#pragma once

#include <cmath>

#ifdef __CUDACC__
#define FERRET_HD __host__ __device__
#else
#define FERRET_HD
#endif

namespace ferret {

// Keeps one step from turning a gradient's sign or more than doubling it.
template <typename Real>
FERRET_HD inline Real ClampFactor(Real factor) {
  return factor < 0 ? 0 : factor > 2 ? 2 : factor;
}

// decay average + (1 - decay) g g: the diagonal of the empirical Fisher matrix as a moving average.
template <typename Real>
FERRET_HD inline Real FisherAverage(Real average, Real g, Real decay) {
  return decay * average + (1 - decay) * g * g;
}

FERRET_HD inline float Root(float value) { return sqrtf(value); }
FERRET_HD inline double Root(double value) { return sqrt(value); }
FERRET_HD inline float Magnitude(float value) { return fabsf(value); }
FERRET_HD inline double Magnitude(double value) { return fabs(value); }

}  // namespace ferret
