// Stage programs for JavaScript. Construction may allocate and throw; `forward` and `backward`
// use the raw interface, check lengths, and allocate nothing.
#include "../binding.h"

#include <napi.h>

#include <string>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "program.h"

namespace ferret {
namespace {

void Pair(const Napi::Object& object, const char* key, int64_t (&target)[2]) {
  if (!object.Has(key)) return;
  const Napi::Array pair = object.Get(key).As<Napi::Array>();
  for (uint32_t axis = 0; axis < 2; ++axis)
    target[axis] = pair.Get(axis).As<Napi::Number>().Int64Value();
}

Shape ReadShape(const Napi::Object& layer, const char* key) {
  const Napi::Array sizes = layer.Get(key).As<Napi::Array>();
  const auto size = [&](uint32_t index) {
    return sizes.Get(index).As<Napi::Number>().Int64Value();
  };
  if (sizes.Length() == 3) return {size(0), size(1), size(2)};
  return {0, 0, size(0)};
}

template <typename T, size_t kCount>
T Named(const Napi::Object& object, const char* key, const char* expected,
        const std::pair<const char*, T> (&known)[kCount]) {
  const std::string name = object.Get(key).ToString();
  for (const auto& [candidate, value] : known)
    if (name == candidate) return value;
  throw Napi::TypeError::New(object.Env(), std::string("Expected ") + expected +
                                               " but received \"" + name + "\"");
}

LayerSpecification ReadLayer(const Napi::Object& layer);

std::vector<LayerSpecification> ReadLayers(const Napi::Value& value) {
  std::vector<LayerSpecification> layers;
  if (!value.IsArray()) return layers;
  const Napi::Array list = value.As<Napi::Array>();
  for (uint32_t index = 0; index < list.Length(); ++index)
    layers.push_back(ReadLayer(list.Get(index).As<Napi::Object>()));
  return layers;
}

LayerSpecification ReadLayer(const Napi::Object& layer) {
  static constexpr std::pair<const char*, LayerSpecification::Kind> kKinds[] = {
      {"dense", LayerSpecification::kDense},
      {"conv2d", LayerSpecification::kConvolution},
      {"depthwiseConv2d", LayerSpecification::kDepthwiseConvolution},
      {"maxPooling2d", LayerSpecification::kMaxPooling},
      {"averagePooling2d", LayerSpecification::kAveragePooling},
      {"globalAveragePooling2d", LayerSpecification::kGlobalAveragePooling},
      {"flatten", LayerSpecification::kFlatten},
      {"activation", LayerSpecification::kActivation},
      {"batchNormalization", LayerSpecification::kBatchNormalization},
      {"instanceNormalization", LayerSpecification::kInstanceNormalization},
      {"residual", LayerSpecification::kResidual},
  };
  static constexpr std::pair<const char*, Activation> kActivations[] = {
      {"linear", Activation::kLinear},
      {"relu", Activation::kRelu},
      {"relu6", Activation::kRelu6},
  };
  LayerSpecification result;
  result.kind = Named(layer, "kind", "a layer kind that the native programs know", kKinds);
  result.input = ReadShape(layer, "inputShape");
  result.output = ReadShape(layer, "outputShape");
  Pair(layer, "kernel", result.kernel);
  Pair(layer, "strides", result.strides);
  Pair(layer, "before", result.before);
  Pair(layer, "after", result.after);
  result.bias = layer.Get("bias").ToBoolean();
  if (layer.Has("activation"))
    result.activation = Named(layer, "activation", "linear, relu or relu6", kActivations);
  if (layer.Has("center")) result.center = layer.Get("center").ToBoolean();
  if (layer.Has("scale")) result.scale = layer.Get("scale").ToBoolean();
  if (layer.Has("epsilon")) result.epsilon = layer.Get("epsilon").ToNumber().FloatValue();
  if (layer.Has("momentum")) result.momentum = layer.Get("momentum").ToNumber().DoubleValue();
  result.main = ReadLayers(layer.Get("main"));
  result.shortcut = ReadLayers(layer.Get("shortcut"));
  return result;
}

class StageProgramObject : public Napi::ObjectWrap<StageProgramObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "StageProgram", {});
  }

  // new StageProgram(layers, batch, "learn" | "predict")
  explicit StageProgramObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<StageProgramObject>(info) {
#ifdef _OPENMP
    // One thread a program: parallelism comes from stages and workers, not from inside a layer.
    omp_set_num_threads(1);
#endif
    if (info.Length() != 3 || !info[0].IsArray() || !info[1].IsNumber())
      throw Napi::TypeError::New(info.Env(), "Expected (layers, batch, mode) for StageProgram");
    const int64_t batch = info[1].As<Napi::Number>().Int64Value();
    const std::vector<LayerSpecification> layers = ReadLayers(info[0]);
    if (layers.empty() || batch < 1)
      throw Napi::RangeError::New(info.Env(),
                                  "Expected at least one layer and a batch of at least 1");
    const Mode mode = info[2].ToString().Utf8Value() == "predict" ? Mode::kPredict : Mode::kLearn;
    try {
      program_ = std::make_unique<StageProgram>(layers, batch, mode);
    } catch (const dnnl::error& error) {
      throw Napi::Error::New(info.Env(), std::string("oneDNN cannot run this stage: ") +
                                             error.what() + "; use the tfjs runtime");
    }
    const Napi::Object self = info.This().As<Napi::Object>();
    const auto set = [&](const char* key, size_t value) {
      self.Set(key, Napi::Number::New(info.Env(), static_cast<double>(value)));
    };
    set("parameterCount", program_->parameter_count());
    set("inputCount", program_->input_count());
    set("outputCount", program_->output_count());
    set("savedBytes", program_->saved_bytes());
    set("scratchBytes", program_->scratch_bytes());
    set("operationScratchBytes", program_->operation_scratch_bytes());
  }

  const StageProgram& program() const { return *program_; }

 private:
  std::unique_ptr<StageProgram> program_;
};

// Reads the arguments of a call one by one; keeps the first complaint.
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = kMost;
    napi_get_cb_info(env, info, &count, values_, nullptr, nullptr);
    void* object = nullptr;
    if (count == 0 || napi_unwrap(env, values_[0], &object) != napi_ok)
      complaint_ = "Expected a StageProgram as the first argument";
    else
      program_ = &static_cast<StageProgramObject*>(object)->program();
  }

  const StageProgram* program() const { return program_; }

  template <typename T>
  T* Next(const char* name, size_t bytes, bool optional = false) {
    const napi_value value = values_[next_++];
    napi_typedarray_type type;
    size_t length = 0;
    void* data = nullptr;
    if (napi_get_typedarray_info(env_, value, &type, &length, &data, nullptr, nullptr) != napi_ok) {
      napi_valuetype kind;
      if (optional && napi_typeof(env_, value, &kind) == napi_ok && kind == napi_null)
        return nullptr;
      Complain(std::string("Expected a typed array for ") + name);
      return nullptr;
    }
    const size_t element = type == napi_float32_array ? 4 : type == napi_uint8_array ? 1 : 0;
    if (element != sizeof(T)) {
      Complain(std::string("Expected ") + (sizeof(T) == 4 ? "Float32Array" : "Uint8Array") +
               " for " + name);
    } else if (length * element < bytes) {
      Complain(std::string("Expected at least ") + std::to_string(bytes) + " bytes for " + name +
               " but received " + std::to_string(length * element));
    }
    // An empty array has no address, but it is an array: only null means that it is left out.
    if (length == 0) return reinterpret_cast<T*>(nothing_);
    return static_cast<T*>(data);
  }

  float Number(const char* name) {
    double value = 0;
    if (napi_get_value_double(env_, values_[next_++], &value) != napi_ok)
      Complain(std::string("Expected a number for ") + name);
    return static_cast<float>(value);
  }

  // Only a program for learning keeps anything, and so can go backward.
  void NeedsLearning() {
    if (program_->mode() != Mode::kLearn)
      Complain("Expected a program compiled to learn but received one to predict");
  }

  bool Refused() {
    if (complaint_.empty()) return false;
    napi_throw_range_error(env_, nullptr, complaint_.c_str());
    return true;
  }

 private:
  void Complain(std::string text) {
    if (complaint_.empty()) complaint_ = std::move(text);
  }

  static constexpr size_t kMost = 10;
  alignas(64) std::byte nothing_[64] = {};
  napi_env env_;
  napi_value values_[kMost] = {};
  size_t next_ = 1;
  const StageProgram* program_ = nullptr;
  std::string complaint_;
};

template <typename Body>
void Run(napi_env env, const Body& body) {
  try {
    body();
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
}

// forward(program, parameters, input, saved | null, output | null, scratch)
napi_value Forward(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  if (arguments.Refused()) return nullptr;
  const StageProgram& program = *arguments.program();
  const float* parameters = arguments.Next<float>("parameters", 4 * program.parameter_count());
  const float* input = arguments.Next<float>("input", 4 * program.input_count());
  auto* saved = arguments.Next<std::byte>("saved", program.saved_bytes(), true);
  float* output = arguments.Next<float>("output", 4 * program.output_count(), true);
  auto* scratch = arguments.Next<std::byte>("scratch", program.scratch_bytes());
  if (saved) arguments.NeedsLearning();
  if (arguments.Refused()) return nullptr;
  if (!saved && !output) {
    napi_throw_type_error(env, nullptr, "Expected saved or output for a forward pass");
    return nullptr;
  }
  Run(env, [&] { program.Forward(parameters, input, saved, output, scratch); });
  return nullptr;
}

// What both kinds of backward pass begin with.
struct BackwardBuffers {
  explicit BackwardBuffers(Arguments& arguments) {
    const StageProgram& program = *arguments.program();
    arguments.NeedsLearning();
    parameters = arguments.Next<float>("parameters", 4 * program.parameter_count());
    input = arguments.Next<float>("input", 4 * program.input_count());
    saved = arguments.Next<std::byte>("saved", program.saved_bytes());
    output_gradient = arguments.Next<float>("outputGradient", 4 * program.output_count());
    input_gradient = arguments.Next<float>("inputGradient", 4 * program.input_count(), true);
  }

  const float *parameters, *input;
  const std::byte* saved;
  float *output_gradient, *input_gradient;
};

void RunBackward(napi_env env, const Arguments& arguments, const BackwardBuffers& buffers,
                 const ParameterSink& sink, std::byte* scratch) {
  Run(env, [&] {
    arguments.program()->Backward(buffers.parameters, buffers.input, buffers.saved,
                                  buffers.output_gradient, buffers.input_gradient, sink, scratch);
  });
}

// backward(program, parameters, input, saved, outputGradient, inputGradient | null,
//          parameterGradient, scratch)
napi_value Backward(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  if (arguments.Refused()) return nullptr;
  const StageProgram& program = *arguments.program();
  const BackwardBuffers buffers(arguments);
  ParameterSink sink;
  sink.gradient = arguments.Next<float>("parameterGradient", 4 * program.parameter_count());
  auto* scratch = arguments.Next<std::byte>("scratch", program.scratch_bytes());
  if (!arguments.Refused()) RunBackward(env, arguments, buffers, sink, scratch);
  return nullptr;
}

// backwardUpdate(program, parameters, input, saved, outputGradient, inputGradient | null,
//                source, destination, learningRate, scratch)
napi_value BackwardUpdate(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  if (arguments.Refused()) return nullptr;
  const StageProgram& program = *arguments.program();
  const BackwardBuffers buffers(arguments);
  ParameterSink sink;
  sink.source = arguments.Next<float>("source", 4 * program.parameter_count());
  sink.destination = arguments.Next<float>("destination", 4 * program.parameter_count());
  sink.learning_rate = arguments.Number("learningRate");
  auto* scratch = arguments.Next<std::byte>("scratch", program.scratch_bytes());
  if (!arguments.Refused()) RunBackward(env, arguments, buffers, sink, scratch);
  return nullptr;
}

void SetFunction(Napi::Env env, Napi::Object exports, const char* name, napi_callback callback) {
  napi_value function;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function) == napi_ok)
    exports.Set(name, Napi::Value(env, function));
}

}  // namespace
}  // namespace ferret

void RegisterPrograms(Napi::Env env, Napi::Object exports) {
  exports.Set("StageProgram", ferret::StageProgramObject::Define(env));
  ferret::SetFunction(env, exports, "programForward", ferret::Forward);
  ferret::SetFunction(env, exports, "programBackward", ferret::Backward);
  ferret::SetFunction(env, exports, "programBackwardUpdate", ferret::BackwardUpdate);
}
