// Reads arrays of one call of a vector kernel.
#pragma once

#include <cstdint>

#include "errors.h"

namespace ferret {

struct Extent {
  const char* begin;
  size_t bytes;

  bool Meets(const Extent& other) const {
    return begin < other.begin + other.bytes && other.begin < begin + bytes;
  }
};

// What the arguments of a call know together.
struct KernelCall {
  static constexpr size_t kUnknown = SIZE_MAX;

  napi_env env;
  size_t count = kUnknown;  // elements of each Float32Array
  size_t rows = 0, columns = 0;

  // A Float32Array of the length that those before it have.
  bool Floats(napi_value value, const char* name, float** data) {
    size_t length;
    if (!Typed(value, napi_float32_array, data, &length))
      return RefuseValue(env, name, "a Float32Array", value);
    if (count == kUnknown) count = length;
    return length == count || RefuseLength(env, name, count, length);
  }

  bool Doubles(napi_value value, const char* name, double** data, size_t* length) const {
    return Typed(value, napi_float64_array, data, length) ||
           RefuseValue(env, name, "a Float64Array", value);
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
