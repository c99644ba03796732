// Runs a pass once and compares; a complaint is one sentence.
#pragma once

#include <cstdio>

#include "arguments.h"

namespace ferret::selftest {

// Error in units of what is allowed, or -1 where a value is of another kind than the expected one.
inline double Excess(double got, Expected expected) {
  if (std::isnan(expected.value)) return std::isnan(got) ? 0 : -1;
  if (std::isinf(expected.value)) return got == expected.value ? 0 : -1;
  if (!std::isfinite(got)) return -1;
  const double scale = std::isfinite(expected.scale) ? expected.scale : 1 + std::fabs(got);
  const double error = std::fabs(got - expected.value);
  return error == 0 ? 0 : error / (1e-6 * scale + 1e-37);
}

class Outcome {
 public:
  double worst = 0;
  std::string complaint;

  void Compare(const char* name, size_t place, double got, Expected expected) {
    const double excess = Excess(got, expected);
    if (excess >= 0) worst = std::max(worst, excess);
    if (excess >= 0 && excess <= 1) return;
    char text[200];
    std::snprintf(text, sizeof text, "Expected %.9g for %s[%zu] but received %.9g", expected.value,
                  name, place, got);
    Complain(text);
  }
  void Take(const Outcome& other) {
    worst = std::max(worst, other.worst);
    if (!other.complaint.empty()) Complain(other.complaint);
  }
  void Complain(const std::string& text) {
    if (complaint.empty()) complaint = text;
  }
};

// Elements begin .. end of all outputs; what they add to the sums.
template <typename Pass>
void CompareElements(const Pass& host, const Arguments& arguments, size_t begin, size_t end,
                     Sums& sums, Outcome& outcome) {
  Expected expected[kMostOutputs];
  for (size_t i = begin; i < end; ++i) {
    Reference<Pass>::At(host, i, expected, sums);
    for (size_t n = 0; n < arguments.outputs.size(); ++n) {
      const auto& [name, array] = arguments.outputs[n];
      outcome.Compare(name, i, array->after()[i], expected[n]);
      uint32_t bits;
      std::memcpy(&bits, array->after() + i, sizeof bits);
      if (bits == kPoison)
        outcome.Complain("Expected a value for " + std::string(name) + "[" + std::to_string(i) +
                         "] but nothing was written");
    }
  }
}

template <typename Pass>
Outcome Try(const device::Stream& stream, const Manner& manner, Random& random) {
  Outcome outcome;
  Arguments arguments(stream, manner, random);
  Pass host = {}, on_device = {};
  device::Status status = arguments.Make(host, on_device);
  if (status == 0) status = device::Launch(on_device, manner.count, stream);
  if (status == 0) status = arguments.Fetch();
  if (status == 0) status = device::Synchronize(stream);
  if (status != 0) {
    outcome.Complain(std::string("Expected the call to run but received: ") +
                     device::StatusText(status));
    return outcome;
  }

  std::vector<Sums> parts(PartsOf(manner.count));
  std::vector<Outcome> outcomes(parts.size());
  InParts(manner.count, [&](size_t part, size_t begin, size_t end) {
    CompareElements(host, arguments, begin, end, parts[part], outcomes[part]);
  });
  Sums sums;
  for (size_t part = 0; part < parts.size(); ++part) {
    outcome.Take(outcomes[part]);
    sums.Take(parts[part]);
  }
  if constexpr (Pass::kSums > 0) {
    Expected doubles[kMostDoubles];
    Reference<Pass>::Conclude(host, sums, doubles);
    for (size_t n = 0; n < arguments.doubles_length; ++n)
      outcome.Compare(arguments.doubles_name, n, arguments.doubles_after[n], doubles[n]);
  }
  for (const auto& array : arguments.arrays) {
    bool writes = false;
    for (const auto& output : arguments.outputs) writes = writes || output.array == array.get();
    if (!array->Kept(!writes))
      outcome.Complain(writes ? "Expected the memory around an output untouched but it was written"
                              : "Expected an input untouched but it was written");
  }
  return outcome;
}

}  // namespace ferret::selftest
