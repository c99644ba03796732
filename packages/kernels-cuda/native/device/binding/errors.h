// Turns a status or a wrong argument into a JavaScript error.
#pragma once

#include <napi.h>

#include <cmath>
#include <string>

#include "../../tagged.h"
#include "../runtime.h"

namespace ferret::device {

[[noreturn]] inline void Refuse(Napi::Env env, const std::string& text) {
  throw Napi::TypeError::New(env, text);
}

// `what` was asked for, as in "a stream on device 0".
inline void Check(Napi::Env env, Status status, const std::string& what) {
  if (status == 0) return;
  throw Napi::Error::New(env, "Expected " + what + " but received: " + StatusText(status) + " (" +
                                  std::to_string(status) + ")");
}

inline double NumberArgument(const Napi::CallbackInfo& info, size_t index, const char* name) {
  if (!info[index].IsNumber())
    Refuse(info.Env(), std::string("Expected a number for ") + name + " but received " +
                           Described(info[index]));
  return info[index].As<Napi::Number>().DoubleValue();
}

// A whole number from 0 to 2^53.
inline size_t WholeArgument(const Napi::CallbackInfo& info, size_t index, const char* name) {
  const double number = NumberArgument(info, index, name);
  if (!(number >= 0 && number <= 9007199254740992.) || std::floor(number) != number)
    Refuse(info.Env(), std::string("Expected a whole number of at least 0 for ") + name +
                           " but received " + info[index].ToString().Utf8Value());
  return static_cast<size_t>(number);
}

// The index of a device, which every constructor takes first. The device itself says whether it is
// there.
inline int DeviceArgument(const Napi::CallbackInfo& info) {
  const size_t index = WholeArgument(info, 0, "device");
  return index < 1u << 30 ? static_cast<int>(index) : 1 << 30;
}

}  // namespace ferret::device
