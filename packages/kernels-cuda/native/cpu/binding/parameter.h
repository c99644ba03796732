// The parameters that a vector kernel may have. What JavaScript hands over for one, and what is
// checked of it, follow from its type.
#pragma once

#include <type_traits>

#include "call.h"

namespace ferret {

// Arrays that are only read.
struct Versions {
  const float* const* arrays;
  size_t count;
};

// An element for each row or column of the matrix that each Float32Array of the call is; of columns
// also several times as many, those of one after those of the other.
template <typename Element>
struct Rows {
  Element* values;
  size_t count;
};
template <typename Element, size_t kTimes = 1>
struct Columns {
  Element* values;
  size_t count;
};

// Reads an argument and gives the `Type` made of it. Fetch comes before Read, for all arguments of a
// call: it may run JavaScript, after which no address that was read before is worth anything, and is
// false where that has thrown.
template <typename Type>
struct Parameter;

template <bool kIsWritten, bool kIsFloats>
struct ArrayParameter {
  static constexpr bool kArray = true, kWritten = kIsWritten, kFloats = kIsFloats;
  static bool Fetch(const KernelCall&, napi_value) { return true; }
};

struct NoArray {
  static constexpr bool kArray = false, kWritten = false;
  static bool Fetch(const KernelCall&, napi_value) { return true; }
};

// Not an argument: the length of the Float32Arrays.
template <>
struct Parameter<size_t> : NoArray {
  size_t Value(const KernelCall& call) const { return call.count; }
};

template <>
struct Parameter<float> : NoArray {
  double number;

  bool Read(KernelCall& call, napi_value value, const char* name) {
    return napi_get_value_double(call.env, value, &number) == napi_ok ||
           RefuseValue(call.env, name, "a number", value);
  }
  float Value(const KernelCall&) const { return static_cast<float>(number); }
};

// The same for a kernel that computes in double precision.
template <>
struct Parameter<double> : Parameter<float> {
  double Value(const KernelCall&) const { return number; }
};

// A Float32Array: written (and read, or not), or only read where it is const.
template <typename Element>
struct Parameter<Element*> : ArrayParameter<!std::is_const_v<Element>, true> {
  static_assert(std::is_same_v<const Element, const float>);
  float* data;

  bool Read(KernelCall& call, napi_value value, const char* name) {
    return call.Floats(value, name, &data);
  }
  Element* Value(const KernelCall&) const { return data; }

  size_t arrays() const { return 1; }
  Extent Place(const KernelCall& call, size_t) const {
    return {reinterpret_cast<const char*>(data), call.count * sizeof(float)};
  }
};

template <>
struct Parameter<Versions> : ArrayParameter<false, true> {
  static constexpr uint32_t kMost = 1024;
  napi_value elements[kMost];
  const float* versions[kMost];
  uint32_t count;
  bool is_array;

  Parameter() {}  // without it a tuple would zero them all

  bool Fetch(const KernelCall& call, napi_value value) {
    is_array = napi_get_array_length(call.env, value, &count) == napi_ok;
    if (!is_array || count > kMost) return true;
    for (uint32_t version = 0; version < count; ++version)  // each may be a getter
      if (napi_get_element(call.env, value, version, elements + version) != napi_ok) return false;
    return true;
  }

  bool Read(KernelCall& call, napi_value value, const char* name) {
    if (!is_array) return RefuseValue(call.env, name, "an array", value);
    if (count > kMost) return RefuseVersions(call.env, name, kMost, count);
    for (uint32_t version = 0; version < count; ++version) {
      float* data = nullptr;
      if (!call.Floats(elements[version], name, &data)) return false;
      versions[version] = data;
    }
    return true;
  }
  Versions Value(const KernelCall&) const { return {versions, count}; }

  size_t arrays() const { return count; }
  Extent Place(const KernelCall& call, size_t version) const {
    return {reinterpret_cast<const char*>(versions[version]), call.count * sizeof(float)};
  }
};

template <bool kIsWritten>
struct DoublesParameter : ArrayParameter<kIsWritten, false> {
  double* data;
  size_t length;

  size_t arrays() const { return 1; }
  Extent Place(const KernelCall&, size_t) const {
    return {reinterpret_cast<const char*>(data), length * sizeof(double)};
  }
};

// A Float64Array of a length that the kernel knows, or a longer one.
template <typename Element, size_t kLength>
struct Parameter<Element (&)[kLength]> : DoublesParameter<!std::is_const_v<Element>> {
  using DoublesParameter<!std::is_const_v<Element>>::data;
  using DoublesParameter<!std::is_const_v<Element>>::length;

  bool Read(KernelCall& call, napi_value value, const char* name) {
    return call.Doubles(value, name, &data, &length) &&
           (length >= kLength || RefuseLength(call.env, name, kLength, length));
  }
  Element (&Value(const KernelCall&) const)[kLength] {
    return *reinterpret_cast<Element(*)[kLength]>(data);
  }
};

template <typename Type, typename Element, size_t KernelCall::*kExtent, size_t kTimes = 1>
struct ExtentParameter : DoublesParameter<!std::is_const_v<Element>> {
  bool Read(KernelCall& call, napi_value value, const char* name) {
    return call.Doubles(value, name, &this->data, &this->length) &&
           call.Agrees(call.*kExtent, this->length, name, kTimes);
  }
  Type Value(const KernelCall& call) const { return {this->data, call.*kExtent}; }
};

template <typename Element>
struct Parameter<Rows<Element>> : ExtentParameter<Rows<Element>, Element, &KernelCall::rows> {};
template <typename Element, size_t kTimes>
struct Parameter<Columns<Element, kTimes>>
    : ExtentParameter<Columns<Element, kTimes>, Element, &KernelCall::columns, kTimes> {};

}  // namespace ferret
