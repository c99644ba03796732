// The passes of stage programs for JavaScript: they use the raw interface, check lengths, and
// allocate nothing.
#include "../binding.h"

#include <napi.h>

#include "arguments.h"
#include "program_object.h"

namespace ferret {
namespace {

template <typename Body>
void Run(napi_env env, const Body& body) {
  try {
    body();
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
}

// forward(program, parameters, input, saved | null, output | null, scratch, draw)
napi_value Forward(napi_env env, napi_callback_info info) {
  Arguments arguments = Arguments::Of<StageProgramObject>(env, info);
  if (arguments.Refused()) return nullptr;
  const StageProgram& program = *arguments.program();
  const float* parameters = arguments.Next<float>("parameters", 4 * program.parameter_count());
  const float* input = arguments.Next<float>("input", 4 * program.input_count());
  auto* saved = arguments.Next<std::byte>("saved", program.saved_bytes(), true);
  float* output = arguments.Next<float>("output", 4 * program.output_count(), true);
  auto* scratch = arguments.Next<std::byte>("scratch", program.scratch_bytes());
  const uint64_t draw = arguments.Whole("draw");
  if (saved) arguments.NeedsLearning();
  if (arguments.Refused()) return nullptr;
  if (!saved && !output) {
    napi_throw_type_error(env, nullptr, "Expected saved or output for a forward pass");
    return nullptr;
  }
  Run(env, [&] { program.Forward(parameters, input, saved, output, scratch, draw); });
  return nullptr;
}

// What every backward pass through to the input begins with.
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

// What a pass that makes gradients at parameters gives: a bound on their magnitudes.
napi_value BoundOf(napi_env env, const GradientGuard& guard) {
  napi_value bound;
  return napi_create_double(env, guard.largest(), &bound) == napi_ok ? bound : nullptr;
}

napi_value RunBackward(napi_env env, const Arguments& arguments, const BackwardBuffers& buffers,
                       ParameterSink sink, std::byte* scratch) {
  GradientGuard guard(sink.learning_rate);
  sink.guard = &guard;
  Run(env, [&] {
    arguments.program()->Backward(buffers.parameters, buffers.input, buffers.saved,
                                  buffers.output_gradient, buffers.input_gradient, sink, scratch);
  });
  return BoundOf(env, guard);
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
  if (arguments.Refused()) return nullptr;
  return RunBackward(env, arguments, buffers, sink, scratch);
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
  if (arguments.Refused()) return nullptr;
  return RunBackward(env, arguments, buffers, sink, scratch);
}

// backwardInput(program, parameters, input, saved, outputGradient, inputGradient | null, pending,
//               scratch)
napi_value BackwardInput(napi_env env, napi_callback_info info) {
  Arguments arguments = Arguments::Of<StageProgramObject>(env, info);
  if (arguments.Refused()) return nullptr;
  const StageProgram& program = *arguments.program();
  const BackwardBuffers buffers(arguments);
  auto* pending = arguments.Next<std::byte>("pending", program.pending_bytes());
  auto* scratch = arguments.Next<std::byte>("scratch", program.scratch_bytes());
  if (arguments.Refused()) return nullptr;
  Run(env, [&] {
    program.BackwardInput(buffers.parameters, buffers.input, buffers.saved,
                          buffers.output_gradient, buffers.input_gradient, pending, scratch);
  });
  return nullptr;
}

// backwardWeights(program, saved, pending, parameterGradient, scratch)
napi_value BackwardWeights(napi_env env, napi_callback_info info) {
  Arguments arguments = Arguments::Of<StageProgramObject>(env, info);
  if (arguments.Refused()) return nullptr;
  const StageProgram& program = *arguments.program();
  arguments.NeedsLearning();
  const auto* saved = arguments.Next<std::byte>("saved", program.saved_bytes());
  const auto* pending = arguments.Next<std::byte>("pending", program.pending_bytes());
  ParameterSink sink;
  sink.gradient = arguments.Next<float>("parameterGradient", 4 * program.parameter_count());
  auto* scratch = arguments.Next<std::byte>("scratch", program.scratch_bytes());
  if (arguments.Refused()) return nullptr;
  GradientGuard guard(0);
  sink.guard = &guard;
  Run(env, [&] { program.BackwardWeights(saved, pending, sink, scratch); });
  return BoundOf(env, guard);
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
  ferret::SetFunction(env, exports, "programBackwardInput", ferret::BackwardInput);
  ferret::SetFunction(env, exports, "programBackwardWeights", ferret::BackwardWeights);
}
