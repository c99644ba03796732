#include "chain.h"

#include "activation.h"

namespace ferret {
namespace {

// Layers of a stage whose inputs are looked at once for both purposes.
constexpr size_t kRemembered = 64;

}  // namespace

Chain::Chain(const std::vector<LayerSpecification>& layers, const Binding& binding)
    : output_(binding.input) {
  const int64_t batch = binding.batch;
  for (const LayerSpecification& layer : layers) {
    Step step;
    step.operation = CreateOperation(layer, {batch, binding.mode, output_});
    step.activation = layer.activation;
    step.parameter_offset = parameter_count_;
    parameter_count_ += step.operation->parameter_count();
    output_ = step.operation->output();
    half_bytes_ = std::max(
        {half_bytes_, layer.input.tensor_bytes(batch), layer.output.tensor_bytes(batch)});

    const bool is_last = &layer == &layers.back();
    step.output_offset = saved_bytes_;
    if (!is_last) saved_bytes_ += layer.output.tensor_bytes(batch);
    mask_offset_ = saved_bytes_;
    if (is_last && layer.activation != Activation::kLinear)
      saved_bytes_ += Align64(batch * layer.output.count());
    step.extra_offset = saved_bytes_;
    saved_bytes_ += step.operation->extra_bytes();
    step.gradient_offset = pending_bytes_;
    if (step.operation->keeps_gradient()) pending_bytes_ += layer.output.tensor_bytes(batch);
    step.pending_offset = pending_bytes_;
    pending_bytes_ += step.operation->pending_bytes();
    working_bytes_ = std::max(working_bytes_, Align64(step.operation->scratch_bytes()) +
                                                  step.operation->passing_bytes());
    steps_.push_back(std::move(step));
  }
  if (!layers.empty()) last_view_ = ViewOf(output_, layers.back().output, batch);
}

void Chain::Forward(const float* parameters, const void* input, std::byte* saved, void* output,
                    const Workspace& workspace, Extent extent) const {
  const size_t count = steps_.size() - (extent == kAllButLast ? 1 : 0);
  const void* tensor = input;
  for (size_t index = 0; index < count; ++index) {
    const Step& step = steps_[index];
    void* next = index + 1 == steps_.size() ? output
                 : saved                    ? saved + step.output_offset
                                            : workspace.halves[index % 2];
    std::byte* extra = saved ? saved + step.extra_offset
                             : workspace.working + Align64(step.operation->scratch_bytes());
    step.operation->Forward({parameters + step.parameter_offset, tensor, next, extra,
                             workspace.working, saved != nullptr});
    tensor = next;
  }
  if (saved && spoils_gradient() && extent == kAll)
    WriteMask(steps_.back().activation, last_view_, static_cast<const float*>(output),
              reinterpret_cast<uint8_t*>(saved + mask_offset_));
}

void Chain::Backward(const float* parameters, const void* input, const std::byte* saved,
                     void* output_gradient, void* input_gradient, const ParameterSink& sink,
                     std::byte* pending, const Workspace& workspace) const {
  void* gradient = output_gradient;
  if (pending && !empty() && steps_.back().operation->keeps_gradient()) {
    gradient = OutputGradientAt(pending, workspace);
    if (gradient != output_gradient) std::memcpy(gradient, output_gradient, output_.get_size());
  }
  if (spoils_gradient())
    PassMasked(last_view_, static_cast<float*>(gradient),
               reinterpret_cast<const uint8_t*>(saved + mask_offset_));
  // Steps that write over the parameters cannot be taken back: none is made where it shows before.
  ParameterSink checked = sink;
  float largest[kRemembered];
  const size_t asked = sink.destination ? steps_.size() : 0;
  for (size_t index = 0; index < asked; ++index) {
    const float own = steps_[index].operation->LargestInput(InputOf(index, input, saved));
    if (index < kRemembered) largest[index] = own;
    checked = checked.For(own);
  }
  for (size_t index = steps_.size(); index-- > 0;) {
    const Step& step = steps_[index];
    const bool fused =
        step.activation != Activation::kLinear && index + 1 < steps_.size();
    void* previous = index == 0 ? input_gradient : GradientAt(index - 1, pending, workspace);
    step.operation->Backward({parameters + step.parameter_offset, InputOf(index, input, saved),
                              fused ? saved + step.output_offset : nullptr,
                              saved + step.extra_offset, gradient, previous,
                              checked.At(step.parameter_offset), workspace.working,
                              pending ? pending + step.pending_offset : nullptr,
                              index < std::min(asked, kRemembered) ? largest[index] : -1.f});
    gradient = previous;
  }
}

void Chain::BackwardWeights(const void* input, const std::byte* saved, const std::byte* pending,
                            const ParameterSink& sink, const Workspace& workspace) const {
  for (size_t index = 0; index < steps_.size(); ++index) {
    const Step& step = steps_[index];
    if (step.operation->parameter_count() == 0) continue;
    step.operation->BackwardWeights({InputOf(index, input, saved), saved + step.extra_offset,
                                     pending + step.gradient_offset, pending + step.pending_offset,
                                     sink.At(step.parameter_offset), workspace.working});
  }
}

}  // namespace ferret
