// Memory, streams and events of a device. Nothing here exits or throws: every call gives a status,
// 0 where it went well. There are two implementations, cuda/ and host/; a binary holds one.
#pragma once

#include <cstddef>

#include "block.h"

namespace ferret::device {

using Status = int;

const char* StatusText(Status status);
bool IsOutOfMemory(Status status);

Status CountDevices(int* count);

struct Description {
  char name[256];
  int major, minor;  // compute capability
  size_t total_bytes;
  int multiprocessors;
};
Status Describe(int device, Description* description);
Status MemoryLeft(int device, size_t* free_bytes, size_t* total_bytes);

Status Allocate(int device, size_t bytes, void** memory);
// Waits until the device has done what it was asked to do with it.
Status Free(int device, void* memory);
// Host memory that a device reads and writes on its own.
Status AllocatePinned(int device, size_t bytes, void** memory);
Status FreePinned(int device, void* memory);

// Work in the order in which it is asked for, beside other streams. `workspace` serves the sums of
// its launches, which never overlap.
struct Stream {
  int device = 0;
  unsigned multiprocessors = 1;
  void* handle = nullptr;
  Workspace workspace = {};
};
Status CreateStream(int device, Stream* stream);
Status DestroyStream(Stream* stream);
Status IsIdle(const Stream& stream, bool* idle);
Status Synchronize(const Stream& stream);

// These and the launches only ask for the work and come back at once; copies do so where the host
// memory is pinned, and may wait where it is not.
Status CopyToDevice(const Stream& stream, void* to, const void* from, size_t bytes);
Status CopyToHost(const Stream& stream, void* to, const void* from, size_t bytes);
Status CopyOnDevice(const Stream& stream, void* to, const void* from, size_t bytes);
Status FillZero(const Stream& stream, void* memory, size_t bytes);

struct Event {
  int device = 0;
  void* handle = nullptr;
};
Status CreateEvent(int device, Event* event);
Status DestroyEvent(Event* event);
Status Record(const Event& event, const Stream& stream);
Status WaitFor(const Stream& stream, const Event& event);
Status IsDone(const Event& event, bool* done);
Status Synchronize(const Event& event);
Status MillisecondsBetween(const Event& begin, const Event& end, float* milliseconds);

// Runs a pass over `count` elements; there is one for each row of passes.h.
template <typename Pass>
Status Launch(const Pass& pass, size_t count, const Stream& stream);

}  // namespace ferret::device
