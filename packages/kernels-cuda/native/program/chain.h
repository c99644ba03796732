// Operations that run one after another: a stage, or a path of a residual block.
//
//   tensors     T0 --op 0--> T1 --op 1--> T2 ... --op L-1--> TL
//   T0, TL      the caller's, in the formats of `input` and `output()`
//   T1 .. TL-1  in `saved` (kept for the backward pass) or, without it, in two halves of scratch
//   gradients   alternate between the same two halves of scratch
#pragma once

#include <memory>
#include <vector>

#include "operation.h"

namespace ferret {

// Scratch of one call: two tensors and the working space of one operation.
struct Workspace {
  std::byte* halves[2];
  std::byte* working;
};

class Chain {
 public:
  Chain(const std::vector<LayerSpecification>& layers, const Binding& binding);

  bool empty() const { return steps_.empty(); }
  size_t length() const { return steps_.size(); }
  size_t parameter_count() const { return parameter_count_; }
  size_t saved_bytes() const { return saved_bytes_; }
  size_t half_bytes() const { return half_bytes_; }
  // Of the hungriest operation, with room for what it keeps where nothing is saved.
  size_t working_bytes() const { return working_bytes_; }
  const Description& output() const { return output_; }
  // Whether a backward pass changes the output gradient that it is handed.
  bool spoils_gradient() const {
    return !steps_.empty() && steps_.back().activation != Activation::kLinear;
  }
  // Whether a recomputation has to run the last operation, without an output.
  bool needs_last() const {
    return spoils_gradient() || steps_.back().operation->extra_bytes() > 0;
  }

  // With `kAllButLast` the last operation and `output` are left out.
  enum Extent { kAll, kAllButLast };
  void Forward(const float* parameters, const void* input, std::byte* saved, void* output,
               const Workspace& workspace, Extent extent = kAll) const;

  // `output_gradient` must not lie in halves[(length() - 1) % 2].
  void Backward(const float* parameters, const void* input, const std::byte* saved,
                void* output_gradient, void* input_gradient, const ParameterSink& sink,
                const Workspace& workspace) const;

 private:
  struct Step {
    std::unique_ptr<Operation> operation;
    Activation activation = Activation::kLinear;
    size_t parameter_offset = 0;
    size_t output_offset = 0;  // of the output tensor in `saved` (not for the last step)
    size_t extra_offset = 0;   // of what the operation keeps beside tensors, in `saved`
  };

  std::vector<Step> steps_;
  size_t parameter_count_ = 0, saved_bytes_ = 0, half_bytes_ = 0, working_bytes_ = 0;
  // Where the last activation was open, in `saved`: its output is not kept.
  size_t mask_offset_ = 0;
  ImageView last_view_;
  Description output_;
};

}  // namespace ferret
