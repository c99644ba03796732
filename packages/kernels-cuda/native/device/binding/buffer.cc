#include "buffer.h"

namespace ferret::device {

namespace {

// "Expected 4096 bytes on device 0 but 1024 of its 8192 bytes are free: out of memory (2)"
[[noreturn]] void RefuseMemory(Napi::Env env, Status status, int device, size_t bytes) {
  std::string text = "Expected " + std::to_string(bytes) + " bytes on device " +
                     std::to_string(device) + " but ";
  size_t free_bytes = 0, total_bytes = 0;
  if (IsOutOfMemory(status) && MemoryLeft(device, &free_bytes, &total_bytes) == 0)
    text += std::to_string(free_bytes) + " of its " + std::to_string(total_bytes) +
            " bytes are free: ";
  else
    text += "received: ";
  text += std::string(StatusText(status)) + " (" + std::to_string(status) + ")";
  throw Napi::RangeError::New(env, text);
}

}  // namespace

Allocation::Allocation(Napi::Env env, int device, size_t bytes)
    : env_(env), device_(device), bytes_(bytes) {
  const Status status = Allocate(device, bytes, &memory_);
  if (status != 0) RefuseMemory(env, status, device, bytes);
  // So that the collector knows how much hangs on a small object.
  Napi::MemoryManagement::AdjustExternalMemory(env, static_cast<int64_t>(bytes));
}

Allocation::~Allocation() { Free(); }

Status Allocation::Free() {
  if (freed()) return 0;
  void* memory = memory_;
  memory_ = nullptr;
  Napi::MemoryManagement::AdjustExternalMemory(env_, -static_cast<int64_t>(bytes_));
  return device::Free(device_, memory);
}

Napi::Function DeviceBuffer::Define(Napi::Env env) {
  return DefineClass(env, kName,
                     {InstanceMethod<&DeviceBuffer::Slice>("slice"),
                      InstanceMethod<&DeviceBuffer::Free>("free"),
                      InstanceAccessor<&DeviceBuffer::Length>("length"),
                      InstanceAccessor<&DeviceBuffer::Bytes>("bytes"),
                      InstanceAccessor<&DeviceBuffer::Type>("type"),
                      InstanceAccessor<&DeviceBuffer::Device>("device"),
                      InstanceAccessor<&DeviceBuffer::Freed>("freed")});
}

DeviceBuffer::DeviceBuffer(const Napi::CallbackInfo& info) : Tagged(info) {
  if (info[0].IsObject()) {
    const DeviceBuffer& parent = DeviceBuffer::Of(info[0], "parent");
    allocation_ = parent.allocation_;
    element_ = parent.element_;
    const size_t begin = info[1].IsUndefined() ? 0 : WholeArgument(info, 1, "begin");
    const size_t end = info[2].IsUndefined() ? parent.length_ : WholeArgument(info, 2, "end");
    if (begin > end || end > parent.length_)
      Refuse(info.Env(), "Expected begin <= end <= " + std::to_string(parent.length_) +
                             " but received " + std::to_string(begin) + " and " +
                             std::to_string(end));
    begin_ = parent.begin_ + begin;
    length_ = end - begin;
    return;
  }
  const int device = DeviceArgument(info);
  length_ = WholeArgument(info, 1, "length");
  element_ = ElementArgument(info, 2);
  allocation_ = std::make_shared<Allocation>(info.Env(), device, bytes());
}

void* DeviceBuffer::On(int device, const char* name) const {
  const auto about = [&] {
    return std::string(" of ") + std::to_string(bytes()) + " bytes on device " +
           std::to_string(allocation_->device());
  };
  if (allocation_->freed())
    Refuse(Env(), std::string("Expected a buffer that holds memory for ") + name +
                      " but received one" + about() + " that has been freed");
  if (allocation_->device() != device)
    Refuse(Env(), "Expected a buffer on device " + std::to_string(device) + " for " + name +
                      " but received one" + about());
  return allocation_->memory() + begin_ * ElementBytes(element_);
}

Napi::Value DeviceBuffer::Slice(const Napi::CallbackInfo& info) {
  On(allocation_->device(), "slice");
  const auto maker = info.This().As<Napi::Object>().Get("constructor").As<Napi::Function>();
  return maker.New({info.This(), info[0], info[1]});
}

Napi::Value DeviceBuffer::Free(const Napi::CallbackInfo& info) {
  const std::string what = "to free " + std::to_string(allocation_->bytes()) +
                           " bytes on device " + std::to_string(allocation_->device());
  Check(info.Env(), allocation_->Free(), what);
  return info.Env().Undefined();
}

Napi::Value DeviceBuffer::Length(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(length_));
}
Napi::Value DeviceBuffer::Bytes(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(bytes()));
}
Napi::Value DeviceBuffer::Type(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), element_ == Element::kFloat32 ? "float32" : "float64");
}
Napi::Value DeviceBuffer::Device(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), allocation_->device());
}
Napi::Value DeviceBuffer::Freed(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), allocation_->freed());
}

Element ElementArgument(const Napi::CallbackInfo& info, size_t index) {
  if (info[index].IsUndefined()) return Element::kFloat32;
  const std::string name = info[index].IsString() ? info[index].As<Napi::String>().Utf8Value() : "";
  if (name == "float32") return Element::kFloat32;
  if (name == "float64") return Element::kFloat64;
  Refuse(info.Env(), "Expected float32 or float64 for type but received " +
                         (name.empty() ? Described(info[index]) : name));
}

}  // namespace ferret::device
