#include "program_object.h"

#include <string>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "read_layer.h"

namespace ferret {

Napi::Function StageProgramObject::Define(Napi::Env env) {
  return DefineClass(env, "StageProgram", {});
}

StageProgramObject::StageProgramObject(const Napi::CallbackInfo& info)
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
  set("pendingBytes", program_->pending_bytes());
  set("scratchBytes", program_->scratch_bytes());
  set("operationScratchBytes", program_->operation_scratch_bytes());
}

}  // namespace ferret
