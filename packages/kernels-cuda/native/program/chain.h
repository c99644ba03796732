// Operations that run one after another: a stage, or a path of a residual block.
//
//   tensors     T0 --op 0--> T1 --op 1--> T2 ... --op L-1--> TL
//   T0, TL      the caller's, in the formats of `input` and `output()`
//   T1 .. TL-1  in `saved`, if the backward pass reads them, else in two halves of scratch; some it
//               makes again, where the gradient at the same tensor is going to be written
//   gradients   alternate between the same two halves of scratch; in a pass for the input alone,
//               those that `BackwardWeights` reads lie in `pending`
#pragma once

#include <memory>
#include <vector>

#include "curve.h"
#include "kept.h"
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
  // What `BackwardWeights` reads beside `saved`, and whether it reads the chain's input as well.
  size_t pending_bytes() const { return pending_bytes_; }
  bool keeps_input() const { return !empty() && steps_.front().operation->keeps_input(); }
  const Description& output() const { return output_; }
  // Whether a step that is to write over the parameters looks at the chain's input itself.
  bool looks_at_input() const { return !empty() && steps_.front().operation->looks_at_input(); }
  // Whether a backward pass changes the output gradient that it is handed.
  bool spoils_gradient() const {
    return !empty() && (steps_.back().kept == Kept::kMask || steps_.back().curve);
  }

  // `draw` is the pass's number, for what is drawn at random.
  void Forward(const float* parameters, const void* input, std::byte* saved, void* output,
               uint64_t draw, const Workspace& workspace) const;
  // The same for `saved` alone: runs no step behind the last one that keeps anything.
  void Recompute(const float* parameters, const void* input, std::byte* saved, uint64_t draw,
                 const Workspace& workspace) const;

  // Where an output gradient that has to be brought into the chain's format is best written: from
  // anywhere else a backward pass that keeps it copies it.
  void* OutputGradientAt(std::byte* pending, const Workspace& workspace) const {
    return GradientAt(steps_.size() - 1, pending, workspace);
  }
  // `output_gradient` must not lie in halves[(length() - 1) % 2]. With `pending`, the pass for the
  // input alone; `sink` is empty then.
  void Backward(const float* parameters, const void* input, const std::byte* saved,
                void* output_gradient, void* input_gradient, const ParameterSink& sink,
                std::byte* pending, const Workspace& workspace) const;
  void BackwardWeights(const void* input, const std::byte* saved, const std::byte* pending,
                       const ParameterSink& sink, const Workspace& workspace) const;

 private:
  struct Step {
    std::unique_ptr<Operation> operation;
    Activation activation = Activation::kLinear;
    Activation fused = Activation::kLinear;  // what of it the operation applies
    Curve curve;                             // and what is applied behind it
    ImageView view;                          // of the output
    size_t parameter_offset = 0;
    Kept kept = Kept::kNothing;
    size_t kept_offset = 0;    // of the output tensor or its mask, in `saved`
    size_t extra_offset = 0;   // of what the operation keeps beside tensors, in `saved`
    size_t gradient_offset = 0;  // of the gradient at the output, in `pending`, if it is kept
    size_t pending_offset = 0;   // of what the operation keeps beside it, in `pending`
  };

  // Floats of the output, padding included.
  static size_t Elements(const Step& step) {
    return step.operation->output().get_size() / sizeof(float);
  }
  // In place.
  static void Bend(const Step& step, float* values);
  void Run(size_t count, const float* parameters, const void* input, std::byte* saved,
           void* output, uint64_t draw, const Workspace& workspace) const;
  // Null where it is not kept.
  const void* KeptInputOf(size_t index, const void* input, const std::byte* saved) const {
    if (index == 0) return input;
    const Step& before = steps_[index - 1];
    return before.kept == Kept::kOutput ? saved + before.kept_offset : nullptr;
  }
  // The same, made again in `space` where it is not kept itself.
  const void* InputOf(size_t index, const void* input, const std::byte* saved, void* space) const;
  // Where the gradient at a step's output is written.
  void* GradientAt(size_t index, std::byte* pending, const Workspace& workspace) const {
    const Step& step = steps_[index];
    return pending && step.operation->keeps_gradient() ? pending + step.gradient_offset
                                                       : workspace.halves[(index + 1) % 2];
  }

  std::vector<Step> steps_;
  size_t parameter_count_ = 0, saved_bytes_ = 0, pending_bytes_ = 0, half_bytes_ = 0,
         working_bytes_ = 0;
  size_t recomputed_steps_ = 0;
  Description output_;
};

}  // namespace ferret
