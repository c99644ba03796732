// Reads arrays of one call of a vector kernel.
#pragma once

#include <cstdint>

#include "errors.h"

namespace ferret {

struct Extent {
  const char* begin;
  size_t bytes;

  bool Meets(const Extent& other) const {
    return begin < other.begin + other.bytes && other.begin < begin + bytes && bytes > 0 &&
           other.bytes > 0;
  }
};

// What the arguments of a call know together.
struct KernelCall {
  static constexpr size_t kUnknown = SIZE_MAX;

  napi_env env;
  size_t count = kUnknown;  // elements of each Float32Array
  size_t rows = kUnknown, columns = kUnknown;

  // A Float32Array of the length that those before it have.
  bool Floats(napi_value value, const char* name, float** data) {
    size_t length;
    if (!Typed(value, napi_float32_array, data, &length))
      return RefuseValue(env, name, "a Float32Array", value);
    return Agrees(count, length, name);
  }

  bool Doubles(napi_value value, const char* name, double** data, size_t* length) const {
    return Typed(value, napi_float64_array, data, length) ||
           RefuseValue(env, name, "a Float64Array", value);
  }

  // Whether a length is the one that is known, which the first that is met becomes.
  bool Agrees(size_t& known, size_t length, const char* name, size_t times = 1) const {
    if (known == kUnknown) known = length / times;
    return length == known * times || RefuseLength(env, name, known * times, length);
  }

 private:
  template <typename Element>
  bool Typed(napi_value value, napi_typedarray_type wanted, Element** data, size_t* length) const {
    napi_typedarray_type type;
    void* begin;
    if (napi_get_typedarray_info(env, value, &type, length, &begin, nullptr, nullptr) != napi_ok)
      return false;
    *data = static_cast<Element*>(begin);
    return type == wanted;
  }
};

}  // namespace ferret
