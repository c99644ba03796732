// The kernels of repairs.h on the processor.
#include "../repairs.h"

#include <utility>

#include "kernels.h"

namespace ferret {

namespace {

// destination gets the repaired gradient where step is 0, else newest - step * repaired; it may be
// any other array but the mean square.
template <typename Rule>
inline void RepairEach(Rule rule, float* destination, const float* gradient, const float* newest,
                       const float* origin, float* mean_square, float decay, float step,
                       size_t count) {
  const auto repaired = [=](size_t i) {
    const float g = gradient[i];
    float change = 0.f, square = 0.f;
    if constexpr (Rule::kNeedsOrigin) change = newest[i] - origin[i];
    if constexpr (Rule::kNeedsSquare)
      square = mean_square[i] = FisherAverage(mean_square[i], g, decay);
    return rule.Of(g, change, square);
  };
  if (step > 0) {
#pragma GCC ivdep  // the arrays are the same one or do not overlap
    for (size_t i = 0; i < count; ++i) destination[i] = newest[i] - step * repaired(i);
  } else {
#pragma GCC ivdep
    for (size_t i = 0; i < count; ++i) destination[i] = repaired(i);
  }
}

template <size_t>
using Number = float;

// A function with the arguments that a rule needs.
template <typename Rule, bool kOrigin, bool kSquare, typename Numbers>
struct RepairFunction;

template <typename Rule, size_t... kNumbers>
struct RepairFunction<Rule, true, true, std::index_sequence<kNumbers...>> {
  static void Run(float* destination, const float* gradient, const float* newest,
                  const float* origin, float* mean_square, float decay, Number<kNumbers>... numbers,
                  float step, size_t count) {
    RepairEach(Rule{numbers...}, destination, gradient, newest, origin, mean_square, decay, step,
               count);
  }
};

template <typename Rule, size_t... kNumbers>
struct RepairFunction<Rule, true, false, std::index_sequence<kNumbers...>> {
  static void Run(float* destination, const float* gradient, const float* newest,
                  const float* origin, Number<kNumbers>... numbers, float step, size_t count) {
    RepairEach(Rule{numbers...}, destination, gradient, newest, origin, nullptr, 0.f, step, count);
  }
};

template <typename Rule, size_t... kNumbers>
struct RepairFunction<Rule, false, true, std::index_sequence<kNumbers...>> {
  static void Run(float* destination, const float* gradient, const float* newest,
                  float* mean_square, float decay, Number<kNumbers>... numbers, float step,
                  size_t count) {
    RepairEach(Rule{numbers...}, destination, gradient, newest, nullptr, mean_square, decay, step,
               count);
  }
};

// Writes down the names of a rule's numbers.
struct Namer {
  Kernel& kernel;
  size_t count;
  void Number(const char* name, float&) { kernel.names[count++] = name; }
};

template <typename Rule>
Kernel DescribeRepair() {
  using Numbers = std::make_index_sequence<sizeof(Rule) / sizeof(float)>;
  using Function = RepairFunction<Rule, Rule::kNeedsOrigin, Rule::kNeedsSquare, Numbers>;
  Kernel kernel = {kernel_internal::Caller<&Function::Run>::Call,
                   {"destination", "gradient", "newest"}};
  Namer namer = {kernel, 3};
  const auto name = [&](const char* each) { kernel.names[namer.count++] = each; };
  if (Rule::kNeedsOrigin) name("origin");
  if (Rule::kNeedsSquare) {
    name("meanSquare");
    name("decay");
  }
  Rule().Visit(namer);
  name("step");
  return kernel;
}

}  // namespace

#define FERRET_ROW(Name, name) const Kernel k##Name = DescribeRepair<rules::Name>();
FERRET_REPAIRS(FERRET_ROW)
#undef FERRET_ROW

}  // namespace ferret
