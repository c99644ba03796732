// Streams and events for JavaScript.
#pragma once

#include "buffer.h"

namespace ferret::device {

// new DeviceEvent(device)
class DeviceEvent : public Tagged<DeviceEvent> {
 public:
  static constexpr uint64_t kClass = 3;
  static constexpr const char* kName = "DeviceEvent";
  static Napi::Function Define(Napi::Env env);
  explicit DeviceEvent(const Napi::CallbackInfo& info);
  ~DeviceEvent() override;

  // The event, after checking that it is on that device.
  const Event& On(int device, const char* name) const;
  // A place of any device: another device's stream may wait for it.
  const Event& event() const { return event_; }

 private:
  Napi::Value IsDone(const Napi::CallbackInfo& info);
  Napi::Value Synchronize(const Napi::CallbackInfo& info);
  Napi::Value MillisecondsSince(const Napi::CallbackInfo& info);

  Event event_;
};

// new DeviceStream(device)
class DeviceStream : public Tagged<DeviceStream> {
 public:
  static constexpr uint64_t kClass = 2;
  static constexpr const char* kName = "DeviceStream";
  static Napi::Function Define(Napi::Env env);
  explicit DeviceStream(const Napi::CallbackInfo& info);
  ~DeviceStream() override;

  // The stream, after checking that it has not been destroyed.
  const Stream& Checked() const;

 private:
  Napi::Value CopyIn(const Napi::CallbackInfo& info);
  Napi::Value CopyOut(const Napi::CallbackInfo& info);
  Napi::Value Copy(const Napi::CallbackInfo& info);
  Napi::Value Zero(const Napi::CallbackInfo& info);
  Napi::Value Record(const Napi::CallbackInfo& info);
  Napi::Value WaitFor(const Napi::CallbackInfo& info);
  Napi::Value IsIdle(const Napi::CallbackInfo& info);
  Napi::Value Synchronize(const Napi::CallbackInfo& info);
  Napi::Value Destroy(const Napi::CallbackInfo& info);
  Napi::Value Device(const Napi::CallbackInfo& info);

  Stream stream_;
  bool there_ = false;
};

}  // namespace ferret::device
