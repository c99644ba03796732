#pragma once

#include "stream.h"

namespace ferret::device {

Napi::Object DefineKernels(Napi::Env env);

}  // namespace ferret::device
