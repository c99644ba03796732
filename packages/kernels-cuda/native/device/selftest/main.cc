// Holds every kernel of the device to its formula in double precision, on whatever the binary was
// built for: the GPU, or the same kernel bodies on the processor.
//
//   device_selftest [--seed N] [--most LOG2] [--rounds N] [--only NAME] [--device INDEX]
//
// Ends with 0 where all passed, 1 where something did not, 2 where there is no device.
#include <cstdlib>
#include <cstring>

#include "check.h"

namespace ferret::selftest {

struct Options {
  uint64_t seed = 1;
  unsigned most = 17;  // log2 of the greatest length
  unsigned rounds = 4;
  std::string only;
  int device = 0;
};

// All small lengths at all alignments, then random ones up to the greatest, evenly over the powers
// of two, and a few around the lengths at which blocks and grids fill up.
std::vector<Manner> Manners(const Options& options, Random& random) {
  std::vector<Manner> manners;
  const auto add = [&](size_t count, int offset) {
    Manner manner;
    manner.count = count;
    manner.offset = offset;
    const bool many = count < 5000 && random.Below(16) == 0;
    manner.versions = many ? device::kMostVersions
                           : 1 + static_cast<unsigned>(random.Below(count < 1u << 24 ? 9 : 5));
    manner.in_place = random.Below(3) == 0;
    manner.special = random.Below(4) == 0;
    manners.push_back(manner);
  };
  for (size_t count = 0; count <= 20; ++count)
    for (int offset = -1; offset < 4; ++offset) add(count, offset);
  for (const size_t edge : {256u, 1024u, 6144u, 24576u})
    for (const size_t count : {edge - 1, edge, edge + 1})
      add(count, static_cast<int>(random.Below(5)) - 1);
  for (unsigned round = 0; round < options.rounds; ++round)
    for (unsigned power = 5; power < options.most; ++power)
      add((size_t{1} << power) + random.Below(size_t{1} << power),
          static_cast<int>(random.Below(5)) - 1);
  add(size_t{1} << options.most, 0);
  return manners;
}

template <typename Pass>
bool Test(const char* name, const device::Stream& stream, const Options& options) {
  if (!options.only.empty() && options.only != name) return true;
  Random random(options.seed);
  double worst = 0;
  const auto manners = Manners(options, random);
  for (const Manner& manner : manners) {
    const Outcome outcome = Try<Pass>(stream, manner, random);
    worst = std::max(worst, outcome.worst);
    if (outcome.complaint.empty()) continue;
    std::printf("%-28s FAILED: %s (length %zu, offset %d, versions %u%s%s)\n", name,
                outcome.complaint.c_str(), manner.count, manner.offset, manner.versions,
                manner.in_place ? ", in place" : "", manner.special ? ", special values" : "");
    return false;
  }
  std::printf("%-28s passed  %4zu calls, worst error %.2fe-6\n", name, manners.size(), worst);
  std::fflush(stdout);
  return true;
}

// The longest vectors of which a call's arrays fit into the device's memory: 16 of 4 bytes at most.
unsigned MostThatFits(const Options& options) {
  size_t free_bytes = 0, total_bytes = 0;
  unsigned most = options.most;
  if (device::MemoryLeft(options.device, &free_bytes, &total_bytes) != 0) return most;
  while (most > 20 && size_t{64} << most > free_bytes) --most;
  if (most < options.most) std::printf("lengths to 2^%u, as more does not fit\n", most);
  return most;
}

int Run(Options options) {
  device::Description device = {};
  device::Stream stream;
  device::Status status = device::Describe(options.device, &device);
  if (status == 0) status = device::CreateStream(options.device, &stream);
  if (status != 0) {
    std::printf("Expected a device but received: %s\n", device::StatusText(status));
    return 2;
  }
  std::printf("device: %s\n", device.name);
  options.most = MostThatFits(options);
  int failed = 0;
#define FERRET_ROW(Pass, name) failed += !Test<device::Pass>(name, stream, options);
  FERRET_DEVICE_PASSES(FERRET_ROW)
#undef FERRET_ROW
  status = device::DestroyStream(&stream);
  if (status != 0) std::printf("The stream did not end well: %s\n", device::StatusText(status));
  std::printf("%s\n", failed == 0 && status == 0 ? "all kernels passed" : "some kernels FAILED");
  return failed == 0 && status == 0 ? 0 : 1;
}

}  // namespace ferret::selftest

int main(int count, char** arguments) {
  ferret::selftest::Options options;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string option = arguments[i];
    const char* value = arguments[i + 1];
    if (option == "--seed") options.seed = std::strtoull(value, nullptr, 10);
    if (option == "--most") options.most = static_cast<unsigned>(std::atoi(value));
    if (option == "--rounds") options.rounds = static_cast<unsigned>(std::atoi(value));
    if (option == "--only") options.only = value;
    if (option == "--device") options.device = std::atoi(value);
  }
  return ferret::selftest::Run(options);
}
