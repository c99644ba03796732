// Brings an image into dense channels-last rows, as Keras flattens it.
#include <cstring>

#include "operation.h"

namespace ferret {
namespace {

class Flatten final : public Operation {
 public:
  Flatten(const LayerSpecification& layer, const Binding& binding)
      : bytes_(4 * binding.batch * layer.output.count()),
        output_(PlainTensor(layer.output, binding.batch)),
        forward_(Reorder(binding.input, PlainTensor(layer.input, binding.batch))),
        backward_(Reorder(PlainTensor(layer.input, binding.batch), binding.input)) {}

  const Description& output() const override { return output_; }

  void Forward(const ForwardCall& call) const override { Move(forward_, call.input, call.output); }

  void Backward(const BackwardCall& call) const override {
    if (call.input_gradient) Move(backward_, call.output_gradient, call.input_gradient);
  }

 private:
  void Move(const BoundPrimitive& reorder, const void* from, void* to) const {
    if (reorder)
      reorder({from, to});
    else
      std::memcpy(to, from, bytes_);
  }

  const size_t bytes_;
  const Description output_;
  const BoundPrimitive forward_, backward_;
};

}  // namespace

std::unique_ptr<Operation> CreateFlatten(const LayerSpecification& layer, const Binding& binding) {
  return std::make_unique<Flatten>(layer, binding);
}

}  // namespace ferret
