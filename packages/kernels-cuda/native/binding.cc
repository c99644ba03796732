#include "binding.h"

#ifdef FERRET_HAVE_DNNL
#include <dnnl.hpp>

#include <string>
#endif

namespace {

Napi::Value OneDnnVersion(Napi::Env env) {
#ifdef FERRET_HAVE_DNNL
  const dnnl_version_t* version = dnnl_version();
  return Napi::String::New(env, std::to_string(version->major) + "." +
                                    std::to_string(version->minor) + "." +
                                    std::to_string(version->patch));
#else
  return env.Null();
#endif
}

// What calls mean. To be raised, here and in load.ts, with every change that an older binary does
// not follow: 2 since backward passes tell a bound on the gradient, 4 since secant leads along its
// average, 5 since layers have curves for activations.
constexpr int kRevision = 5;

Napi::Object Initialise(Napi::Env env, Napi::Object exports) {
  RegisterVectorKernels(env, exports);
#ifdef FERRET_HAVE_DNNL
  RegisterPrograms(env, exports);
#endif
  Napi::Object features = Napi::Object::New(env);
  features.Set("oneDnn", OneDnnVersion(env));
  features.Set("revision", kRevision);
  exports.Set("features", features);
  return exports;
}

}  // namespace

NODE_API_MODULE(kernels_cpu, Initialise)
