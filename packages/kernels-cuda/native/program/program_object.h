// A stage program as an object of JavaScript. Construction may allocate and throw.
#pragma once

#include <napi.h>

#include <memory>

#include "../tagged.h"
#include "program.h"

namespace ferret {

class StageProgramObject : public Tagged<StageProgramObject> {
 public:
  static constexpr const char* kName = "StageProgram";
  static constexpr uint64_t kClass = 1;
  static Napi::Function Define(Napi::Env env);

  // new StageProgram(layers, batch, "learn" | "predict")
  explicit StageProgramObject(const Napi::CallbackInfo& info);

  const StageProgram& program() const { return *program_; }

 private:
  std::unique_ptr<StageProgram> program_;
};

}  // namespace ferret
