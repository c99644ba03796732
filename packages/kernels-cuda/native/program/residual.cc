// y = activation(main(x) + shortcut(x)); the shortcut may be the identity.
//
// What both paths keep for the backward pass is the block's extra. Its scratch:
//
//   two halves | a tensor to add | (a copy of the gradient) | working space of one operation
#include "activation.h"
#include "chain.h"
#include "sums.h"

namespace ferret {
namespace {

class Residual final : public Operation {
 public:
  Residual(const LayerSpecification& layer, const Binding& binding)
      : activation_(layer.activation),
        main_(layer.main, binding),
        shortcut_(layer.shortcut, binding),
        input_elements_(binding.input.get_size() / sizeof(float)),
        output_elements_(main_.output().get_size() / sizeof(float)),
        half_bytes_(std::max(main_.half_bytes(), shortcut_.half_bytes())),
        sum_bytes_(std::max(layer.input.tensor_bytes(binding.batch),
                            layer.output.tensor_bytes(binding.batch))) {
    if (main_.empty()) throw dnnl::error(dnnl_invalid_arguments, "a residual block without layers");
    const ImageView main = ViewOf(main_.output(), layer.output, binding.batch);
    const ImageView other = ViewOf(shortcut_.output(), layer.output, binding.batch);
    const int64_t width = CommonWidth(main, other);
    main_view_ = ViewOf(main_.output(), layer.output, binding.batch, width);
    shortcut_view_ = ViewOf(shortcut_.output(), layer.output, binding.batch, width);
    same_format_ = main_.output() == shortcut_.output();
    copies_gradient_ = main_.spoils_gradient() || (!shortcut_.empty() && !same_format_);
  }

  size_t parameter_count() const override {
    return main_.parameter_count() + shortcut_.parameter_count();
  }
  size_t extra_bytes() const override { return main_.saved_bytes() + shortcut_.saved_bytes(); }
  size_t passing_bytes() const override { return 0; }
  bool keeps_gradient() const override { return false; }
  bool keeps_input() const override { return main_.keeps_input() || shortcut_.keeps_input(); }
  size_t pending_bytes() const override {
    return main_.pending_bytes() + shortcut_.pending_bytes();
  }
  // Always with room for a copy: whether one is needed hangs on the format of the input, and a
  // layer's scratch must not.
  size_t scratch_bytes() const override {
    return 2 * half_bytes_ + 2 * sum_bytes_ +
           std::max(main_.working_bytes(), shortcut_.working_bytes());
  }
  const Description& output() const override { return main_.output(); }

  void Forward(const ForwardCall& call) const override {
    const Parts parts = Split(call.scratch);
    std::byte* saved = call.saves ? call.extra : nullptr;
    float* output = static_cast<float*>(call.output);
    main_.Forward(call.parameters, call.input, saved, output, call.draw, parts.workspace);
    const float* other = static_cast<const float*>(call.input);
    if (!shortcut_.empty()) {
      shortcut_.Forward(call.parameters + main_.parameter_count(), call.input,
                        saved ? saved + main_.saved_bytes() : nullptr, parts.sum, call.draw, parts.workspace);
      other = parts.sum;
    }
    if (same_format_) {
      AddInto(output, other, output_elements_, activation_);
    } else {
      Add(activation_, main_view_, output, main_view_, output, shortcut_view_, other);
    }
  }

  void Backward(const BackwardCall& call) const override {
    const Parts parts = Split(call.scratch);
    float* gradient = static_cast<float*>(call.output_gradient);
    if (call.output)
      PassGradient(activation_, gradient, static_cast<const float*>(call.output),
                   output_elements_);
    float* for_shortcut = gradient;
    if (copies_gradient_) {
      for_shortcut = parts.copy;
      Copy(shortcut_view_, parts.copy, main_view_, gradient);
    }
    // The main path's input gradient waits in `sum`: the shortcut may still read the input.
    float* target = static_cast<float*>(call.input_gradient);
    main_.Backward(call.parameters, call.input, call.extra, gradient, target ? parts.sum : nullptr,
                   call.sink, call.pending, parts.workspace);
    if (!shortcut_.empty())
      shortcut_.Backward(call.parameters + main_.parameter_count(), call.input,
                         call.extra + main_.saved_bytes(), for_shortcut, target,
                         call.sink.At(main_.parameter_count()),
                         call.pending ? call.pending + main_.pending_bytes() : nullptr,
                         parts.workspace);
    if (!target) return;
    if (!shortcut_.empty() || same_format_)
      AddTwo(target, shortcut_.empty() ? for_shortcut : target, parts.sum, input_elements_);
    else
      Add(Activation::kLinear, shortcut_view_, target, shortcut_view_, parts.sum,
          copies_gradient_ ? shortcut_view_ : main_view_, for_shortcut);
  }

  void BackwardWeights(const WeightsCall& call) const override {
    const Workspace workspace = Split(call.scratch).workspace;
    main_.BackwardWeights(call.input, call.extra, call.pending, call.sink, workspace);
    shortcut_.BackwardWeights(call.input, call.extra + main_.saved_bytes(),
                              call.pending + main_.pending_bytes(),
                              call.sink.At(main_.parameter_count()), workspace);
  }

 private:
  struct Parts {
    Workspace workspace;
    float *sum, *copy;
  };

  Parts Split(std::byte* scratch) const {
    std::byte* sum = scratch + 2 * half_bytes_;
    std::byte* copy = sum + sum_bytes_;
    return {{{scratch, scratch + half_bytes_}, copy + sum_bytes_},
            reinterpret_cast<float*>(sum),
            reinterpret_cast<float*>(copy)};
  }

  const Activation activation_;
  const Chain main_, shortcut_;
  const size_t input_elements_, output_elements_;  // padding included
  const size_t half_bytes_, sum_bytes_;
  ImageView main_view_, shortcut_view_;
  bool same_format_ = false, copies_gradient_ = false;
};

}  // namespace

std::unique_ptr<Operation> CreateResidual(const LayerSpecification& layer,
                                          const Binding& binding) {
  return std::make_unique<Residual>(layer, binding);
}

}  // namespace ferret
