// Memory of a device, and host memory that a device reads and writes on its own.
#pragma once

#include <memory>

#include "errors.h"

namespace ferret::device {

enum class Element { kFloat32, kFloat64 };

// Freed by whoever asks first: a call of free(), or the collector after the last view of it.
class Allocation {
 public:
  Allocation(Napi::Env env, int device, size_t bytes);
  ~Allocation();
  Allocation(const Allocation&) = delete;

  Status Free();
  bool freed() const { return memory_ == nullptr; }
  char* memory() const { return static_cast<char*>(memory_); }
  int device() const { return device_; }
  size_t bytes() const { return bytes_; }

 private:
  Napi::Env env_;
  int device_;
  size_t bytes_;
  void* memory_ = nullptr;
};

// new DeviceBuffer(device, length, type), or slice(begin, end) of one: the same memory.
class DeviceBuffer : public Tagged<DeviceBuffer> {
 public:
  static constexpr uint64_t kClass = 1;
  static constexpr const char* kName = "DeviceBuffer";
  static Napi::Function Define(Napi::Env env);
  explicit DeviceBuffer(const Napi::CallbackInfo& info);

  size_t length() const { return length_; }
  size_t bytes() const { return length_ * ElementBytes(element_); }
  Element element() const { return element_; }

  // The address, after checking that the memory is there and on that device.
  void* On(int device, const char* name) const;

  static size_t ElementBytes(Element element) { return element == Element::kFloat32 ? 4 : 8; }

 private:
  Napi::Value Slice(const Napi::CallbackInfo& info);
  Napi::Value Free(const Napi::CallbackInfo& info);
  Napi::Value Length(const Napi::CallbackInfo& info);
  Napi::Value Bytes(const Napi::CallbackInfo& info);
  Napi::Value Type(const Napi::CallbackInfo& info);
  Napi::Value Device(const Napi::CallbackInfo& info);
  Napi::Value Freed(const Napi::CallbackInfo& info);

  std::shared_ptr<Allocation> allocation_;
  size_t begin_ = 0, length_ = 0;  // in elements
  Element element_ = Element::kFloat32;
};

// pinned(device, length, type): a typed array over pinned memory, freed by the collector.
Napi::Value Pinned(const Napi::CallbackInfo& info);

// Whether a typed array lies in pinned memory.
bool IsPinned(const void* memory, size_t bytes);

// "float32" or "float64"; float32 where there is none.
Element ElementArgument(const Napi::CallbackInfo& info, size_t index);

}  // namespace ferret::device
