// How the elements of a call are shared out: which thread does which element, by which access.
#pragma once

#include "portable.h"
#include "versions.h"

namespace ferret::device {

// Threads of a block. A launch has as many blocks as there is work for, and at most
// `kBlocksPerMultiprocessor` per multiprocessor (2048 threads, all that one can hold); each thread
// strides through the items by the launch's thread count.
constexpr unsigned kThreads = 256;
constexpr unsigned kBlocksPerMultiprocessor = 8;

// Items are numbered packs first, then single elements: those before the first pack, then those
// after the last one. Where the arrays do not lie alike, there are no packs at all: neighbouring
// threads then read neighbouring floats, which a GPU joins to whole lines.
//
//   element  0 1 | 2 3 4 5 | 6 7 8 9 | 10       16-byte lines between the bars
//   item      2 3      0         1      4
struct Sweep {
  size_t head = 0;   // elements before the first pack
  size_t packs = 0;  // groups of kPackLanes
  size_t items = 0;

  template <typename Pass>
  FERRET_HD void Apply(const Pass& pass, size_t item, double* sums) const {
    if (item < packs) {
      pass.template Apply<kPackLanes>(head + item * kPackLanes, sums);
    } else {
      const size_t single = item - packs;
      const size_t place = single < head ? single : single + packs * kPackLanes;
      pass.template Apply<1>(place, sums);
    }
  }
};

// Gathers how the arrays of a pass lie to 16-byte lines.
class Alignment {
 public:
  void Reads(const char*, const float* array) { Add(array); }
  void Writes(const char*, float* array) { Add(array); }
  void Updates(const char*, float* array) { Add(array); }
  void Versions(const char*, const VersionList& list, unsigned) {
    for (unsigned version = 0; version < list.count; ++version) Add(list.arrays[version]);
  }
  void Number(const char*, float) {}
  void Doubles(const char*, double*, size_t, bool) {}

  Sweep Split(size_t count) const {
    Sweep sweep;
    const size_t before = (kPackBytes - offset_) % kPackBytes / sizeof(float);
    sweep.head = !alike_ || before > count ? count : before;
    sweep.packs = (count - sweep.head) / kPackLanes;
    sweep.items = count - sweep.packs * (kPackLanes - 1);
    return sweep;
  }

 private:
  void Add(const float* array) {
    const size_t offset = reinterpret_cast<uintptr_t>(array) % kPackBytes;
    if (!seen_) offset_ = offset;
    alike_ = alike_ && offset == offset_;
    seen_ = true;
  }

  size_t offset_ = 0;
  bool seen_ = false, alike_ = true;
};

template <typename Pass>
Sweep SweepOf(Pass pass, size_t count) {
  Alignment alignment;
  pass.Visit(alignment);
  return alignment.Split(count);
}

// Blocks of a launch; one at least, since an empty sum is 0 and not nothing.
inline unsigned BlocksFor(const Sweep& sweep, unsigned multiprocessors) {
  const size_t most = static_cast<size_t>(multiprocessors) * kBlocksPerMultiprocessor;
  const size_t wanted = (sweep.items + kThreads - 1) / kThreads;
  return static_cast<unsigned>(wanted < 1 ? 1 : wanted < most ? wanted : most);
}

}  // namespace ferret::device
