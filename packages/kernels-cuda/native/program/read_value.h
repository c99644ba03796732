// The values of a layer: what is none of those that are expected is refused by its name.
#pragma once

#include <napi.h>

#include <string>
#include <utility>

#include "../described.h"
#include "limits.h"
#include "shape.h"

namespace ferret {

[[noreturn]] inline void RefuseValue(const Napi::Value& value, const std::string& wanted,
                                     const std::string& name) {
  throw Napi::TypeError::New(value.Env(), "Expected " + wanted + " for " + name +
                                              " but received " + Described(value));
}

inline bool IsWhole(const Napi::Value& value, int64_t least) {
  if (!value.IsNumber()) return false;
  const double number = value.As<Napi::Number>().DoubleValue();
  return number >= static_cast<double>(least) && number <= static_cast<double>(kMostSize) &&
         number == static_cast<double>(static_cast<int64_t>(number));
}

// A whole number from `least` to kMostSize.
inline int64_t ReadSize(const Napi::Value& value, const std::string& name, int64_t least) {
  if (!IsWhole(value, least))
    RefuseValue(value,
                "a whole number from " + std::to_string(least) + " to " +
                    std::to_string(kMostSize),
                name);
  return static_cast<int64_t>(value.As<Napi::Number>().DoubleValue());
}

// [features] or [height, width, channels].
inline void ReadShape(const Napi::Value& value, const std::string& name, Shape& shape) {
  const uint32_t length = value.IsArray() ? value.As<Napi::Array>().Length() : 0;
  if (length != 1 && length != 3)
    RefuseValue(value, "[features] or [height, width, channels]", name);
  const Napi::Array sizes = value.As<Napi::Array>();
  const auto size = [&](uint32_t index) {
    return ReadSize(sizes.Get(index), name + "[" + std::to_string(index) + "]", 1);
  };
  if (length == 3) {
    shape.height = size(0);
    shape.width = size(1);
  }
  shape.channels = size(length - 1);
}

// Two sizes; where there are none, `pair` stays.
inline void ReadPair(const Napi::Value& value, const std::string& name, int64_t least,
                     int64_t (&pair)[2]) {
  if (value.IsUndefined()) return;
  if (!value.IsArray() || value.As<Napi::Array>().Length() != 2)
    RefuseValue(value, "[rows, columns]", name);
  for (uint32_t axis = 0; axis < 2; ++axis)
    pair[axis] = ReadSize(value.As<Napi::Array>().Get(axis),
                          name + "[" + std::to_string(axis) + "]", least);
}

// A number from `least` to `most`, or `otherwise` where there is none.
inline double ReadNumber(const Napi::Value& value, const std::string& name, double least,
                         double most, double otherwise) {
  if (value.IsUndefined()) return otherwise;
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : least - 1;
  if (!(number >= least && number <= most))
    RefuseValue(value, most == 1 ? "a number from 0 to 1" : "a finite number of at least 0", name);
  return number;
}

// One of `known`, by its name.
template <typename T, size_t kCount>
T ReadNamed(const Napi::Value& value, const std::string& name,
            const std::pair<const char*, T> (&known)[kCount]) {
  const std::string text = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
  std::string names;
  for (const auto& [candidate, result] : known) {
    if (text == candidate) return result;
    names += (names.empty() ? "" : ", ") + std::string(candidate);
  }
  const std::string received = value.IsString() ? "\"" + text.substr(0, 40) + "\"" : Described(value);
  throw Napi::TypeError::New(value.Env(), "Expected one of " + names + " for " + name +
                                              " but received " + received);
}

}  // namespace ferret
