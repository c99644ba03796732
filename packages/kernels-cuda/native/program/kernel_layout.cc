#include "kernel_layout.h"

#include <algorithm>

namespace ferret {

std::optional<KernelLayout> KernelLayout::Of(const Description& blocked, const KernelShape& shape,
                                             Kind kind) {
  if (kind == kGrouped) return {};
  const auto [height, width, inputs, outputs] = shape;
  const int64_t window = height * width;
  KernelLayout layout;
  layout.shape_ = shape;
  layout.pads_inputs_ = false;
  if (kind == kDepthwise) {
    if (blocked != FloatTensor({outputs, 1, 1, height, width}, Tag::Goihw16g)) return {};
    layout.output_stride_ = window * kBlock;
    layout.input_block_stride_ = layout.input_stride_ = 0;
    layout.row_stride_ = width * kBlock;
    layout.column_stride_ = kBlock;
    return layout;
  }
  const Dims dims = {outputs, inputs, height, width};
  if (blocked == FloatTensor(dims, Tag::OIhw16i16o)) {
    const int64_t input_blocks = (inputs + kBlock - 1) / kBlock;
    layout.output_stride_ = input_blocks * window * kBlock * kBlock;
    layout.input_block_stride_ = window * kBlock * kBlock;
    layout.input_stride_ = kBlock;
    layout.row_stride_ = width * kBlock * kBlock;
    layout.column_stride_ = kBlock * kBlock;
    layout.pads_inputs_ = true;
  } else if (blocked == FloatTensor(dims, Tag::Ohwi16o)) {
    layout.output_stride_ = window * inputs * kBlock;
    layout.input_stride_ = kBlock;
    layout.input_block_stride_ = kBlock * kBlock;
    layout.row_stride_ = width * inputs * kBlock;
    layout.column_stride_ = inputs * kBlock;
  } else if (blocked == FloatTensor(dims, Tag::Oihw16o)) {
    layout.output_stride_ = inputs * window * kBlock;
    layout.input_stride_ = window * kBlock;
    layout.input_block_stride_ = kBlock * window * kBlock;
    layout.row_stride_ = width * kBlock;
    layout.column_stride_ = kBlock;
  } else {
    return {};
  }
  return layout;
}

template <typename Body>
void KernelLayout::ForEachVector(const Body& body) const {
  const auto [height, width, inputs, outputs] = shape_;
  const int64_t padded_inputs = pads_inputs_ ? (inputs + kBlock - 1) / kBlock * kBlock : inputs;
  for (int64_t row = 0; row < height; ++row)
    for (int64_t column = 0; column < width; ++column)
      for (int64_t input = 0; input < padded_inputs; ++input) {
        int64_t blocked = row * row_stride_ + column * column_stride_ +
                          input / kBlock * input_block_stride_ + input % kBlock * input_stride_;
        int64_t keras = ((row * width + column) * inputs + input) * outputs;
        for (int64_t output = 0; output < outputs; output += kBlock) {
          body(keras, blocked, input < inputs ? std::min<int64_t>(kBlock, outputs - output) : 0);
          keras += kBlock;
          blocked += output_stride_;
        }
      }
}

void KernelLayout::Pack(const float* keras, float* blocked) const {
  ForEachVector([=](int64_t from, int64_t to, int64_t lanes) {
    Store<kBlock>(blocked + to, lanes == kBlock ? Load<kBlock>(keras + from)
                                                : LoadFirst<kBlock>(keras + from, lanes));
  });
}

void KernelLayout::Unpack(const float* blocked, const ParameterSink& sink) const {
  ForEachVector([=](int64_t to, int64_t from, int64_t lanes) {
    if (lanes == kBlock)
      sink.Put<kBlock>(to, Load<kBlock>(blocked + from));
    else if (lanes > 0)
      sink.Put<kBlock, false>(to, Load<kBlock>(blocked + from), lanes);
  });
}

float KernelLayout::LargestOf(const float* blocked) const {
  typedef int32_t Bits __attribute__((vector_size(4 * kBlock)));
  Bits most = {};
  ForEachVector([&](int64_t, int64_t from, int64_t lanes) {
    const Vector<kBlock> value = LoadFirst<kBlock>(blocked + from, lanes);
    Bits bits;
    std::memcpy(&bits, &value, sizeof bits);
    bits &= 0x7fffffff;
    most = bits > most ? bits : most;
  });
  float magnitudes[kBlock];
  std::memcpy(magnitudes, &most, sizeof most);
  return Largest(magnitudes, kBlock);
}

}  // namespace ferret
