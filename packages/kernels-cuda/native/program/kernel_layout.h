// oneDNN's layouts of convolution kernels in blocks of 16 output channels, which lie together both
// there and in Keras' [height, width, in, out]: a kernel moves between the two in whole vectors.
#pragma once

#include <optional>

#include "dnnl_api.h"
#include "parameter_sink.h"

namespace ferret {

struct KernelShape {
  int64_t height, width, inputs, outputs;
};

// Where the vector of (output block, input, row, column) lies.
class KernelLayout {
 public:
  // Over all channels, in groups of them, or each channel by itself.
  enum Kind { kWhole, kGrouped, kDepthwise };

  // The layout of a description, or nothing where it is none of those.
  static std::optional<KernelLayout> Of(const Description& blocked, const KernelShape& shape,
                                        Kind kind);

  void Pack(const float* keras, float* blocked) const;
  // Hands a gradient in this layout to the sink, in Keras' layout.
  void Unpack(const float* blocked, const ParameterSink& sink) const;
  // The largest magnitude in a kernel so laid out.
  float LargestOf(const float* blocked) const;

 private:
  static constexpr int kBlock = 16;

  // body(offset in Keras' layout, offset in this layout, lanes); lanes is 0 for padded inputs.
  template <typename Body>
  void ForEachVector(const Body& body) const;

  KernelShape shape_;
  int64_t output_stride_, input_block_stride_, input_stride_, row_stride_, column_stride_;
  bool pads_inputs_;
};

}  // namespace ferret
