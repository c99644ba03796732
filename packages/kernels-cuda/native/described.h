#pragma once

#include <napi.h>

#include <string>

namespace ferret {

// What came instead of what was expected, for an error.
inline std::string Described(const Napi::Value& value) {
  if (value.IsNumber() || value.IsBoolean() || value.IsNull() || value.IsUndefined())
    return value.ToString().Utf8Value();
  if (!value.IsObject()) return value.IsString() ? "a string" : "another value";
  const Napi::Value maker = value.As<Napi::Object>().Get("constructor");
  if (!maker.IsFunction()) return "an object";
  return "an object of type " + maker.As<Napi::Object>().Get("name").ToString().Utf8Value();
}

}  // namespace ferret
