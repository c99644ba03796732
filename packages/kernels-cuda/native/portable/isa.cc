// Which of the portable addons this processor and its system can run, best first: `supported`, an
// array of the names in src/instruction-set.ts. Compiled for the oldest processor, in Node's C
// interface, so that this file loads everywhere.
#include <node_api.h>

namespace {

#if defined(__x86_64__)
// GCC and Clang ask the system too: registers that it does not save count as missing. What they call
// x86-64-v3 and -v4 is what those addons are compiled for.
bool HasAvx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}
bool HasAvx2() {
  return __builtin_cpu_supports("x86-64-v3");
}
bool HasSse41() {
  return __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3");
}
#endif

struct InstructionSet {
  const char* name;
  bool (*is_there)();
};

constexpr InstructionSet kSets[] = {
#if defined(__x86_64__)
    {"avx512", [] { return HasAvx2() && HasAvx512(); }},
    {"avx2", HasAvx2},
    {"sse41", HasSse41},
#else
    {"neon", [] { return true; }},  // part of every 64-bit ARM processor
#endif
};

napi_value Initialise(napi_env env, napi_value exports) {
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
  napi_value supported, name;
  if (napi_create_array(env, &supported) != napi_ok) return nullptr;
  uint32_t count = 0;
  for (const InstructionSet& set : kSets)
    if (set.is_there() &&
        (napi_create_string_utf8(env, set.name, NAPI_AUTO_LENGTH, &name) != napi_ok ||
         napi_set_element(env, supported, count++, name) != napi_ok))
      return nullptr;
  return napi_set_named_property(env, exports, "supported", supported) == napi_ok ? exports
                                                                                   : nullptr;
}

}  // namespace

NAPI_MODULE(kernels_isa, Initialise)
