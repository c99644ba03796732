// The one place that knows both generations of oneDNN's C++ interface. Generation 2 describes an
// operation in two steps (desc, then primitive_desc), generation 3 in one.
#pragma once

#include <dnnl.hpp>
#include <vector>

#include "layer.h"

namespace ferret {

using Dims = dnnl::memory::dims;
using Description = dnnl::memory::desc;
using Tag = dnnl::memory::format_tag;

inline const dnnl::engine& CpuEngine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

inline Description FloatTensor(const Dims& dims, Tag tag) {
  return Description(dims, dnnl::memory::data_type::f32, tag);
}

// The caller owns every byte: oneDNN's working space comes from the program's scratch.
inline dnnl::primitive_attr CallerOwnsScratch() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

// A fresh object each time: copies of a primitive_attr share their state.
inline dnnl::primitive_attr CallerOwnsScratchThen(Activation activation) {
  dnnl::primitive_attr attributes = CallerOwnsScratch();
  if (activation == Activation::kLinear) return attributes;
  const bool clips = activation == Activation::kRelu6;
  const auto algorithm = clips ? dnnl::algorithm::eltwise_clip : dnnl::algorithm::eltwise_relu;
  const float most = clips ? 6.f : 0.f;
  dnnl::post_ops after;
#if DNNL_VERSION_MAJOR >= 3
  after.append_eltwise(algorithm, 0.f, most);
#else
  after.append_eltwise(1.f, algorithm, 0.f, most);
#endif
  attributes.set_post_ops(after);
  return attributes;
}

struct Window {
  Dims kernel, strides, before, after;
  Dims skipped = {0, 0};  // pixels between two places of the window
};

inline dnnl::convolution_forward::primitive_desc ConvolutionForward(
    const Description& source, const Description& weights, const Description& bias,
    const Description& destination, const Window& window, const dnnl::primitive_attr& attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return {CpuEngine(), dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct,
          source, weights, bias, destination, window.strides, window.skipped, window.before,
          window.after, attributes};
#else
  return {{dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct, source, weights,
           bias, destination, window.strides, window.skipped, window.before, window.after},
          attributes,
          CpuEngine()};
#endif
}

inline dnnl::convolution_backward_data::primitive_desc ConvolutionBackwardData(
    const Description& source, const Description& weights, const Description& destination,
    const Window& window, const dnnl::primitive_attr& attributes,
    const dnnl::convolution_forward::primitive_desc& forward) {
#if DNNL_VERSION_MAJOR >= 3
  return {CpuEngine(), dnnl::algorithm::convolution_direct, source, weights, destination,
          window.strides, window.skipped, window.before, window.after, forward, attributes};
#else
  return {{dnnl::algorithm::convolution_direct, source, weights, destination, window.strides,
           window.skipped, window.before, window.after},
          attributes,
          CpuEngine(),
          forward};
#endif
}

inline dnnl::convolution_backward_weights::primitive_desc ConvolutionBackwardWeights(
    const Description& source, const Description& weights, const Description& bias,
    const Description& destination, const Window& window, const dnnl::primitive_attr& attributes,
    const dnnl::convolution_forward::primitive_desc& forward) {
#if DNNL_VERSION_MAJOR >= 3
  return {CpuEngine(), dnnl::algorithm::convolution_direct, source, weights, bias, destination,
          window.strides, window.skipped, window.before, window.after, forward, attributes};
#else
  return {{dnnl::algorithm::convolution_direct, source, weights, bias, destination, window.strides,
           window.skipped, window.before, window.after},
          attributes,
          CpuEngine(),
          forward};
#endif
}

inline dnnl::pooling_forward::primitive_desc PoolingForward(dnnl::algorithm algorithm,
                                                            const Description& source,
                                                            const Description& destination,
                                                            const Window& window,
                                                            const dnnl::primitive_attr& attributes) {
#if DNNL_VERSION_MAJOR >= 3
  const Dims dilation(window.kernel.size(), 0);
  return {CpuEngine(), dnnl::prop_kind::forward_training, algorithm, source, destination,
          window.strides, window.kernel, dilation, window.before, window.after, attributes};
#else
  return {{dnnl::prop_kind::forward_training, algorithm, source, destination, window.strides,
           window.kernel, window.before, window.after},
          attributes,
          CpuEngine()};
#endif
}

// A primitive with its arguments bound once. A call only moves the data pointers, so that nothing
// is allocated on the hot path.
class BoundPrimitive {
 public:
  struct Argument {
    int role;
    Description description;
  };

  BoundPrimitive() = default;
  BoundPrimitive(dnnl::primitive primitive, const std::vector<Argument>& arguments)
      : primitive_(std::move(primitive)), stream_(CpuEngine()) {
    for (const Argument& argument : arguments) {
      memories_.emplace_back(argument.description, CpuEngine(), nullptr);
      execution_.push_back({argument.role, memories_.back().get()});
    }
  }

  // Pointers in the order of the arguments.
  void operator()(std::initializer_list<const void*> pointers) const {
    size_t index = 0;
    for (const void* pointer : pointers)
      memories_[index++].set_data_handle(const_cast<void*>(pointer));
    dnnl::error::wrap_c_api(
        dnnl_primitive_execute(primitive_.get(), stream_.get(),
                               static_cast<int>(execution_.size()), execution_.data()),
        "a oneDNN primitive failed");
  }

  explicit operator bool() const { return !execution_.empty(); }

 private:
  dnnl::primitive primitive_;
  dnnl::stream stream_;
  std::vector<dnnl::memory> memories_;
  std::vector<dnnl_exec_arg_t> execution_;
};

// Copies a tensor from one format to another; empty where they are the same.
inline BoundPrimitive Reorder(const Description& from, const Description& to) {
  if (from == to) return {};
  const dnnl::reorder::primitive_desc description(CpuEngine(), from, CpuEngine(), to,
                                                  CallerOwnsScratch());
  if (description.scratchpad_desc().get_size() != 0)
    throw dnnl::error(dnnl_unimplemented, "a oneDNN reorder asks for working space");
  return {dnnl::reorder(description), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}};
}

}  // namespace ferret
