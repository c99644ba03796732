// What is wrong with a call of a vector kernel, as a TypeError. Each gives false. None of them is
// ever inlined, so that what a call that goes well runs through stays short.
#pragma once

#include <node_api.h>

#include <cstddef>

namespace ferret {

#define FERRET_COLD [[gnu::cold, gnu::noinline]]

// `value` is no `wanted`, such as "a number".
FERRET_COLD bool RefuseValue(napi_env env, const char* name, const char* wanted, napi_value value);

FERRET_COLD bool RefuseLength(napi_env env, const char* name, size_t wanted, size_t received);

FERRET_COLD bool RefuseVersions(napi_env env, const char* name, size_t most, size_t received);

FERRET_COLD bool RefuseMatrix(napi_env env, const char* name, size_t rows, size_t columns,
                              size_t received);

FERRET_COLD bool RefuseOverlap(napi_env env, const char* first, const char* second);

#undef FERRET_COLD

}  // namespace ferret
