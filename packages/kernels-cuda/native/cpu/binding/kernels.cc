#include "../../binding.h"
#include "../kernels.h"

void RegisterVectorKernels(Napi::Env env, Napi::Object exports) {
  const auto set = [&](const char* name, const ferret::Kernel& kernel) {
    napi_value function;
    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, kernel.callback,
                             const_cast<ferret::Kernel*>(&kernel), &function) == napi_ok)
      exports.Set(name, Napi::Value(env, function));
  };
#define FERRET_ROW(Name, name) set(name, ferret::k##Name);
  FERRET_CPU_KERNELS(FERRET_ROW)
#undef FERRET_ROW
}
