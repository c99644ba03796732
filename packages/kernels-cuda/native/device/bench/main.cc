// Bandwidth of every kernel beside that of a copy on the device, in turns, so that both see the
// same clocks. Prints a line a kernel and length: name, length, microseconds, GB/s, GB/s of the
// copy.
//
//   device_bench [--least LOG2] [--most LOG2] [--rounds N]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "../passes.h"
#include "../runtime.h"
#include "../selftest/random.h"

namespace ferret::bench {

using device::Status;

// The first thing that went wrong ends the program.
void Check(Status status, const char* what) {
  if (status == 0) return;
  std::fprintf(stderr, "Expected %s but received: %s\n", what, device::StatusText(status));
  std::exit(2);
}

// Arrays for all calls, full of random numbers.
class Pool {
 public:
  Pool(const device::Stream& stream, size_t count) : stream_(stream), count_(count) {
    selftest::Random random(1);
    for (float& value : numbers_) value = 0.5f + random.Share();
  }

  float* Array(size_t index) {
    while (arrays_.size() <= index) {
      void* memory = nullptr;
      Check(device::Allocate(stream_.device, count_ * sizeof(float), &memory), "memory");
      float* array = static_cast<float*>(memory);
      for (size_t place = 0; place < count_; place += numbers_.size())
        Check(device::CopyToDevice(stream_, array + place, numbers_.data(),
                                   std::min(numbers_.size(), count_ - place) * sizeof(float)),
              "a copy");
      Check(device::Synchronize(stream_), "a copy");
      arrays_.push_back(array);
    }
    return arrays_[index];
  }

  double* Doubles() {
    if (doubles_ == nullptr) {
      void* memory = nullptr;
      Check(device::Allocate(stream_.device, 4 * sizeof(double), &memory), "memory");
      doubles_ = static_cast<double*>(memory);
    }
    Check(device::FillZero(stream_, doubles_, 4 * sizeof(double)), "zeros");
    return doubles_;
  }

 private:
  device::Stream stream_;
  size_t count_;
  std::vector<float> numbers_ = std::vector<float>(size_t{1} << 20);
  std::vector<float*> arrays_;
  double* doubles_ = nullptr;
};

// Gives a pass its arrays and counts the floats that go over the memory's wires for an element.
struct Arguments {
  Pool& pool;
  size_t arrays = 0, traffic = 0;

  float* Next(size_t floats) {
    traffic += floats;
    return pool.Array(arrays++);
  }
  void Reads(const char*, const float*& array) { array = Next(1); }
  void Writes(const char*, float*& array) { array = Next(1); }
  void Updates(const char*, float*& array) { array = Next(2); }
  void Versions(const char*, device::VersionList& list, unsigned) {
    list.count = 5;  // tau = 4
    for (unsigned version = 0; version < list.count; ++version) list.arrays[version] = Next(1);
  }
  void Number(const char*, float& number) { number = 0.01f; }
  void Doubles(const char*, double*& doubles, size_t, bool) { doubles = pool.Doubles(); }
};

class Clock {
 public:
  explicit Clock(const device::Stream& stream) : stream_(stream) {
    Check(device::CreateEvent(stream.device, &begin_), "an event");
    Check(device::CreateEvent(stream.device, &end_), "an event");
  }

  template <typename Work>
  double Microseconds(const Work& work) {
    Check(device::Record(begin_, stream_), "an event");
    Check(work(), "the work to start");
    Check(device::Record(end_, stream_), "an event");
    Check(device::Synchronize(end_), "the work to end well");
    float milliseconds = 0;
    Check(device::MillisecondsBetween(begin_, end_, &milliseconds), "a time");
    return 1e3 * milliseconds;
  }

 private:
  device::Stream stream_;
  device::Event begin_, end_;
};

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

template <typename Pass>
void Measure(const char* name, size_t count, int rounds, const device::Stream& stream, Pool& pool,
             Clock& clock) {
  Arguments arguments{pool};
  Pass pass = {};
  pass.Visit(arguments);
  const size_t bytes = arguments.traffic * count * sizeof(float);
  // A copy of as many bytes, which it reads and writes; in parts, where an array is shorter.
  float *from = pool.Array(0), *to = pool.Array(1);
  const auto copy = [&] {
    Status status = 0;
    for (size_t left = bytes / 2; left > 0 && status == 0;) {
      const size_t part = std::min(left, count * sizeof(float));
      status = device::CopyOnDevice(stream, to, from, part);
      left -= part;
    }
    return status;
  };
  const auto kernel = [&] { return device::Launch(pass, count, stream); };
  std::vector<double> kernels, copies;
  for (int round = -3; round < rounds; ++round) {
    const double copied = clock.Microseconds(copy), ran = clock.Microseconds(kernel);
    if (round < 0) continue;  // to warm up
    copies.push_back(copied);
    kernels.push_back(ran);
  }
  const double time = Median(kernels), copied = Median(copies);
  std::printf("%s\t%zu\t%.2f\t%.0f\t%.0f\n", name, count, time, bytes / time / 1e3,
              bytes / copied / 1e3);
  std::fflush(stdout);
}

int Run(unsigned least, unsigned most, int rounds) {
  device::Stream stream;
  Check(device::CreateStream(0, &stream), "a device");
  Pool pool(stream, size_t{1} << most);
  Clock clock(stream);
  for (unsigned power = least; power <= most; power += 2) {
    const size_t count = size_t{1} << power;
#define FERRET_ROW(Pass, name) Measure<device::Pass>(name, count, rounds, stream, pool, clock);
    FERRET_DEVICE_PASSES(FERRET_ROW)
#undef FERRET_ROW
  }
  return 0;
}

}  // namespace ferret::bench

int main(int count, char** arguments) {
  unsigned least = 20, most = 26;
  int rounds = 21;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string option = arguments[i];
    const int value = std::atoi(arguments[i + 1]);
    if (option == "--least") least = static_cast<unsigned>(value);
    if (option == "--most") most = static_cast<unsigned>(value);
    if (option == "--rounds") rounds = value;
  }
  return ferret::bench::Run(least, most, rounds);
}
