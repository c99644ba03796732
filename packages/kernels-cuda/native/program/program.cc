#include "program.h"

namespace ferret {

namespace {

// d relu(z)/dz from the output: passes where the output is positive.
void PassWherePositive(float* gradient, const float* output, size_t count) {
  for (size_t i = 0; i < count; ++i) gradient[i] = output[i] > 0.f ? gradient[i] : 0.f;
}

void PassWhereOpen(float* gradient, const uint8_t* mask, size_t count) {
  for (size_t i = 0; i < count; ++i) gradient[i] = mask[i] ? gradient[i] : 0.f;
}

}  // namespace

StageProgram::StageProgram(const std::vector<LayerSpecification>& layers, int64_t batch) {
  const Shape& first = layers.front().input;
  const Shape& last = layers.back().output;
  input_count_ = batch * first.count();
  output_count_ = batch * last.count();

  Description tensor = PlainTensor(first, batch);
  for (const LayerSpecification& layer : layers) {
    Step step;
    step.operation = CreateOperation(layer, batch, tensor);
    step.relu = layer.relu;
    step.parameter_offset = parameter_count_;
    parameter_count_ += step.operation->parameter_count();
    tensor = step.operation->output();
    step.output_elements = tensor.get_size() / sizeof(float);
    half_bytes_ = std::max(
        {half_bytes_, layer.input.tensor_bytes(batch), layer.output.tensor_bytes(batch)});

    const bool is_last = &layer == &layers.back();
    step.output_offset = saved_bytes_;
    if (!is_last) saved_bytes_ += layer.output.tensor_bytes(batch);
    mask_offset_ = saved_bytes_;
    if (is_last && layer.relu) saved_bytes_ += Align64(output_count_);
    step.extra_offset = saved_bytes_;
    saved_bytes_ += step.operation->extra_bytes();
    // Without `saved` the operation's extra goes behind its own scratch.
    operation_scratch_bytes_ =
        std::max(operation_scratch_bytes_,
                 step.operation->scratch_bytes() + step.operation->extra_bytes());
    steps_.push_back(std::move(step));
  }
  to_output_ = Reorder(tensor, PlainTensor(last, batch));
  from_output_ = Reorder(PlainTensor(last, batch), tensor);
}

void StageProgram::Forward(const float* parameters, const float* input, std::byte* saved,
                           float* output, std::byte* scratch) const {
  std::byte* halves[2] = {scratch, scratch + half_bytes_};
  std::byte* working = scratch + 2 * half_bytes_;
  const Step& last = steps_.back();
  // A recomputation ends before the last step where the backward pass needs nothing of it.
  const bool last_needed = output || last.relu || last.operation->extra_bytes() > 0;
  const size_t count = steps_.size() - (last_needed ? 0 : 1);
  if (!output) output = reinterpret_cast<float*>(halves[steps_.size() % 2]);

  const void* tensor = input;
  for (size_t index = 0; index < count; ++index) {
    const Step& step = steps_[index];
    const bool is_last = index + 1 == steps_.size();
    void* next = is_last ? (to_output_ ? static_cast<void*>(halves[index % 2]) : output)
                 : saved ? saved + step.output_offset
                         : halves[index % 2];
    void* extra = saved ? saved + step.extra_offset : working + step.operation->scratch_bytes();
    step.operation->Forward({parameters + step.parameter_offset, tensor, next, extra, working});
    tensor = next;
  }
  if (!last_needed) return;
  if (to_output_) to_output_({tensor, output});
  if (saved && last.relu) {
    uint8_t* mask = reinterpret_cast<uint8_t*>(saved + mask_offset_);
    for (size_t i = 0; i < output_count_; ++i) mask[i] = output[i] > 0.f;
  }
}

void StageProgram::Backward(const float* parameters, const float* input, const std::byte* saved,
                            float* output_gradient, float* input_gradient,
                            float* parameter_gradient, std::byte* scratch) const {
  std::byte* halves[2] = {scratch, scratch + half_bytes_};
  std::byte* working = scratch + 2 * half_bytes_;
  const Step& last = steps_.back();
  if (last.relu)
    PassWhereOpen(output_gradient, reinterpret_cast<const uint8_t*>(saved + mask_offset_),
                  output_count_);
  void* gradient = output_gradient;
  if (from_output_) {
    gradient = halves[steps_.size() % 2];
    from_output_({output_gradient, gradient});
  }
  for (size_t index = steps_.size(); index-- > 0;) {
    const Step& step = steps_[index];
    if (step.relu && index + 1 < steps_.size())
      PassWherePositive(static_cast<float*>(gradient),
                        reinterpret_cast<const float*>(saved + step.output_offset),
                        step.output_elements);
    const void* tensor =
        index == 0 ? static_cast<const void*>(input) : saved + steps_[index - 1].output_offset;
    void* previous = index == 0 ? static_cast<void*>(input_gradient) : halves[index % 2];
    step.operation->Backward({parameters + step.parameter_offset, tensor,
                              saved + step.extra_offset, gradient, previous,
                              parameter_gradient + step.parameter_offset, working});
    gradient = previous;
  }
}

}  // namespace ferret
