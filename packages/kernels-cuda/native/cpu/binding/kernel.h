// A vector kernel as JavaScript calls it, made of a function and of the names of its arguments. The
// function never exits or throws. Its Float32Arrays have one length; what it writes is apart from
// every other array of the call, or the same as a Float32Array that it only reads.
//
// A function of Rows or Columns works on a matrix. One that takes the length as well also works on
// vectors of no shape: then there are neither rows nor columns.
//
// They are called for every gradient, so this is Node's raw interface: with its C++ wrapper a call
// takes four times as long.
#pragma once

#include <tuple>
#include <utility>

#include "parameter.h"

namespace ferret {

constexpr size_t kMostArguments = 15;

struct Kernel {
  napi_callback callback;  // its data is this
  const char* names[kMostArguments];
};

namespace kernel_internal {

// Whether a written array is apart from the other one. It may be the same where that is only read
// and both are Float32Arrays: a kernel has read an element when it writes it.
template <typename First, typename Second>
inline bool AreApart(const KernelCall& call, const First& first, const Second& second) {
  if constexpr (First::kArray && Second::kArray && (First::kWritten || Second::kWritten)) {
    constexpr bool kMayBeSame =
        First::kFloats && Second::kFloats && !(First::kWritten && Second::kWritten);
    for (size_t one = 0; one < first.arrays(); ++one)
      for (size_t other = 0; other < second.arrays(); ++other) {
        const Extent here = first.Place(call, one), there = second.Place(call, other);
        if (kMayBeSame && here.begin == there.begin) continue;
        if (here.Meets(there)) return false;
      }
  }
  return true;
}

template <typename Type>
constexpr bool IsExtent = false;
template <typename Element>
constexpr bool IsExtent<Rows<Element>> = true;
template <typename Element, size_t kTimes>
constexpr bool IsExtent<Columns<Element, kTimes>> = true;

template <auto kFunction, typename Type = decltype(kFunction)>
struct Caller;

template <auto kFunction, typename Result, typename... Types>
struct Caller<kFunction, Result (*)(Types...)> {
  using Parameters = std::tuple<Parameter<Types>...>;
  static constexpr bool kCounts = (std::is_same_v<Types, size_t> || ...);
  static constexpr bool kIsMatrix = (IsExtent<Types> || ...);
  static constexpr size_t kArguments = sizeof...(Types) - kCounts;
  using Places = std::make_index_sequence<kArguments>;

  template <size_t kFirst, size_t... kSecond>
  static bool IsApart(const KernelCall& call, const Parameters& parameters, const Kernel& kernel,
                      std::index_sequence<kSecond...>) {
    return (... && (kSecond <= kFirst ||
                    AreApart(call, std::get<kFirst>(parameters), std::get<kSecond>(parameters)) ||
                    RefuseOverlap(call.env, kernel.names[kFirst], kernel.names[kSecond])));
  }

  template <size_t... kPlaces>
  static bool Read(KernelCall& call, Parameters& parameters, const Kernel& kernel,
                   const napi_value* values, std::index_sequence<kPlaces...>) {
    if (!(... && std::get<kPlaces>(parameters).Fetch(call, values[kPlaces]))) return false;
    if (!(... && std::get<kPlaces>(parameters)
                     .Read(call, values[kPlaces], kernel.names[kPlaces])))
      return false;
    const bool has_shape = kIsMatrix && !(kCounts && call.rows == 0 && call.columns == 0);
    if (has_shape && call.count != call.rows * call.columns)
      return RefuseMatrix(call.env, kernel.names[0], call.rows, call.columns, call.count);
    return (... && IsApart<kPlaces>(call, parameters, kernel, Places()));
  }

  static napi_value Call(napi_env env, napi_callback_info info) {
    size_t count = kArguments;
    napi_value values[kArguments];
    void* kernel;
    napi_get_cb_info(env, info, &count, values, nullptr, &kernel);
    KernelCall call = {env};
    Parameters parameters;
    napi_value result = nullptr;
    if (!Read(call, parameters, *static_cast<const Kernel*>(kernel), values, Places()))
      return result;
    const auto run = [&call](const auto&... each) { return kFunction(each.Value(call)...); };
    if constexpr (std::is_void_v<Result>)
      std::apply(run, parameters);
    else
      napi_create_double(env, std::apply(run, parameters), &result);
    return result;
  }
};

}  // namespace kernel_internal

template <auto kFunction, typename... Names>
constexpr Kernel Describe(Names... names) {
  using Caller = kernel_internal::Caller<kFunction>;
  static_assert(sizeof...(Names) == Caller::kArguments, "Expected a name for each argument");
  return {Caller::Call, {names...}};
}

}  // namespace ferret
