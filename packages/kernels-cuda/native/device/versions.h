// The weight versions of a call, handed to the kernel by value.
#pragma once

#include "portable.h"

namespace ferret::device {

// 1 KiB of the 4 that a launch may pass.
constexpr unsigned kMostVersions = 128;

struct VersionList {
  const float* arrays[kMostVersions];
  unsigned count;

  FERRET_HD const float* newest() const { return arrays[count - 1]; }
};

}  // namespace ferret::device
