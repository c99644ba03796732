// One layer of a stage program. Each kind is one file; `CreateOperation` in operation.cc is the
// registry.
#pragma once

#include <memory>

#include "dnnl_api.h"
#include "shape.h"

namespace ferret {

// A layer as JavaScript describes it: shapes are those of one sample.
struct LayerSpecification {
  enum Kind { kDense, kConvolution, kMaxPooling, kAveragePooling, kFlatten } kind;
  Shape input, output;
  int64_t kernel[2] = {1, 1}, strides[2] = {1, 1}, before[2] = {0, 0}, after[2] = {0, 0};
  bool bias = false;
  bool relu = false;
};

// Buffers of one call. Tensors lie in the formats that the operation was bound to.
struct ForwardCall {
  const float* parameters;
  const void* input;
  void* output;
  void* extra;  // kept for the backward pass: `extra_bytes`
  std::byte* scratch;
};

struct BackwardCall {
  const float* parameters;
  const void* input;
  const void* extra;
  void* output_gradient;  // already past the activation's derivative
  void* input_gradient;   // null: not wanted; may be the same memory as `input`
  float* parameter_gradient;
  std::byte* scratch;
};

// An operation reads a tensor in whatever format its predecessor left it and chooses the format
// of its own output; a gradient has the format of its tensor.
class Operation {
 public:
  virtual ~Operation() = default;

  virtual size_t parameter_count() const { return 0; }
  virtual size_t extra_bytes() const { return 0; }
  virtual size_t scratch_bytes() const { return 0; }
  virtual const Description& output() const = 0;

  virtual void Forward(const ForwardCall& call) const = 0;
  virtual void Backward(const BackwardCall& call) const = 0;
};

// Dense rows, channels last: the format of stage boundaries.
Description PlainTensor(const Shape& shape, int64_t batch);

std::unique_ptr<Operation> CreateOperation(const LayerSpecification& layer, int64_t batch,
                                           const Description& input);

std::unique_ptr<Operation> CreateDense(const LayerSpecification& layer, int64_t batch);
std::unique_ptr<Operation> CreateConvolution(const LayerSpecification& layer, int64_t batch,
                                             const Description& input);
std::unique_ptr<Operation> CreatePooling(const LayerSpecification& layer, int64_t batch,
                                         const Description& input);
std::unique_ptr<Operation> CreateFlatten(const LayerSpecification& layer, int64_t batch,
                                         const Description& input);

}  // namespace ferret
