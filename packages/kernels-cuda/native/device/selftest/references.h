// Reference<P> of every pass.
#pragma once

#include "reference.h"

namespace ferret::selftest {

// The rule itself in double precision; the checks of @ferret-ocl/compensation hold it to its formula.
// A result may be off by as much as it changes where its inputs do by a little.
template <typename Rule>
struct Reference<device::Repair<Rule>> {
  static void At(const device::Repair<Rule>& in, size_t i, Expected* out, Sums&) {
    const double g = in.gradient[i], now = in.newest[i];
    double change = 0, square = 0;
    if constexpr (Rule::kNeedsOrigin) change = now - static_cast<double>(in.origin[i]);
    if constexpr (Rule::kNeedsSquare) {
      out[1] = Average(in.mean_square[i], g, in.decay);
      square = out[1].value;
    }
    const double repaired = in.Of(g, change, square);
    double scale = std::fabs(repaired);
    for (const double factor : {1 + kLittle, 1 - kLittle})
      for (const double other : {in.Of(factor * g, change, square),
                                 in.Of(g, factor * change, square),
                                 in.Of(g, change, factor * square)})
        scale += std::fabs(other - repaired) / kLittle;
    out[0] = Step({repaired, scale}, now, in.step);
  }

  static constexpr double kLittle = 1e-6;
};

template <>
struct Reference<device::FisherDiagonal> {
  static void At(const device::FisherDiagonal& in, size_t i, Expected* out, Sums&) {
    out[0] = Average(in.mean_square[i], in.gradient[i], in.decay);
  }
};

template <>
struct Reference<device::Sgd> {
  static void At(const device::Sgd& in, size_t i, Expected* out, Sums&) {
    const double g = in.gradient[i], step = in.learning_rate;
    out[0] = {in.source[i] - step * g, std::fabs(in.source[i]) + step * std::fabs(g)};
  }
};

template <>
struct Reference<device::Add> {
  static void At(const device::Add& in, size_t i, Expected* out, Sums&) {
    const double a = in.accumulator[i], g = in.gradient[i];
    out[0] = {a + g, std::fabs(a) + std::fabs(g)};
  }
};

template <>
struct Reference<device::IterativeFisher> {
  static void At(const device::IterativeFisher& in, size_t i, Expected* out, Sums&) {
    out[0] = Walk(in.versions, i, in.lambda, in.gradient[i]);
  }
};

template <>
struct Reference<device::IterativeFisherSgd> {
  static void At(const device::IterativeFisherSgd& in, size_t i, Expected* out, Sums&) {
    const Expected g = Walk(in.versions, i, in.lambda, in.gradient[i]);
    const double from = in.source[i], step = in.learning_rate;
    out[0] = {from - step * g.value, std::fabs(from) + step * g.scale};
  }
};

template <>
struct Reference<device::SquaredNorm> {
  static void At(const device::SquaredNorm& in, size_t i, Expected*, Sums& sums) {
    const double g = in.gradient[i];
    sums.Add(0, g * g, g * g);
  }
  static void Conclude(const device::SquaredNorm&, const Sums& sums, Expected* out) {
    out[0] = sums.each[0];
  }
};

// Passes whose doubles are their two sums.
template <typename Pass>
struct TwoSums {
  static void Conclude(const Pass&, const Sums& sums, Expected* out) {
    out[0] = sums.each[0];
    out[1] = sums.each[1];
  }
};

template <>
struct Reference<device::ChangeProducts> : TwoSums<device::ChangeProducts> {
  static void At(const device::ChangeProducts& in, size_t i, Expected*, Sums& sums) {
    const double g = in.gradient[i], now = in.newest[i], change = now - in.origin[i];
    sums.Add(0, g * change, std::fabs(g * change));
    sums.Add(1, change * change, change * change);
  }
};

// Eq. 10-12 for one element: the averages, first v_r, and the terms of both sums.
inline void Statistics(double g, double change, double decay, double residual, double fisher,
                       Expected* averages, Sums& sums) {
  const double rest = 1 - decay, term = rest * g * g * change;
  const double difference = rest * (g - residual);
  averages[0] = {decay * residual + rest * g,
                 std::fabs(decay * residual) + std::fabs(rest * g)};
  averages[1] = {decay * fisher + term, std::fabs(decay * fisher) + std::fabs(term)};
  const double value = averages[1].value, scale = averages[1].scale;
  sums.Add(0, value * difference, scale * rest * (std::fabs(g) + std::fabs(residual)));
  sums.Add(1, value * value, scale * scale);
}

template <>
struct Reference<device::IterativeFisherStatistics> : TwoSums<device::IterativeFisherStatistics> {
  static void At(const device::IterativeFisherStatistics& in, size_t i, Expected* out,
                 Sums& sums) {
    const double now = in.newest[i];
    Statistics(in.gradient[i], now - in.previous[i], in.decay, in.residual_average[i],
               in.fisher_average[i], out, sums);
  }
};

template <>
struct Reference<device::IterativeFisherStep> {
  static void At(const device::IterativeFisherStep& in, size_t i, Expected* out, Sums& sums) {
    const unsigned last = in.versions.count - 1;
    const double g = in.gradient[i], newest = in.versions.arrays[last][i];
    const bool anew = in.state[2] != 0;
    const Expected repaired = Walk(in.versions, i, static_cast<float>(in.state[0]), g);
    const double step = in.learning_rate;
    out[0] = {newest - step * repaired.value, std::fabs(newest) + step * repaired.scale};
    Statistics(g, newest - in.versions.arrays[last - 1][i], in.decay,
               anew ? 0 : in.residual_average[i], anew ? 0 : in.fisher_average[i], out + 1, sums);
  }

  static void Conclude(const device::IterativeFisherStep& in, const Sums& sums, Expected* out) {
    const double residual = sums.each[0].value, fisher = sums.each[1].value;
    const bool finite = std::isfinite(residual + fisher);
    const double best = residual / (fisher + in.lambda_penalty);
    const double moved = in.state[0] - 2. * in.lambda_rate * (in.state[0] - best);
    const double scale = in.state[0] + sums.each[0].scale / (fisher + in.lambda_penalty);
    out[0] = finite ? Expected{std::max(moved, 0.), scale} : Expected{in.state[0], 0};
    out[1] = {in.state[1] + (finite ? 0 : 1), 0};
    out[2] = {finite ? 0. : 1., 0};
    out[3] = {in.state[3] + 1, 0};
  }
};

}  // namespace ferret::selftest
