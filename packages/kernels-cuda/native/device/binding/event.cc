#include "stream.h"

namespace ferret::device {

Napi::Function DeviceEvent::Define(Napi::Env env) {
  return DefineClass(env, kName,
                     {InstanceAccessor<&DeviceEvent::IsDone>("isDone"),
                      InstanceMethod<&DeviceEvent::Synchronize>("synchronize"),
                      InstanceMethod<&DeviceEvent::MillisecondsSince>("millisecondsSince")});
}

DeviceEvent::DeviceEvent(const Napi::CallbackInfo& info) : Tagged(info) {
  const int device = DeviceArgument(info);
  Check(info.Env(), CreateEvent(device, &event_), "an event on device " + std::to_string(device));
}

DeviceEvent::~DeviceEvent() {
  if (event_.handle != nullptr) DestroyEvent(&event_);
}

const Event& DeviceEvent::On(int device, const char* name) const {
  if (event_.device != device)
    Refuse(Env(), "Expected an event on device " + std::to_string(device) + " for " + name +
                      " but received one on device " + std::to_string(event_.device));
  return event_;
}

Napi::Value DeviceEvent::IsDone(const Napi::CallbackInfo& info) {
  bool done = false;
  Check(info.Env(), device::IsDone(event_, &done), "to ask an event");
  return Napi::Boolean::New(info.Env(), done);
}

Napi::Value DeviceEvent::Synchronize(const Napi::CallbackInfo& info) {
  Check(info.Env(), device::Synchronize(event_), "to wait for an event");
  return info.Env().Undefined();
}

Napi::Value DeviceEvent::MillisecondsSince(const Napi::CallbackInfo& info) {
  const Event& begin = DeviceEvent::Of(info[0], "earlier").On(event_.device, "earlier");
  float milliseconds = 0;
  Check(info.Env(), MillisecondsBetween(begin, event_, &milliseconds),
        "two events that have been recorded");
  return Napi::Number::New(info.Env(), milliseconds);
}

}  // namespace ferret::device
