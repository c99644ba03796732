// What one block of threads does: its items, and the sums of all blocks by the one that ends last.
//
//   each block    items -> a sum a thread -> tree -> partial[block], then draws a ticket
//   last ticket   partials -> a sum a thread -> tree -> pass.Conclude(sums)
//
// Every sum is taken in an order that only the length and the number of blocks decide, so a result
// is the same each time. `Crew` runs a step for every thread and waits for all of them: on the GPU
// each thread runs its own and meets the others at a barrier, on the processor a loop does it.
#pragma once

#include "sweep.h"

namespace ferret::device {

// Memory that the blocks of a launch share. `ticket` is 0 between launches.
struct Workspace {
  double* partials;
  unsigned* ticket;
};

constexpr int kMostSums = 2;

// Bytes of the partial sums of a launch on that many multiprocessors.
inline size_t PartialsBytes(unsigned multiprocessors) {
  return sizeof(double) * kMostSums * multiprocessors * kBlocksPerMultiprocessor;
}

template <int kSums>
struct BlockMemory {
  double sums[kSums > 0 ? kSums : 1][kSums > 0 ? kThreads : 1];
  bool last;
};

template <int kSums, typename Crew>
FERRET_HD inline void AddUp(BlockMemory<kSums>& memory, const Crew& crew) {
  for (unsigned distance = kThreads / 2; distance > 0; distance /= 2)
    crew.Together([&](unsigned thread) {
      if (thread < distance)
        for (int sum = 0; sum < kSums; ++sum)
          memory.sums[sum][thread] += memory.sums[sum][thread + distance];
    });
}

#ifdef __CUDACC__
#pragma nv_exec_check_disable
#endif
template <typename Pass, typename Crew>
FERRET_HD inline void RunBlock(const Pass& pass, const Sweep& sweep, unsigned block,
                               unsigned blocks, BlockMemory<Pass::kSums>& memory,
                               Workspace workspace, const Crew& crew) {
  constexpr int kSums = Pass::kSums;
  static_assert(kSums <= kMostSums);
  const size_t threads = static_cast<size_t>(blocks) * kThreads;
  crew.Together([&](unsigned thread) {
    double sums[kSums > 0 ? kSums : 1] = {};
    for (size_t item = static_cast<size_t>(block) * kThreads + thread; item < sweep.items;
         item += threads)
      sweep.Apply(pass, item, sums);
    for (int sum = 0; sum < kSums; ++sum) memory.sums[sum][thread] = sums[sum];
  });
  if constexpr (kSums > 0) {
    AddUp(memory, crew);
    crew.Together([&](unsigned thread) {
      if (thread != 0) return;
      for (int sum = 0; sum < kSums; ++sum)
        workspace.partials[static_cast<size_t>(block) * kSums + sum] = memory.sums[sum][0];
      memory.last = crew.DrawTicket(workspace.ticket) + 1 == blocks;
    });
    if (!memory.last) return;
    crew.Together([&](unsigned thread) {
      const volatile double* partials = workspace.partials;
      for (int sum = 0; sum < kSums; ++sum) {
        double total = 0;
        for (unsigned other = thread; other < blocks; other += kThreads)
          total += partials[static_cast<size_t>(other) * kSums + sum];
        memory.sums[sum][thread] = total;
      }
    });
    AddUp(memory, crew);
    crew.Together([&](unsigned thread) {
      if (thread != 0) return;
      double totals[kSums];
      for (int sum = 0; sum < kSums; ++sum) totals[sum] = memory.sums[sum][0];
      *workspace.ticket = 0;
      pass.Conclude(totals);
    });
  }
}

}  // namespace ferret::device
