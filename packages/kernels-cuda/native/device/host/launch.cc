// The kernels on the processor, block by block and thread by thread as on the GPU: the same index
// logic, the same bodies and the same order of every sum. For tests, on machines without a GPU.
#include <memory>

#include "../passes.h"
#include "../runtime.h"

namespace ferret::device {

namespace {

// All threads of a block, one after the other.
struct Crew {
  template <typename Step>
  void Together(const Step& step) const {
    for (unsigned thread = 0; thread < kThreads; ++thread) step(thread);
  }
  unsigned DrawTicket(unsigned* ticket) const { return (*ticket)++; }
};

}  // namespace

template <typename Pass>
Status Launch(const Pass& pass, size_t count, const Stream& stream) {
  const Sweep sweep = SweepOf(pass, count);
  const unsigned blocks = BlocksFor(sweep, stream.multiprocessors);
  BlockMemory<Pass::kSums> memory;
  for (unsigned block = 0; block < blocks; ++block)
    RunBlock(pass, sweep, block, blocks, memory, stream.workspace, Crew());
  return 0;
}

#define FERRET_ROW(Pass, name) template Status Launch(const Pass&, size_t, const Stream&);
FERRET_DEVICE_PASSES(FERRET_ROW)
#undef FERRET_ROW

}  // namespace ferret::device
