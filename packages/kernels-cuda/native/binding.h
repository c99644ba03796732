// What each part of the addon adds to its exports.
#pragma once

#include <napi.h>

void RegisterVectorKernels(Napi::Env env, Napi::Object exports);

// Needs oneDNN: compiled and called only under FERRET_HAVE_DNNL.
void RegisterPrograms(Napi::Env env, Napi::Object exports);
