// Memory, streams and events in host memory, for tests on machines without a GPU. Work is done when
// it is asked for. There are two devices, so that mixing them up can be tested.
#include "../runtime.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace ferret::device {

namespace {

constexpr int kDevices = 2;
constexpr Status kOutOfMemory = 2, kInvalidDevice = 101;
// One so small that a thread takes many items even of a short vector, one with more blocks than a
// block has threads.
constexpr unsigned kMultiprocessors[kDevices] = {3, 40};
constexpr size_t kAlignment = 256;

Status Take(size_t bytes, void** memory) {
  const size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  // The system lends addresses without memory behind them; a device does not.
  size_t free_bytes = 0, total_bytes = 0;
  MemoryLeft(0, &free_bytes, &total_bytes);
  if (rounded < bytes || rounded > total_bytes) return kOutOfMemory;
  *memory = std::aligned_alloc(kAlignment, rounded < kAlignment ? kAlignment : rounded);
  return *memory == nullptr ? kOutOfMemory : 0;
}

Status Copy(void* to, const void* from, size_t bytes) {
  if (bytes > 0) std::memmove(to, from, bytes);
  return 0;
}

using Clock = std::chrono::steady_clock;

}  // namespace

const char* StatusText(Status status) {
  return status == 0                ? "no error"
         : status == kOutOfMemory   ? "out of memory"
         : status == kInvalidDevice ? "invalid device ordinal"
                                    : "unknown error";
}

bool IsOutOfMemory(Status status) { return status == kOutOfMemory; }

Status CountDevices(int* count) {
  *count = kDevices;
  return 0;
}

Status Describe(int device, Description* description) {
  if (device < 0 || device >= kDevices) return kInvalidDevice;
  std::snprintf(description->name, sizeof description->name, "host memory %d", device);
  description->major = description->minor = 0;
  description->multiprocessors = static_cast<int>(kMultiprocessors[device]);
  size_t free_bytes = 0;
  return MemoryLeft(device, &free_bytes, &description->total_bytes);
}

Status MemoryLeft(int, size_t* free_bytes, size_t* total_bytes) {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  *total_bytes = page * static_cast<size_t>(sysconf(_SC_PHYS_PAGES));
#ifdef _SC_AVPHYS_PAGES
  *free_bytes = page * static_cast<size_t>(sysconf(_SC_AVPHYS_PAGES));
#else
  *free_bytes = *total_bytes;
#endif
  return 0;
}

Status Allocate(int device, size_t bytes, void** memory) {
  return device < 0 || device >= kDevices ? kInvalidDevice : Take(bytes, memory);
}

Status Free(int, void* memory) {
  std::free(memory);
  return 0;
}

Status AllocatePinned(int device, size_t bytes, void** memory) {
  return Allocate(device, bytes, memory);
}

Status FreePinned(int device, void* memory) { return Free(device, memory); }

Status CreateStream(int device, Stream* stream) {
  if (device < 0 || device >= kDevices) return kInvalidDevice;
  stream->device = device;
  stream->multiprocessors = kMultiprocessors[device];
  const size_t partials = PartialsBytes(stream->multiprocessors);
  void* memory = nullptr;
  const Status status = Allocate(device, partials + sizeof(unsigned), &memory);
  if (status != 0) return status;
  stream->handle = memory;
  stream->workspace.partials = static_cast<double*>(memory);
  stream->workspace.ticket = new (static_cast<char*>(memory) + partials) unsigned(0);
  return 0;
}

Status DestroyStream(Stream* stream) {
  std::free(stream->handle);
  *stream = Stream();
  return 0;
}

Status IsIdle(const Stream&, bool* idle) {
  *idle = true;
  return 0;
}
Status Synchronize(const Stream&) { return 0; }

Status CopyToDevice(const Stream&, void* to, const void* from, size_t bytes) {
  return Copy(to, from, bytes);
}
Status CopyToHost(const Stream&, void* to, const void* from, size_t bytes) {
  return Copy(to, from, bytes);
}
Status CopyOnDevice(const Stream&, void* to, const void* from, size_t bytes) {
  return Copy(to, from, bytes);
}
Status FillZero(const Stream&, void* memory, size_t bytes) {
  if (bytes > 0) std::memset(memory, 0, bytes);
  return 0;
}

Status CreateEvent(int device, Event* event) {
  event->device = device;
  event->handle = new (std::nothrow) Clock::time_point(Clock::now());
  return event->handle == nullptr ? kOutOfMemory : 0;
}

Status DestroyEvent(Event* event) {
  delete static_cast<Clock::time_point*>(event->handle);
  *event = Event();
  return 0;
}

Status Record(const Event& event, const Stream&) {
  *static_cast<Clock::time_point*>(event.handle) = Clock::now();
  return 0;
}

Status WaitFor(const Stream&, const Event&) { return 0; }

Status IsDone(const Event&, bool* done) {
  *done = true;
  return 0;
}

Status Synchronize(const Event&) { return 0; }

Status MillisecondsBetween(const Event& begin, const Event& end, float* milliseconds) {
  const auto between = *static_cast<Clock::time_point*>(end.handle) -
                       *static_cast<Clock::time_point*>(begin.handle);
  *milliseconds = std::chrono::duration<float, std::milli>(between).count();
  return 0;
}

}  // namespace ferret::device
