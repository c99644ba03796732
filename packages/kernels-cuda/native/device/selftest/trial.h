// One call of a pass on the device with random arguments, and what is checked of it:
//
//   every element that it writes or updates is what the formula gives in double precision,
//   what it should only read is as it was, and so is the memory before and behind every array.
//
// What it should write was filled with a NaN of its own before, so that a place left out shows.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "../runtime.h"
#include "parallel.h"
#include "random.h"
#include "references.h"

namespace ferret::selftest {

struct Manner {
  size_t count = 0;
  unsigned versions = 5;
  // How many floats an array starts behind a 16-byte line; -1: each array somewhere else.
  int offset = 0;
  // `destination` is one of the arrays that are read.
  bool in_place = false;
  // Some elements are NaN or infinite.
  bool special = false;
};

constexpr uint32_t kPoison = 0x7fa5c3d1;

// An array in both memories; only the middle of it is handed to the pass.
class Array {
 public:
  static constexpr size_t kGuard = 16;

  Array(const device::Stream& stream, size_t count, size_t offset)
      : stream_(stream), count_(count), start_(kGuard + offset), before_(count + start_ + kGuard) {
    Fill(Poison());
    status_ = device::Allocate(stream.device, bytes(), &memory_);
  }
  ~Array() { device::Free(stream_.device, memory_); }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  float* before() { return before_.data() + start_; }
  const float* after() const { return after_.data() + start_; }
  float* on_device() const { return static_cast<float*>(memory_) + start_; }

  void Randomise(Random& random, bool positive, bool special) {
    const uint64_t seed = random.Bits();
    InParts(count_, [&](size_t part, size_t begin, size_t end) {
      Random own(seed + part);
      for (size_t i = begin; i < end; ++i) before()[i] = 4 * own.Share() - (positive ? 0 : 2);
    });
    if (!special) return;
    const float specials[] = {NAN, INFINITY, positive ? NAN : -INFINITY};
    for (size_t n = 0; n < 1 + count_ / 64 && count_ > 0; ++n)
      before()[random.Below(count_)] = specials[random.Below(3)];
  }

  device::Status Send() {
    return status_ != 0 ? status_
                        : device::CopyToDevice(stream_, memory_, before_.data(), bytes());
  }
  device::Status Fetch() {
    after_.resize(before_.size());
    return device::CopyToHost(stream_, after_.data(), memory_, bytes());
  }

  // Whether all that lies outside of the array, or all of it, is what it was.
  bool Kept(bool whole) const {
    const size_t end = start_ + count_;
    const auto same = [&](size_t from, size_t to) {
      return std::memcmp(&before_[from], &after_[from], (to - from) * sizeof(float)) == 0;
    };
    return whole ? same(0, before_.size()) : same(0, start_) && same(end, before_.size());
  }

  static float Poison() {
    float poison;
    std::memcpy(&poison, &kPoison, sizeof poison);
    return poison;
  }

 private:
  size_t bytes() const { return before_.size() * sizeof(float); }
  void Fill(float value) { std::fill(before_.begin(), before_.end(), value); }

  device::Stream stream_;
  size_t count_, start_;
  std::vector<float> before_, after_;
  void* memory_ = nullptr;
  device::Status status_ = 0;
};

}  // namespace ferret::selftest
