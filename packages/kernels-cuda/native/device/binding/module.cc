// The addon of a device: what devices there are, memory, streams, events and kernels.
#include "module.h"

namespace ferret {

uint64_t BinaryMark() {
  static const char mark = 0;
  return reinterpret_cast<uint64_t>(&mark);
}

}  // namespace ferret

namespace ferret::device {

namespace {

// devices(): name, compute capability and memory of each.
Napi::Value Devices(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  int count = 0;
  Check(env, CountDevices(&count), "a device");
  Napi::Array devices = Napi::Array::New(env, static_cast<size_t>(count));
  for (int index = 0; index < count; ++index) {
    Description description = {};
    Check(env, Describe(index, &description), "device " + std::to_string(index));
    Napi::Object device = Napi::Object::New(env);
    device.Set("index", index);
    device.Set("name", description.name);
    device.Set("computeCapability",
               std::to_string(description.major) + "." + std::to_string(description.minor));
    device.Set("totalBytes", static_cast<double>(description.total_bytes));
    devices.Set(static_cast<uint32_t>(index), device);
  }
  return devices;
}

// memory(device): bytes that are free, and all.
Napi::Value Memory(const Napi::CallbackInfo& info) {
  const int device = DeviceArgument(info);
  size_t free_bytes = 0, total_bytes = 0;
  Check(info.Env(), MemoryLeft(device, &free_bytes, &total_bytes),
        "device " + std::to_string(device));
  Napi::Object memory = Napi::Object::New(info.Env());
  memory.Set("freeBytes", static_cast<double>(free_bytes));
  memory.Set("totalBytes", static_cast<double>(total_bytes));
  return memory;
}

Napi::Object Initialise(Napi::Env env, Napi::Object exports) {
  exports.Set("devices", Napi::Function::New<Devices>(env, "devices"));
  exports.Set("memory", Napi::Function::New<Memory>(env, "memory"));
  exports.Set("pinned", Napi::Function::New<Pinned>(env, "pinned"));
  exports.Set("DeviceBuffer", DeviceBuffer::Define(env));
  exports.Set("DeviceStream", DeviceStream::Define(env));
  exports.Set("DeviceEvent", DeviceEvent::Define(env));
  exports.Set("kernels", DefineKernels(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(kernels_device, Initialise)

}  // namespace ferret::device
