#include "program.h"

namespace ferret {

StageProgram::StageProgram(const std::vector<LayerSpecification>& layers, int64_t batch, Mode mode)
    : mode_(mode),
      chain_(layers, {batch, mode, PlainTensor(layers.front().input, batch)}),
      input_count_(batch * layers.front().input.count()),
      output_count_(batch * layers.back().output.count()),
      to_output_(Reorder(chain_.output(), PlainTensor(layers.back().output, batch))),
      from_output_(Reorder(PlainTensor(layers.back().output, batch), chain_.output())) {}

Workspace StageProgram::Split(std::byte* scratch) const {
  std::byte* second = scratch + chain_.half_bytes();
  return {{scratch, second}, second + chain_.half_bytes()};
}

void StageProgram::Forward(const float* parameters, const float* input, std::byte* saved,
                           float* output, std::byte* scratch, uint64_t draw) const {
  const Workspace workspace = Split(scratch);
  if (!output) {
    chain_.Recompute(parameters, input, saved, draw, workspace);
    return;
  }
  // The last operation may read halves[length % 2], and writes the other.
  void* spare = workspace.halves[(chain_.length() + 1) % 2];
  chain_.Forward(parameters, input, saved, to_output_ ? spare : output, draw, workspace);
  if (to_output_) to_output_({spare, output});
}

void StageProgram::Backward(const float* parameters, const float* input, const std::byte* saved,
                            float* output_gradient, float* input_gradient,
                            const ParameterSink& sink, std::byte* scratch) const {
  Backward(parameters, input, saved, output_gradient, input_gradient, sink, nullptr, scratch);
}

void StageProgram::BackwardInput(const float* parameters, const float* input,
                                 const std::byte* saved, float* output_gradient,
                                 float* input_gradient, std::byte* pending,
                                 std::byte* scratch) const {
  if (chain_.keeps_input()) std::memcpy(pending, input, sizeof(float) * input_count_);
  Backward(parameters, input, saved, output_gradient, input_gradient, {},
           pending + kept_input_bytes(), scratch);
}

void StageProgram::BackwardWeights(const std::byte* saved, const std::byte* pending,
                                   const ParameterSink& sink, std::byte* scratch) const {
  chain_.BackwardWeights(pending, saved, pending + kept_input_bytes(), sink, Split(scratch));
}

void StageProgram::Backward(const float* parameters, const float* input, const std::byte* saved,
                            float* output_gradient, float* input_gradient,
                            const ParameterSink& sink, std::byte* pending,
                            std::byte* scratch) const {
  const Workspace workspace = Split(scratch);
  void* gradient = output_gradient;
  if (from_output_) {
    gradient = chain_.OutputGradientAt(pending, workspace);
    from_output_({output_gradient, gradient});
  }
  const bool looks = sink.destination && !chain_.looks_at_input();
  const ParameterSink checked = looks ? sink.For(Largest(input, input_count_)) : sink;
  chain_.Backward(parameters, input, saved, gradient, input_gradient, checked, pending, workspace);
}

}  // namespace ferret
