// kernels.<name>(stream, ...arguments) for every row of passes.h: the arguments are read by the
// pass's own Visit. Versions are fetched out of their array before anything else, since that may run
// JavaScript, which may free what has been read.
#include <algorithm>
#include <vector>

#include "../passes.h"
#include "module.h"

namespace ferret::device {

namespace {

class KernelArguments {
 public:
  explicit KernelArguments(const Napi::CallbackInfo& info)
      : info_(info),
        versions_(Fetched(info)),
        stream_(DeviceStream::Of(info[0], "stream").Checked()) {}

  void Reads(const char* name, const float*& array) { array = Floats(Next(), name, false); }
  void Writes(const char* name, float*& array) { array = Floats(Next(), name, true); }
  void Updates(const char* name, float*& array) { array = Floats(Next(), name, true); }

  void Versions(const char* name, VersionList& list, unsigned least) {
    const Napi::Value value = Next();
    const size_t count = value.IsArray() ? versions_.size() : 0;
    if (count < least || count > kMostVersions)
      Refuse(info_.Env(), std::string("Expected an array of ") + std::to_string(least) + " to " +
                              std::to_string(kMostVersions) + " buffers for " + name +
                              " but received " +
                              (!value.IsArray()          ? Described(value)
                               : count > kMostVersions ? "more"
                                                       : std::to_string(count)));
    list.count = static_cast<unsigned>(count);
    for (size_t version = 0; version < count; ++version)
      list.arrays[version] = Floats(versions_[version], name, false);
  }

  void Number(const char* name, float& number) {
    number = static_cast<float>(NumberArgument(info_, next_++, name));
  }

  void Doubles(const char* name, double*& doubles, size_t length, bool) {
    const DeviceBuffer& buffer = DeviceBuffer::Of(Next(), name);
    if (buffer.element() != Element::kFloat64 || buffer.length() != length)
      Refuse(info_.Env(), "Expected a float64 buffer of " + std::to_string(length) +
                              " elements for " + name + " but received one of " +
                              std::to_string(buffer.bytes()) + " bytes");
    doubles = static_cast<double*>(buffer.On(stream_.device, name));
  }

  // Neighbouring threads run in no order: what one writes no other may read.
  void CheckOverlaps() const {
    for (const Range& written : ranges_) {
      if (!written.written) continue;
      for (const Range& other : ranges_) {
        const bool apart = written.begin + count_ <= other.begin ||
                           other.begin + count_ <= written.begin;
        const bool same = written.begin == other.begin && !other.written;
        if (apart || same || &written == &other) continue;
        Refuse(info_.Env(), std::string("Expected ") + written.name + " and " + other.name +
                                " apart from each other but they overlap");
      }
    }
  }

  size_t count() const { return count_; }
  const Stream& stream() const { return stream_; }

 private:
  struct Range {
    const char* name;
    const float* begin;
    bool written;
  };

  // The elements of the call's array, at most one more than there may be.
  static std::vector<Napi::Value> Fetched(const Napi::CallbackInfo& info) {
    std::vector<Napi::Value> elements;
    for (size_t place = 0; place < info.Length(); ++place) {
      if (!info[place].IsArray()) continue;
      const Napi::Array array = info[place].As<Napi::Array>();
      const size_t length = std::min<size_t>(array.Length(), kMostVersions + 1);
      for (size_t index = 0; index < length; ++index)
        elements.push_back(array.Get(static_cast<uint32_t>(index)));
      break;
    }
    return elements;
  }

  Napi::Value Next() { return info_[next_++]; }

  float* Floats(const Napi::Value& value, const char* name, bool written) {
    const DeviceBuffer& buffer = DeviceBuffer::Of(value, name);
    if (buffer.element() != Element::kFloat32)
      Refuse(info_.Env(), std::string("Expected a float32 buffer for ") + name +
                              " but received a float64 one of " +
                              std::to_string(buffer.bytes()) + " bytes");
    float* begin = static_cast<float*>(buffer.On(stream_.device, name));
    if (ranges_.empty()) count_ = buffer.length();
    if (buffer.length() != count_)
      Refuse(info_.Env(), "Expected " + std::to_string(count_) + " elements for " + name +
                              " but received " + std::to_string(buffer.length()));
    ranges_.push_back({name, begin, written});
    return begin;
  }

  const Napi::CallbackInfo& info_;
  const std::vector<Napi::Value> versions_;
  const Stream& stream_;
  size_t next_ = 1, count_ = 0;
  std::vector<Range> ranges_;
};

template <typename Pass>
Napi::Value Call(const Napi::CallbackInfo& info) {
  Pass pass = {};
  KernelArguments arguments(info);
  pass.Visit(arguments);
  if (arguments.count() > 0) arguments.CheckOverlaps();
  Check(info.Env(), Launch(pass, arguments.count(), arguments.stream()), "the kernel to start");
  return info.Env().Undefined();
}

}  // namespace

Napi::Object DefineKernels(Napi::Env env) {
  Napi::Object kernels = Napi::Object::New(env);
#define FERRET_ROW(Pass, name) kernels.Set(name, Napi::Function::New<Call<Pass>>(env, name));
  FERRET_DEVICE_PASSES(FERRET_ROW)
#undef FERRET_ROW
  return kernels;
}

}  // namespace ferret::device
