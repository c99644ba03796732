#pragma once

#include "kernel_layout.h"

namespace ferret {

// Brings a kernel into a format of oneDNN, by ourselves where the layout is a known one.
class KernelMove {
 public:
  KernelMove() = default;
  KernelMove(const Description& plain, const Description& blocked, const KernelShape& shape,
             KernelLayout::Kind kind)
      : layout_(KernelLayout::Of(blocked, shape, kind)) {
    if (!layout_) reorder_ = Reorder(plain, blocked);
  }

  const void* operator()(const float* keras, std::byte* blocked) const {
    if (layout_)
      layout_->Pack(keras, reinterpret_cast<float*>(blocked));
    else if (reorder_)
      reorder_({keras, blocked});
    else
      return keras;
    return blocked;
  }

 private:
  std::optional<KernelLayout> layout_;
  BoundPrimitive reorder_;
};

}  // namespace ferret
