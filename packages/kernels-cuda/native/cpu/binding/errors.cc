#include "errors.h"

#include <string>

#include "../../described.h"

namespace ferret {

namespace {

bool Refuse(napi_env env, const std::string& wanted, const char* name,
            const std::string& received) {
  const std::string text = "Expected " + wanted + " for " + name + " but received " + received;
  napi_throw_type_error(env, nullptr, text.c_str());
  return false;
}

}  // namespace

bool RefuseValue(napi_env env, const char* name, const char* wanted, napi_value value) {
  try {
    return Refuse(env, wanted, name, Described(Napi::Value(env, value)));
  } catch (const Napi::Error& error) {  // by an object that does not want to be looked at
    error.ThrowAsJavaScriptException();
    return false;
  }
}

bool RefuseLength(napi_env env, const char* name, size_t wanted, size_t received) {
  return Refuse(env, std::to_string(wanted) + " elements", name, std::to_string(received));
}

bool RefuseVersions(napi_env env, const char* name, size_t most, size_t received) {
  return Refuse(env, "an array of at most " + std::to_string(most), name,
                std::to_string(received));
}

bool RefuseMatrix(napi_env env, const char* name, size_t rows, size_t columns, size_t received) {
  return Refuse(env, std::to_string(rows) + " x " + std::to_string(columns) + " elements", name,
                std::to_string(received));
}

bool RefuseOverlap(napi_env env, const char* first, const char* second) {
  const std::string text = std::string("Expected ") + first + " and " + second +
                           " apart from each other but they overlap";
  napi_throw_type_error(env, nullptr, text.c_str());
  return false;
}

}  // namespace ferret
