#include "binding.h"

#ifdef FERRET_HAVE_DNNL
#include <dnnl.hpp>

#include <cstdlib>
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

// What the compiler was allowed to use; the names of src/instruction-set.ts, and two for what only a
// build from source can be.
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
constexpr const char kInstructionSet[] = "avx512";
#elif defined(__AVX2__) && defined(__FMA__)
constexpr const char kInstructionSet[] = "avx2";
#elif defined(__SSE4_1__)
constexpr const char kInstructionSet[] = "sse41";
#elif defined(__x86_64__)
constexpr const char kInstructionSet[] = "sse2";
#elif defined(__aarch64__)
constexpr const char kInstructionSet[] = "neon";
#else
constexpr const char kInstructionSet[] = "generic";
#endif

#if defined(FERRET_HAVE_DNNL) && defined(FERRET_CAPS_ONEDNN) && defined(__x86_64__)
// oneDNN generates its code for what it finds in the processor. Here it keeps to what this binary was
// compiled for, unless the user has told it something else.
void CapOneDnn() {
  if (std::getenv("DNNL_MAX_CPU_ISA") || std::getenv("ONEDNN_MAX_CPU_ISA")) return;
#if defined(__AVX512F__)
  // The best one: nothing to hold back.
#elif defined(__AVX2__)
  dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx2);
#else
  dnnl_set_max_cpu_isa(dnnl_cpu_isa_sse41);
#endif
}
#else
void CapOneDnn() {}
#endif

// What calls mean. To be raised, here and in load.ts, with every change that an older binary does
// not follow: 2 since backward passes tell a bound on the gradient, 4 since secant leads along its
// average, 5 since layers have curves for activations, 6 since features tell the instruction set.
constexpr int kRevision = 6;

Napi::Object Initialise(Napi::Env env, Napi::Object exports) {
  CapOneDnn();
  RegisterVectorKernels(env, exports);
#ifdef FERRET_HAVE_DNNL
  RegisterPrograms(env, exports);
#endif
  Napi::Object features = Napi::Object::New(env);
  features.Set("oneDnn", OneDnnVersion(env));
  features.Set("instructionSet", kInstructionSet);
  features.Set("revision", kRevision);
  exports.Set("features", features);
  return exports;
}

}  // namespace

NODE_API_MODULE(kernels_cpu, Initialise)
