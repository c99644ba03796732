// Splits long work over the processor's cores.
#pragma once

#include <algorithm>
#include <cstddef>
#include <thread>
#include <vector>

namespace ferret::selftest {

// A part is so long that a thread for it pays; short work is one part and stays in this thread.
constexpr size_t kPart = size_t{1} << 21;

inline size_t PartsOf(size_t count) { return std::max<size_t>(1, (count + kPart - 1) / kPart); }

// work(part, begin, end) for every part; the parts are the same on every machine.
template <typename Work>
void InParts(size_t count, const Work& work) {
  const size_t parts = PartsOf(count);
  const auto run = [&](size_t first, size_t stride) {
    for (size_t part = first; part < parts; part += stride)
      work(part, part * kPart, std::min(count, (part + 1) * kPart));
  };
  const size_t cores = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> threads;
  for (size_t core = 1; core < std::min(cores, parts); ++core)
    threads.emplace_back(run, core, std::min(cores, parts));
  run(0, std::min(cores, parts));
  for (std::thread& thread : threads) thread.join();
}

}  // namespace ferret::selftest
