#include "stream.h"

namespace ferret::device {

namespace {

// Host memory of a copy: a typed array over pinned memory, of the type and length of the buffer.
void* Staging(const Napi::Value& value, const DeviceBuffer& buffer, const char* name) {
  const bool is_float32 = buffer.element() == Element::kFloat32;
  const napi_typedarray_type wanted = is_float32 ? napi_float32_array : napi_float64_array;
  const char* type = is_float32 ? "Float32Array" : "Float64Array";
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != wanted)
    Refuse(value.Env(), std::string("Expected a ") + type + " for " + name + " but received " +
                            Described(value));
  const auto array = value.As<Napi::TypedArray>();
  if (array.ElementLength() != buffer.length())
    Refuse(value.Env(), "Expected " + std::to_string(buffer.length()) + " elements for " + name +
                            " but received " + std::to_string(array.ElementLength()));
  void* memory = nullptr;
  size_t length = 0;
  napi_get_typedarray_info(value.Env(), value, nullptr, &length, &memory, nullptr, nullptr);
  if (!IsPinned(memory, buffer.bytes()))
    Refuse(value.Env(), std::string("Expected pinned memory for ") + name + " but received " +
                            std::to_string(buffer.bytes()) +
                            " ordinary bytes: make the array with pinned()");
  return memory;
}

}  // namespace

Napi::Function DeviceStream::Define(Napi::Env env) {
  return DefineClass(env, kName,
                     {InstanceMethod<&DeviceStream::CopyIn>("copyIn"),
                      InstanceMethod<&DeviceStream::CopyOut>("copyOut"),
                      InstanceMethod<&DeviceStream::Copy>("copy"),
                      InstanceMethod<&DeviceStream::Zero>("zero"),
                      InstanceMethod<&DeviceStream::Record>("record"),
                      InstanceMethod<&DeviceStream::WaitFor>("waitFor"),
                      InstanceMethod<&DeviceStream::Synchronize>("synchronize"),
                      InstanceMethod<&DeviceStream::Destroy>("destroy"),
                      InstanceAccessor<&DeviceStream::IsIdle>("isIdle"),
                      InstanceAccessor<&DeviceStream::Device>("device")});
}

DeviceStream::DeviceStream(const Napi::CallbackInfo& info) : Tagged(info) {
  const int device = DeviceArgument(info);
  Check(info.Env(), CreateStream(device, &stream_),
        "a stream on device " + std::to_string(device));
  there_ = true;
}

DeviceStream::~DeviceStream() {
  if (there_) DestroyStream(&stream_);
}

const Stream& DeviceStream::Checked() const {
  if (!there_) Refuse(Env(), "Expected a stream but received one that has been destroyed");
  return stream_;
}

Napi::Value DeviceStream::CopyIn(const Napi::CallbackInfo& info) {
  const Stream& stream = Checked();
  const DeviceBuffer& to = DeviceBuffer::Of(info[0], "destination");
  void* memory = to.On(stream.device, "destination");
  Check(info.Env(), CopyToDevice(stream, memory, Staging(info[1], to, "source"), to.bytes()),
        "to copy " + std::to_string(to.bytes()) + " bytes to the device");
  return info.Env().Undefined();
}

Napi::Value DeviceStream::CopyOut(const Napi::CallbackInfo& info) {
  const Stream& stream = Checked();
  const DeviceBuffer& from = DeviceBuffer::Of(info[1], "source");
  const void* memory = from.On(stream.device, "source");
  Check(info.Env(), CopyToHost(stream, Staging(info[0], from, "destination"), memory, from.bytes()),
        "to copy " + std::to_string(from.bytes()) + " bytes from the device");
  return info.Env().Undefined();
}

Napi::Value DeviceStream::Copy(const Napi::CallbackInfo& info) {
  const Stream& stream = Checked();
  const DeviceBuffer& to = DeviceBuffer::Of(info[0], "destination");
  const DeviceBuffer& from = DeviceBuffer::Of(info[1], "source");
  void* target = to.On(stream.device, "destination");
  const void* source = from.On(stream.device, "source");
  if (to.element() != from.element() || to.length() != from.length())
    Refuse(info.Env(), "Expected a source like the destination, of " + std::to_string(to.bytes()) +
                           " bytes, but received one of " + std::to_string(from.bytes()));
  Check(info.Env(), CopyOnDevice(stream, target, source, to.bytes()),
        "to copy " + std::to_string(to.bytes()) + " bytes");
  return info.Env().Undefined();
}

Napi::Value DeviceStream::Zero(const Napi::CallbackInfo& info) {
  const Stream& stream = Checked();
  const DeviceBuffer& buffer = DeviceBuffer::Of(info[0], "buffer");
  Check(info.Env(), FillZero(stream, buffer.On(stream.device, "buffer"), buffer.bytes()),
        "to clear " + std::to_string(buffer.bytes()) + " bytes");
  return info.Env().Undefined();
}

Napi::Value DeviceStream::Record(const Napi::CallbackInfo& info) {
  const Stream& stream = Checked();
  const Event& event = DeviceEvent::Of(info[0], "event").On(stream.device, "event");
  Check(info.Env(), device::Record(event, stream), "to record an event");
  return info.Env().Undefined();
}

Napi::Value DeviceStream::WaitFor(const Napi::CallbackInfo& info) {
  const Stream& stream = Checked();
  const Event& event = DeviceEvent::Of(info[0], "event").event();
  Check(info.Env(), device::WaitFor(stream, event), "to wait for an event");
  return info.Env().Undefined();
}

Napi::Value DeviceStream::IsIdle(const Napi::CallbackInfo& info) {
  bool idle = false;
  Check(info.Env(), device::IsIdle(Checked(), &idle), "to ask a stream");
  return Napi::Boolean::New(info.Env(), idle);
}

Napi::Value DeviceStream::Synchronize(const Napi::CallbackInfo& info) {
  Check(info.Env(), device::Synchronize(Checked()), "to wait for a stream");
  return info.Env().Undefined();
}

Napi::Value DeviceStream::Destroy(const Napi::CallbackInfo& info) {
  if (!there_) return info.Env().Undefined();
  there_ = false;
  Check(info.Env(), DestroyStream(&stream_), "to destroy a stream");
  return info.Env().Undefined();
}

Napi::Value DeviceStream::Device(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), Checked().device);
}

}  // namespace ferret::device
