#include "curve.h"

#include <type_traits>

#include "../simd.h"
#include "activation.h"
#include "exponential.h"

namespace ferret {
namespace {

constexpr int kWide = 16;
using V = Vector<kWide>;

inline V Tanh(V x) {
  const V size = Absolute<kWide>(x);
  // A polynomial of x near 0, where the other form cancels (Moshier's Cephes, tanhf).
  const V z = x * x;
  const V near =
      ((((-5.70498872745e-3f * z + 2.06390887954e-2f) * z - 5.37397155531e-2f) * z +
        1.33314422036e-1f) * z - 3.33332819422e-1f) * z * x + x;
  const V far = 1.f - 2.f / (Exponential<kWide>(2.f * size) + 1.f);
  return size < V{} + 0.625f ? near : x < V{} ? -far : far;
}

inline V Sigmoid(V x) { return 1.f / (1.f + Exponential<kWide>(-x)); }

// The share of a normal distribution below x: 1 - Q above 0 and Q below, with Q(|x|) by Abramowitz
// and Stegun 7.1.26, off by up to 7.5e-8.
inline V NormalShare(V x, V exponential) {
  const V t = 1.f / (1.f + 0.3275911f * 0.70710678f * Absolute<kWide>(x));
  const V tail = 0.5f * exponential * t *
                 ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t +
                  0.254829592f);
  return x < V{} ? tail : 1.f - tail;
}

inline V Gelu(V x) { return x * NormalShare(x, Exponential<kWide>(-0.5f * x * x)); }

inline V GeluSlope(V x) {
  const V exponential = Exponential<kWide>(-0.5f * x * x);
  return NormalShare(x, exponential) + 0.39894228f * x * exponential;
}

template <typename Body>
inline void ForEachVector(size_t count, const Body& body) {
  size_t offset = 0;
  for (; offset + kWide <= count; offset += kWide) body(std::true_type(), offset, kWide);
  if (offset < count) body(std::false_type(), offset, static_cast<int64_t>(count - offset));
}

// destination = function(source, other)
template <typename Function>
void Map(float* destination, const float* source, const float* other, size_t count,
         const Function& function) {
  ForEachVector(count, [=](auto whole, size_t offset, int64_t lanes) {
    constexpr bool kWhole = decltype(whole)::value;
    StoreLanes<kWide, kWhole>(destination + offset,
                              function(LoadLanes<kWide, kWhole>(source + offset, lanes),
                                       LoadLanes<kWide, kWhole>(other + offset, lanes)),
                              lanes);
  });
}

}  // namespace

void Bend(const Curve& curve, float* destination, const float* source, size_t count) {
  const auto map = [=](const auto& function) {
    Map(destination, source, source, count, [=](V x, V) { return function(x); });
  };
  const float alpha = curve.alpha;
  switch (curve.activation) {
    case Activation::kTanh:
      return map(Tanh);
    case Activation::kSigmoid:
      return map(Sigmoid);
    case Activation::kGelu:
      return map(Gelu);
    case Activation::kElu:
      return map([=](V x) { return x > V{} ? x : alpha * ExponentialLessOne<kWide>(x); });
    case Activation::kLeakyRelu:
      return map([=](V x) { return x > V{} ? x : alpha * x; });
    default:
      return Activate(curve.activation, destination, source, count);
  }
}

void PassBent(const Curve& curve, float* gradient, const float* output, size_t count) {
  const auto map = [=](const auto& function) { Map(gradient, gradient, output, count, function); };
  const float alpha = curve.alpha;
  switch (curve.activation) {
    case Activation::kTanh:
      return map([](V dy, V y) { return dy * (1.f - y * y); });
    case Activation::kSigmoid:
      return map([](V dy, V y) { return dy * (y * (1.f - y)); });
    case Activation::kElu:
      return map([=](V dy, V y) { return y > V{} ? dy : dy * (y + alpha); });
    case Activation::kLeakyRelu:
      return map([=](V dy, V y) { return y > V{} ? dy : dy * alpha; });
    default:
      return PassGradient(curve.activation, gradient, output, count);
  }
}

void PassGelu(float* gradient, const float* input, size_t count) {
  Map(gradient, gradient, input, count, [](V dy, V x) { return dy * GeluSlope(x); });
}

}  // namespace ferret
