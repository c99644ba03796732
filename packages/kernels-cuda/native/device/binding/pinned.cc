// Pinned host memory as a typed array. Where it lies is remembered, so that a copy from ordinary
// memory, which would wait, can be refused.
#include <map>
#include <mutex>

#include "buffer.h"

namespace ferret::device {

namespace {

// Node 20 makes no larger buffer of memory that is not its own: it gives that back twice, then.
constexpr size_t kMostBytes = UINT32_MAX;

struct Registry {
  std::mutex mutex;
  std::map<const char*, size_t> bytes;  // by address
};

// Shared by all threads; never destroyed, since finalisers run late.
Registry& Pins() {
  static Registry* registry = new Registry;
  return *registry;
}

void Release(void* memory, int device) {
  Registry& pins = Pins();
  {
    const std::lock_guard<std::mutex> lock(pins.mutex);
    pins.bytes.erase(static_cast<const char*>(memory));
  }
  FreePinned(device, memory);
}

}  // namespace

bool IsPinned(const void* memory, size_t bytes) {
  if (bytes == 0) return true;
  Registry& pins = Pins();
  const std::lock_guard<std::mutex> lock(pins.mutex);
  const char* begin = static_cast<const char*>(memory);
  auto after = pins.bytes.upper_bound(begin);
  if (after == pins.bytes.begin()) return false;
  --after;
  return begin + bytes <= after->first + after->second;
}

Napi::Value Pinned(const Napi::CallbackInfo& info) {
  const int device = DeviceArgument(info);
  const size_t length = WholeArgument(info, 1, "length");
  const Element element = ElementArgument(info, 2);
  const size_t bytes = length * DeviceBuffer::ElementBytes(element);
  if (bytes > kMostBytes)
    throw Napi::RangeError::New(info.Env(), "Expected at most " + std::to_string(kMostBytes) +
                                                " bytes of pinned memory but received " +
                                                std::to_string(bytes) + "; copy in parts");
  void* memory = nullptr;
  Check(info.Env(), AllocatePinned(device, bytes, &memory),
        std::to_string(bytes) + " bytes of pinned host memory");
  {
    const std::lock_guard<std::mutex> lock(Pins().mutex);
    Pins().bytes[static_cast<const char*>(memory)] = bytes;
  }
  const auto buffer = Napi::ArrayBuffer::New(
      info.Env(), memory, bytes,
      [device](Napi::Env, void* data) { Release(data, device); });
  if (element == Element::kFloat32) return Napi::Float32Array::New(info.Env(), length, buffer, 0);
  return Napi::Float64Array::New(info.Env(), length, buffer, 0);
}

}  // namespace ferret::device
