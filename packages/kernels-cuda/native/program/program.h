// A stage: a list of bound operations that one call runs forward or backward.
//
//   tensors     T0 --op 0--> T1 --op 1--> T2 ... --op L-1--> TL
//   T0, TL      the caller's, dense channels last
//   T1 .. TL-1  in `saved` (kept for the backward pass) or, without it, in two halves of scratch
//   gradients   alternate between the same two halves of scratch
#pragma once

#include <memory>
#include <vector>

#include "operation.h"

namespace ferret {

class StageProgram {
 public:
  StageProgram(const std::vector<LayerSpecification>& layers, int64_t batch);

  size_t parameter_count() const { return parameter_count_; }
  size_t input_count() const { return input_count_; }
  size_t output_count() const { return output_count_; }
  size_t saved_bytes() const { return saved_bytes_; }
  // Working space of the hungriest operation, without the two halves for tensors.
  size_t operation_scratch_bytes() const { return operation_scratch_bytes_; }
  size_t scratch_bytes() const { return 2 * half_bytes_ + operation_scratch_bytes_; }

  void Forward(const float* parameters, const float* input, std::byte* saved, float* output,
               std::byte* scratch) const;
  void Backward(const float* parameters, const float* input, const std::byte* saved,
                float* output_gradient, float* input_gradient, float* parameter_gradient,
                std::byte* scratch) const;

 private:
  struct Step {
    std::unique_ptr<Operation> operation;
    size_t parameter_offset = 0;
    size_t output_offset = 0;  // of the output tensor in `saved` (not for the last step)
    size_t extra_offset = 0;   // of what the operation keeps beside tensors, in `saved`
    size_t output_elements = 0;  // as laid out, padding included
    bool relu = false;
  };

  std::vector<Step> steps_;
  size_t parameter_count_ = 0, input_count_ = 0, output_count_ = 0;
  size_t saved_bytes_ = 0, half_bytes_ = 0, operation_scratch_bytes_ = 0;
  size_t mask_offset_ = 0;
  // From the last operation's format to the dense one of the boundary and back.
  BoundPrimitive to_output_, from_output_;
};

}  // namespace ferret
