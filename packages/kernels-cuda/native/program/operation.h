// One layer of a stage program. Each kind is one file, and a row in kinds.cc.
#pragma once

#include <memory>

#include "dnnl_api.h"
#include "image.h"
#include "layer.h"
#include "parameter_sink.h"
#include "shape.h"

namespace ferret {

// Buffers of one call. Tensors lie in the formats that the operation was bound to.
struct ForwardCall {
  const float* parameters;
  const void* input;
  void* output;
  std::byte* extra;  // kept for the backward pass: `extra_bytes`
  std::byte* scratch;
  bool saves;  // whether a backward pass will read `extra`
  uint64_t draw;  // the pass's number, for what is drawn at random
};

struct BackwardCall {
  const float* parameters;
  const void* input;
  // Whether `output_gradient` is already past the operation's activation.
  bool past_activation;
  // The operation's output, for the derivative of its activation; null where that is not wanted or
  // the operation makes its output again.
  const void* output;
  const std::byte* extra;
  void* output_gradient;  // may be overwritten
  void* input_gradient;   // null: not wanted; may be the same memory as `input`
  ParameterSink sink;     // may write over `parameters`: comes after their last use
  std::byte* scratch;
  // Not null: the pass for the input alone, with an empty sink. Takes what `BackwardWeights` is to
  // read: `pending_bytes`.
  std::byte* pending;
  // What `LargestInput` has told of the input, where it was asked; else below zero.
  float largest_input = -1;
};

// What is left of a backward pass after the one for the input alone.
struct WeightsCall {
  const void* input;
  const std::byte* extra;
  // As that pass left it, where the operation `keeps_gradient`.
  const void* output_gradient;
  const std::byte* pending;
  ParameterSink sink;
  std::byte* scratch;
};

// An operation reads a tensor in whatever format its predecessor left it and chooses the format
// of its own output, which `ViewOf` must know; a gradient has the format of its tensor.
class Operation {
 public:
  virtual ~Operation() = default;

  virtual size_t parameter_count() const { return 0; }
  virtual size_t extra_bytes() const { return 0; }
  virtual size_t scratch_bytes() const { return 0; }
  // Of `extra`, what a forward pass needs that saves nothing.
  virtual size_t passing_bytes() const { return extra_bytes(); }
  // Whether `BackwardWeights` reads the gradient at the output, and whether the input.
  virtual bool keeps_gradient() const { return parameter_count() > 0; }
  virtual bool keeps_input() const { return keeps_gradient(); }
  // Kept beside the two from `Backward` to `BackwardWeights`.
  virtual size_t pending_bytes() const { return 0; }
  virtual const Description& output() const = 0;
  // The largest magnitude in an input that the gradients at the parameters are made from, where
  // that is quickly told: looked at before a backward pass makes the first step.
  virtual float LargestInput(const void*) const { return 0; }
  virtual bool looks_at_input() const { return false; }

  virtual void Forward(const ForwardCall& call) const = 0;
  // Writes the output once more, from the input and what a forward pass has kept of it, where that
  // is all that is kept of it (`Kept::kAgain`).
  virtual void MakeAgain(const void* /* input */, const std::byte* /* extra */,
                         void* /* output */) const {}
  virtual void Backward(const BackwardCall& call) const = 0;
  // Only where there are parameters. Where an operation can do without the input's gradient, this
  // is its backward pass.
  virtual void BackwardWeights(const WeightsCall& call) const {
    Backward({nullptr, call.input, true, nullptr, call.extra, const_cast<void*>(call.output_gradient),
              nullptr, call.sink, call.scratch, nullptr});
  }
};

// What a layer is bound to.
struct Binding {
  int64_t batch;
  Mode mode;
  Description input;
  // Of the layer before, where this one is to pass the gradient through it.
  Activation rectified = Activation::kLinear;
};

// Includes the activation that the layer is bound with.
std::unique_ptr<Operation> CreateOperation(const LayerSpecification& layer, const Binding& binding);

// A convolution by other means; `FitsWinograd` tells where it is the faster one.
bool FitsWinograd(const LayerSpecification& layer, int64_t batch);
std::unique_ptr<Operation> CreateWinograd(const LayerSpecification& layer, const Binding& binding);

}  // namespace ferret
