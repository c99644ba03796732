// Random arguments of any pass, made by visiting it.
#pragma once

#include <memory>

#include "trial.h"

namespace ferret::selftest {

class Arguments {
 public:
  Arguments(const device::Stream& stream, const Manner& manner, Random& random)
      : stream_(stream), manner_(manner), random_(random) {}
  ~Arguments() {
    if (doubles_ != nullptr) device::Free(stream_.device, doubles_);
  }

  // Fills `host` and `onDevice` alike.
  template <typename Pass>
  device::Status Make(Pass& host, Pass& on_device) {
    host.Visit(*this);
    if (status_ != 0) return status_;
    on_device = host;
    Translation translation{*this};
    on_device.Visit(translation);
    return 0;
  }

  void Reads(const char* name, const float*& array) { array = New(name, false)->before(); }
  void Updates(const char* name, float*& array) {
    Array* made = New(name, false);
    outputs.push_back({name, made});
    array = made->before();
  }
  void Writes(const char* name, float*& array) {
    Array* made = New(name, true);
    outputs.push_back({name, made});
    array = made->before();
  }
  void Versions(const char* name, device::VersionList& list, unsigned least) {
    list.count = std::max(least, manner_.versions);
    for (unsigned version = 0; version < list.count; ++version)
      list.arrays[version] = New(name, false)->before();
  }
  void Number(const char* name, float& number) {
    const std::string is = name;
    const float share = random_.Share();
    number = is == "step" ? (random_.Below(2) ? share : 0.f)
             : is == "strength" || is == "delay" ? 8 * share
             : is == "floor"                     ? 1e-8f + share
                                                 : share;
  }
  void Doubles(const char* name, double*& doubles, size_t length, bool updates) {
    doubles_name = name;
    doubles_before.assign(length, NAN);
    if (updates) doubles_before = {0.2 + random_.Share(), 3, double(random_.Below(2)), 7};
    doubles_length = length;
    status_ = device::Allocate(stream_.device, length * sizeof(double), &doubles_);
    if (status_ == 0)
      status_ = device::CopyToDevice(stream_, doubles_, doubles_before.data(),
                                     length * sizeof(double));
    doubles = doubles_before.data();
  }

  device::Status Fetch() {
    for (const auto& array : arrays)
      if (const auto status = array->Fetch(); status != 0) return status;
    doubles_after.resize(doubles_length);
    return device::CopyToHost(stream_, doubles_after.data(), doubles_,
                              doubles_length * sizeof(double));
  }

  struct Output {
    const char* name;
    Array* array;
  };
  std::vector<std::unique_ptr<Array>> arrays;
  std::vector<Output> outputs;
  // Where a pass writes to the array that it reads, that array; null elsewhere.
  Array* written_to = nullptr;
  const char* doubles_name = "";
  size_t doubles_length = 0;
  std::vector<double> doubles_before, doubles_after;

 private:
  // The same visit a second time, with the addresses on the device.
  struct Translation {
    Arguments& arguments;
    size_t next = 0;

    Array* Next() { return arguments.arrays[next++].get(); }
    void Reads(const char*, const float*& array) { array = Next()->on_device(); }
    void Updates(const char*, float*& array) { array = Next()->on_device(); }
    void Writes(const char*, float*& array) {
      Array* own = Next();
      array = own->on_device();
      if (!arguments.manner_.in_place) return;
      // The array after the written one is read in every pass that writes.
      arguments.written_to = arguments.arrays[next].get();
      array = arguments.written_to->on_device();
      arguments.outputs[0].array = arguments.written_to;
    }
    void Versions(const char*, device::VersionList& list, unsigned) {
      for (unsigned version = 0; version < list.count; ++version)
        list.arrays[version] = Next()->on_device();
    }
    void Number(const char*, float&) {}
    void Doubles(const char*, double*& doubles, size_t, bool) {
      doubles = static_cast<double*>(arguments.doubles_);
    }
  };

  Array* New(const char* name, bool poisoned) {
    const size_t offset = manner_.offset >= 0 ? manner_.offset : random_.Below(4);
    arrays.push_back(std::make_unique<Array>(stream_, manner_.count, offset));
    Array* array = arrays.back().get();
    if (!poisoned)
      array->Randomise(random_, std::string(name) == "meanSquare", manner_.special);
    if (const auto status = array->Send(); status != 0) status_ = status;
    return array;
  }

  device::Stream stream_;
  Manner manner_;
  Random& random_;
  void* doubles_ = nullptr;
  device::Status status_ = 0;
};

}  // namespace ferret::selftest
