#include "program_object.h"

#include <string>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "check_layers.h"
#include "read_layer.h"
#include "read_value.h"

namespace ferret {

uint64_t BinaryMark() {
  static const char mark = 0;
  return reinterpret_cast<uint64_t>(&mark);
}

namespace {

Mode ReadMode(const Napi::Value& value) {
  static constexpr std::pair<const char*, Mode> kModes[] = {{"learn", Mode::kLearn},
                                                            {"predict", Mode::kPredict}};
  return ReadNamed(value, "mode", kModes);
}

}  // namespace

Napi::Function StageProgramObject::Define(Napi::Env env) {
  return DefineClass(env, kName, {});
}

StageProgramObject::StageProgramObject(const Napi::CallbackInfo& info)
    : Tagged<StageProgramObject>(info) {
#ifdef _OPENMP
  // One thread a program: parallelism comes from stages and workers, not from inside a layer.
  omp_set_num_threads(1);
#endif
  const std::vector<LayerSpecification> layers = ReadLayers(info[0]);
  const int64_t batch = ReadSize(info[1], "batch", 1);
  const Mode mode = ReadMode(info[2]);
  try {
    CheckLayers(layers, batch);
    program_ = std::make_unique<StageProgram>(layers, batch, mode);
  } catch (const LayerError& error) {
    throw Napi::RangeError::New(info.Env(), error.what());
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
