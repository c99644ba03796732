// Memory, streams and events of CUDA. A status is a cudaError_t.
#include "../runtime.h"

#include <cuda_runtime_api.h>

#include <cstdio>
#include <new>

namespace ferret::device {

namespace {

cudaStream_t StreamOf(const Stream& stream) { return static_cast<cudaStream_t>(stream.handle); }
cudaEvent_t EventOf(const Event& event) { return static_cast<cudaEvent_t>(event.handle); }

// Runs `call` with `device` current; the first status that is not 0.
template <typename Call>
Status On(int device, const Call& call) {
  const cudaError_t status = cudaSetDevice(device);
  return status != cudaSuccess ? status : call();
}

Status Copy(const Stream& stream, void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  if (bytes == 0) return cudaSuccess;
  return On(stream.device,
            [&] { return cudaMemcpyAsync(to, from, bytes, kind, StreamOf(stream)); });
}

// "Not yet" is an answer, not an error.
Status Answer(cudaError_t status, bool* yes) {
  *yes = status == cudaSuccess;
  return status == cudaErrorNotReady ? cudaSuccess : status;
}

}  // namespace

const char* StatusText(Status status) {
  return cudaGetErrorString(static_cast<cudaError_t>(status));
}

bool IsOutOfMemory(Status status) { return status == cudaErrorMemoryAllocation; }

Status CountDevices(int* count) {
  *count = 0;
  return cudaGetDeviceCount(count);
}

Status Describe(int device, Description* description) {
  cudaDeviceProp properties;
  const Status status = cudaGetDeviceProperties(&properties, device);
  if (status != cudaSuccess) return status;
  std::snprintf(description->name, sizeof description->name, "%s", properties.name);
  description->major = properties.major;
  description->minor = properties.minor;
  description->total_bytes = properties.totalGlobalMem;
  description->multiprocessors = properties.multiProcessorCount;
  return cudaSuccess;
}

Status MemoryLeft(int device, size_t* free_bytes, size_t* total_bytes) {
  return On(device, [&] { return cudaMemGetInfo(free_bytes, total_bytes); });
}

Status Allocate(int device, size_t bytes, void** memory) {
  return On(device, [&] { return cudaMalloc(memory, bytes > 0 ? bytes : 1); });
}

Status Free(int device, void* memory) {
  return On(device, [&] { return cudaFree(memory); });
}

Status AllocatePinned(int device, size_t bytes, void** memory) {
  return On(device,
            [&] { return cudaHostAlloc(memory, bytes > 0 ? bytes : 1, cudaHostAllocPortable); });
}

Status FreePinned(int device, void* memory) {
  return On(device, [&] {
    // A copy may still be reading it.
    const cudaError_t status = cudaDeviceSynchronize();
    return status != cudaSuccess ? status : cudaFreeHost(memory);
  });
}

Status CreateStream(int device, Stream* stream) {
  *stream = Stream();
  stream->device = device;
  int multiprocessors = 0;
  Status status =
      cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device);
  if (status != cudaSuccess) return status;
  stream->multiprocessors = static_cast<unsigned>(multiprocessors);

  const size_t partials = PartialsBytes(stream->multiprocessors);
  void* memory = nullptr;
  status = Allocate(device, partials + sizeof(unsigned), &memory);
  if (status != cudaSuccess) return status;
  stream->workspace.partials = static_cast<double*>(memory);
  stream->workspace.ticket = reinterpret_cast<unsigned*>(static_cast<char*>(memory) + partials);

  cudaStream_t handle = nullptr;
  // Not tied to the default stream, which would wait for every other one.
  status = cudaStreamCreateWithFlags(&handle, cudaStreamNonBlocking);
  if (status == cudaSuccess) {
    stream->handle = handle;
    status = FillZero(*stream, stream->workspace.ticket, sizeof(unsigned));
  }
  if (status != cudaSuccess) DestroyStream(stream);
  return status;
}

Status DestroyStream(Stream* stream) {
  Status status = On(stream->device, [&] {
    const cudaError_t waited =
        stream->handle == nullptr ? cudaSuccess : cudaStreamSynchronize(StreamOf(*stream));
    const cudaError_t destroyed =
        stream->handle == nullptr ? cudaSuccess : cudaStreamDestroy(StreamOf(*stream));
    const cudaError_t freed = cudaFree(stream->workspace.partials);
    return waited != cudaSuccess ? waited : destroyed != cudaSuccess ? destroyed : freed;
  });
  *stream = Stream();
  return status;
}

Status IsIdle(const Stream& stream, bool* idle) {
  return Answer(cudaStreamQuery(StreamOf(stream)), idle);
}

Status Synchronize(const Stream& stream) { return cudaStreamSynchronize(StreamOf(stream)); }

Status CopyToDevice(const Stream& stream, void* to, const void* from, size_t bytes) {
  return Copy(stream, to, from, bytes, cudaMemcpyHostToDevice);
}

Status CopyToHost(const Stream& stream, void* to, const void* from, size_t bytes) {
  return Copy(stream, to, from, bytes, cudaMemcpyDeviceToHost);
}

Status CopyOnDevice(const Stream& stream, void* to, const void* from, size_t bytes) {
  return Copy(stream, to, from, bytes, cudaMemcpyDeviceToDevice);
}

Status FillZero(const Stream& stream, void* memory, size_t bytes) {
  if (bytes == 0) return cudaSuccess;
  return On(stream.device, [&] { return cudaMemsetAsync(memory, 0, bytes, StreamOf(stream)); });
}

Status CreateEvent(int device, Event* event) {
  event->device = device;
  return On(device, [&] {
    cudaEvent_t handle = nullptr;
    const cudaError_t status = cudaEventCreate(&handle);
    event->handle = handle;
    return status;
  });
}

Status DestroyEvent(Event* event) {
  const Status status = cudaEventDestroy(EventOf(*event));
  *event = Event();
  return status;
}

Status Record(const Event& event, const Stream& stream) {
  return On(stream.device, [&] { return cudaEventRecord(EventOf(event), StreamOf(stream)); });
}

Status WaitFor(const Stream& stream, const Event& event) {
  return On(stream.device,
            [&] { return cudaStreamWaitEvent(StreamOf(stream), EventOf(event), 0); });
}

Status IsDone(const Event& event, bool* done) {
  return Answer(cudaEventQuery(EventOf(event)), done);
}

Status Synchronize(const Event& event) { return cudaEventSynchronize(EventOf(event)); }

Status MillisecondsBetween(const Event& begin, const Event& end, float* milliseconds) {
  return cudaEventElapsedTime(milliseconds, EventOf(begin), EventOf(end));
}

}  // namespace ferret::device
