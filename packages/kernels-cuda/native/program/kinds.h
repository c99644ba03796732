// What there is to know of a layer kind beside its operation: one row each, in kinds.cc.
#pragma once

#include <memory>

#include "layer.h"

namespace ferret {

class Operation;
struct Binding;

struct KindTraits {
  // Activations that a layer may have: none; those that the chain applies behind it; and of these, a
  // rectifier that the operation applies itself.
  enum Activations { kNone, kBehind, kFused };
  // Whether an output is quickly made again from the layer's input: without an activation, or also
  // with one that the operation applies.
  enum Again { kNever, kBare, kRectified };

  LayerSpecification::Kind kind;
  const char* name;  // as src/program.ts has it
  std::unique_ptr<Operation> (*create)(const LayerSpecification& layer, const Binding& binding);
  Activations activations;
  bool reads_input;  // in the backward pass; of a block tell its paths, of an activation its name
  Again again;
  bool keeps_shape;  // else check_layers.cc tells the output's
};

constexpr int kKindCount = LayerSpecification::kResidual + 1;

// By the kinds' order.
extern const KindTraits kKinds[kKindCount];

inline const KindTraits& TraitsOf(const LayerSpecification& layer) { return kKinds[layer.kind]; }

}  // namespace ferret
