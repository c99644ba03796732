#include "chain.h"

#include "activation.h"
#include "kinds.h"

namespace ferret {
namespace {

// Layers of a stage whose inputs are looked at once for both purposes.
constexpr size_t kRemembered = 64;

// What the chain does behind an operation: nothing where that applies its activation itself.
Curve CurveBehind(const LayerSpecification& layer) {
  const bool fuses = TraitsOf(layer).activations == KindTraits::kFused;
  if ((fuses && IsRectifier(layer.activation)) || layer.activation == Activation::kGelu) return {};
  return {layer.activation, layer.alpha};
}

}  // namespace

Chain::Chain(const std::vector<LayerSpecification>& layers, const Binding& binding)
    : output_(binding.input) {
  const int64_t batch = binding.batch;
  for (size_t index = 0; index < layers.size(); ++index) {
    const LayerSpecification& layer = layers[index];
    const LayerSpecification* next = index + 1 < layers.size() ? &layer + 1 : nullptr;
    const bool passes = index > 0 && PassesActivation(layers[index - 1], layer);
    Step step;
    step.curve = CurveBehind(layer);
    LayerSpecification bare = layer;
    if (step.curve) bare.activation = Activation::kLinear;
    step.operation = CreateOperation(
        bare, {batch, binding.mode, output_,
               passes ? layers[index - 1].activation : Activation::kLinear});
    step.fused = bare.activation;
    step.activation = layer.activation;
    step.parameter_offset = parameter_count_;
    parameter_count_ += step.operation->parameter_count();
    output_ = step.operation->output();
    step.view = ViewOf(output_, layer.output, batch);
    half_bytes_ = std::max(
        {half_bytes_, layer.input.tensor_bytes(batch), layer.output.tensor_bytes(batch)});

    step.kept = KeptOf(layer, next);
    step.kept_offset = saved_bytes_;
    if (step.kept == Kept::kOutput) saved_bytes_ += layer.output.tensor_bytes(batch);
    if (step.kept == Kept::kMask) saved_bytes_ += MaskBytes(batch * layer.output.padded_count());
    step.extra_offset = saved_bytes_;
    saved_bytes_ += step.operation->extra_bytes();
    if (saved_bytes_ > step.kept_offset) recomputed_steps_ = index + 1;
    step.gradient_offset = pending_bytes_;
    if (step.operation->keeps_gradient()) pending_bytes_ += layer.output.tensor_bytes(batch);
    step.pending_offset = pending_bytes_;
    pending_bytes_ += step.operation->pending_bytes();
    working_bytes_ = std::max(working_bytes_, Align64(step.operation->scratch_bytes()) +
                                                  step.operation->passing_bytes());
    steps_.push_back(std::move(step));
  }
}

void Chain::Forward(const float* parameters, const void* input, std::byte* saved, void* output,
                    uint64_t draw, const Workspace& workspace) const {
  Run(steps_.size(), parameters, input, saved, output, draw, workspace);
}

void Chain::Recompute(const float* parameters, const void* input, std::byte* saved,
                      uint64_t draw, const Workspace& workspace) const {
  Run(recomputed_steps_, parameters, input, saved, nullptr, draw, workspace);
}

void Chain::Run(size_t count, const float* parameters, const void* input, std::byte* saved,
                void* output, uint64_t draw, const Workspace& workspace) const {
  const void* tensor = input;
  for (size_t index = 0; index < count; ++index) {
    const Step& step = steps_[index];
    const Kept kept = saved ? step.kept : Kept::kNothing;
    void* next = output && index + 1 == steps_.size() ? output
                 : kept == Kept::kOutput              ? saved + step.kept_offset
                                                      : workspace.halves[index % 2];
    std::byte* extra = saved ? saved + step.extra_offset
                             : workspace.working + Align64(step.operation->scratch_bytes());
    step.operation->Forward({parameters + step.parameter_offset, tensor, next, extra,
                             workspace.working, saved != nullptr, draw});
    if (step.curve) Bend(step, static_cast<float*>(next));
    if (kept == Kept::kMask)
      WriteMask(step.activation, static_cast<const float*>(next),
                reinterpret_cast<uint16_t*>(saved + step.kept_offset), Elements(step));
    if (kept == Kept::kOutput && next == output)
      std::memcpy(saved + step.kept_offset, next, sizeof(float) * Elements(step));
    tensor = next;
  }
}

void Chain::Bend(const Step& step, float* values) {
  ferret::Bend(step.curve, values, values, Elements(step));
  // 0.5 is what it makes of the zeros that fill up blocks of channels.
  if (step.curve.activation == Activation::kSigmoid) ClearPadding(step.view, values);
}

const void* Chain::InputOf(size_t index, const void* input, const std::byte* saved,
                           void* space) const {
  if (index == 0 || steps_[index - 1].kept != Kept::kAgain)
    return KeptInputOf(index, input, saved);
  const Step& before = steps_[index - 1];
  before.operation->MakeAgain(KeptInputOf(index - 1, input, saved), saved + before.extra_offset,
                              space);
  return space;
}

void Chain::Backward(const float* parameters, const void* input, const std::byte* saved,
                     void* output_gradient, void* input_gradient, const ParameterSink& sink,
                     std::byte* pending, const Workspace& workspace) const {
  void* gradient = output_gradient;
  if (pending && !empty() && steps_.back().operation->keeps_gradient()) {
    gradient = OutputGradientAt(pending, workspace);
    if (gradient != output_gradient) std::memcpy(gradient, output_gradient, output_.get_size());
  }
  // Steps that write over the parameters cannot be taken back: none is made where it shows before.
  ParameterSink checked = sink;
  float largest[kRemembered];
  const size_t asked = sink.destination ? steps_.size() : 0;
  for (size_t index = 0; index < asked; ++index) {
    const Operation& operation = *steps_[index].operation;
    if (!operation.looks_at_input()) continue;
    // Where no gradient lies yet.
    void* space = workspace.halves[(steps_.size() - 1) % 2];
    const float own = operation.LargestInput(InputOf(index, input, saved, space));
    if (index < kRemembered) largest[index] = own;
    checked = checked.For(own);
  }
  for (size_t index = steps_.size(); index-- > 0;) {
    const Step& step = steps_[index];
    if (step.kept == Kept::kMask)
      PassMasked(static_cast<float*>(gradient),
                 reinterpret_cast<const uint16_t*>(saved + step.kept_offset), Elements(step),
                 step.curve.alpha);
    else if (step.curve && step.kept == Kept::kOutput)
      PassBent(step.curve, static_cast<float*>(gradient),
               reinterpret_cast<const float*>(saved + step.kept_offset), Elements(step));
    const bool fused = step.fused != Activation::kLinear && step.kept == Kept::kOutput;
    const bool past = !fused && step.kept != Kept::kAgain;
    void* previous = index == 0 ? input_gradient : GradientAt(index - 1, pending, workspace);
    // Alone for the gradients at the parameters it need not be made again.
    const void* read = pending && step.operation->keeps_gradient()
                           ? KeptInputOf(index, input, saved)
                           : InputOf(index, input, saved, previous);
    step.operation->Backward({parameters + step.parameter_offset, read, past,
                              fused ? saved + step.kept_offset : nullptr,
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
    step.operation->BackwardWeights({InputOf(index, input, saved, workspace.halves[0]),
                                     saved + step.extra_offset,
                                     pending + step.gradient_offset, pending + step.pending_offset,
                                     sink.At(step.parameter_offset), workspace.working});
  }
}

}  // namespace ferret
