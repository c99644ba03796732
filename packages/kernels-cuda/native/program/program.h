// A stage: a chain of bound operations between dense channels-last tensors, in a workspace that
// the caller owns.
#pragma once

#include "chain.h"

namespace ferret {

class StageProgram {
 public:
  StageProgram(const std::vector<LayerSpecification>& layers, int64_t batch, Mode mode);

  Mode mode() const { return mode_; }
  size_t parameter_count() const { return chain_.parameter_count(); }
  size_t input_count() const { return input_count_; }
  size_t output_count() const { return output_count_; }
  size_t saved_bytes() const { return mode_ == Mode::kLearn ? chain_.saved_bytes() : 0; }
  // The input, where the weight gradients read it, and what the chain keeps.
  size_t pending_bytes() const {
    return mode_ == Mode::kLearn ? kept_input_bytes() + chain_.pending_bytes() : 0;
  }
  // Working space of the hungriest operation, without the two halves for tensors.
  size_t operation_scratch_bytes() const { return chain_.working_bytes(); }
  size_t scratch_bytes() const { return 2 * chain_.half_bytes() + operation_scratch_bytes(); }

  // `draw` is the pass's number, for what is drawn at random.
  void Forward(const float* parameters, const float* input, std::byte* saved, float* output,
               std::byte* scratch, uint64_t draw) const;
  void Backward(const float* parameters, const float* input, const std::byte* saved,
                float* output_gradient, float* input_gradient, const ParameterSink& sink,
                std::byte* scratch) const;
  // The backward pass in two. `input` may be overwritten after the first.
  void BackwardInput(const float* parameters, const float* input, const std::byte* saved,
                     float* output_gradient, float* input_gradient, std::byte* pending,
                     std::byte* scratch) const;
  void BackwardWeights(const std::byte* saved, const std::byte* pending, const ParameterSink& sink,
                       std::byte* scratch) const;

 private:
  size_t kept_input_bytes() const {
    return chain_.keeps_input() ? Align64(sizeof(float) * input_count_) : 0;
  }
  void Backward(const float* parameters, const float* input, const std::byte* saved,
                float* output_gradient, float* input_gradient, const ParameterSink& sink,
                std::byte* pending, std::byte* scratch) const;
  Workspace Split(std::byte* scratch) const;

  const Mode mode_;
  const Chain chain_;
  const size_t input_count_, output_count_;
  // From the last operation's format to the dense one of the boundary and back.
  const BoundPrimitive to_output_, from_output_;
};

}  // namespace ferret
