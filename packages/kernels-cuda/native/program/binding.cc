// Stage programs for JavaScript. Construction may allocate and throw; `forward` and `backward`
// use the raw interface, check lengths, and allocate nothing.
#include "../binding.h"

#include <napi.h>

#include <string>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "arguments.h"
#include "program.h"
#include "read_layer.h"

namespace ferret {
namespace {

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
  Arguments arguments = Arguments::Of<StageProgramObject>(env, info);
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
  Arguments arguments = Arguments::Of<StageProgramObject>(env, info);
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
  Arguments arguments = Arguments::Of<StageProgramObject>(env, info);
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
