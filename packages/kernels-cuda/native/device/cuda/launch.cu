// The kernels on the GPU: one __global__ function a pass, all of them RunBlock.
#include <cuda_runtime.h>

#include "../passes.h"
#include "../runtime.h"

namespace ferret::device {

namespace {

// Each thread runs its own part of a step and waits for the rest of its block.
struct Crew {
  template <typename Step>
  __device__ void Together(const Step& step) const {
    step(threadIdx.x);
    __syncthreads();
  }
  // What this thread wrote is seen by whoever draws a later ticket.
  __device__ unsigned DrawTicket(unsigned* ticket) const {
    __threadfence();
    const unsigned drawn = atomicAdd(ticket, 1u);
    __threadfence();
    return drawn;
  }
};

template <typename Pass>
__global__ void __launch_bounds__(kThreads)
    Run(const __grid_constant__ Pass pass, const __grid_constant__ Sweep sweep,
        const __grid_constant__ Workspace workspace) {
  __shared__ BlockMemory<Pass::kSums> memory;
  RunBlock(pass, sweep, blockIdx.x, gridDim.x, memory, workspace, Crew());
}

}  // namespace

template <typename Pass>
Status Launch(const Pass& pass, size_t count, const Stream& stream) {
  const Sweep sweep = SweepOf(pass, count);
  if (sweep.items == 0 && Pass::kSums == 0) return cudaSuccess;
  const Status status = cudaSetDevice(stream.device);
  if (status != cudaSuccess) return status;
  const void* arguments[] = {&pass, &sweep, &stream.workspace};
  return cudaLaunchKernel(reinterpret_cast<const void*>(&Run<Pass>),
                          dim3(BlocksFor(sweep, stream.multiprocessors)), dim3(kThreads),
                          const_cast<void**>(arguments), 0,
                          static_cast<cudaStream_t>(stream.handle));
}

#define FERRET_ROW(Pass, name) template Status Launch(const Pass&, size_t, const Stream&);
FERRET_DEVICE_PASSES(FERRET_ROW)
#undef FERRET_ROW

}  // namespace ferret::device
