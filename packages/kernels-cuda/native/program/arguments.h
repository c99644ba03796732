// The arguments of a call from JavaScript, read by the raw interface without an allocation.
#pragma once

#include <node_api.h>

#include <cstddef>
#include <string>

#include "program.h"

namespace ferret {

// Reads the arguments of a call one by one; keeps the first complaint.
class Arguments {
 public:
  // `Wrapper` is the class behind the first argument.
  template <typename Wrapper>
  static Arguments Of(napi_env env, napi_callback_info info) {
    Arguments arguments(env);
    size_t count = kMost;
    napi_get_cb_info(env, info, &count, arguments.values_, nullptr, nullptr);
    const napi_type_tag tag = Wrapper::Tag();
    napi_valuetype kind = napi_undefined;
    bool is_program = false;
    void* object = nullptr;
    if (count == 0 || napi_typeof(env, arguments.values_[0], &kind) != napi_ok ||
        kind != napi_object ||  // asking for the tag of another one throws
        napi_check_object_type_tag(env, arguments.values_[0], &tag, &is_program) != napi_ok ||
        !is_program || napi_unwrap(env, arguments.values_[0], &object) != napi_ok)
      arguments.complaint_ = "Expected a StageProgram for program but received something else";
    else
      arguments.program_ = &static_cast<Wrapper*>(object)->program();
    return arguments;
  }

  const StageProgram* program() const { return program_; }

  template <typename T>
  T* Next(const char* name, size_t bytes, bool optional = false) {
    const napi_value value = values_[next_++];
    napi_typedarray_type type;
    size_t length = 0;
    void* data = nullptr;
    if (napi_get_typedarray_info(env_, value, &type, &length, &data, nullptr, nullptr) != napi_ok) {
      napi_valuetype kind;
      if (optional && napi_typeof(env_, value, &kind) == napi_ok && kind == napi_null)
        return nullptr;
      Complain(std::string("Expected a typed array for ") + name);
      return nullptr;
    }
    const size_t element = type == napi_float32_array ? 4 : type == napi_uint8_array ? 1 : 0;
    if (element != sizeof(T)) {
      Complain(std::string("Expected ") + (sizeof(T) == 4 ? "Float32Array" : "Uint8Array") +
               " for " + name);
    } else if (length * element < bytes) {
      Complain(std::string("Expected at least ") + std::to_string(bytes) + " bytes for " + name +
               " but received " + std::to_string(length * element));
    } else if (reinterpret_cast<uintptr_t>(data) % alignof(float) != 0 && length > 0) {
      // Bytes hold floats. Compilers and oneDNN may rely on where those lie.
      Complain(std::string("Expected bytes from a multiple of 4 on for ") + name +
               " but received some that begin between");
    }
    // An empty array has no address, but it is an array: only null means that it is left out.
    if (length == 0) return reinterpret_cast<T*>(Nothing());
    return static_cast<T*>(data);
  }

  float Number(const char* name) {
    double value = 0;
    if (napi_get_value_double(env_, values_[next_++], &value) != napi_ok)
      Complain(std::string("Expected a number for ") + name);
    return static_cast<float>(value);
  }

  // A whole number from 0 to 2^53; 0 where none is given.
  uint64_t Whole(const char* name) {
    double value = 0;
    const napi_value given = values_[next_++];
    napi_valuetype type = napi_undefined;
    if (!given || napi_typeof(env_, given, &type) != napi_ok || type == napi_undefined) return 0;
    if (napi_get_value_double(env_, given, &value) != napi_ok || !(value >= 0) ||
        value > 9007199254740992. || value != static_cast<double>(static_cast<uint64_t>(value))) {
      Complain(std::string("Expected a whole number from 0 to 2^53 for ") + name);
      return 0;
    }
    return static_cast<uint64_t>(value);
  }

  // Only a program for learning keeps anything, and so can go backward.
  void NeedsLearning() {
    if (program_->mode() != Mode::kLearn)
      Complain("Expected a program compiled to learn but received one to predict");
  }

  // Throws what there was to complain about.
  bool Refused() {
    if (complaint_.empty()) return false;
    napi_throw_range_error(env_, nullptr, complaint_.c_str());
    return true;
  }

 private:
  explicit Arguments(napi_env env) : env_(env) {}

  void Complain(std::string text) {
    if (complaint_.empty()) complaint_ = std::move(text);
  }

  static std::byte* Nothing() {
    alignas(64) static std::byte nothing[64];
    return nothing;
  }

  static constexpr size_t kMost = 10;
  napi_env env_;
  napi_value values_[kMost] = {};
  size_t next_ = 1;
  const StageProgram* program_ = nullptr;
  std::string complaint_;
};

}  // namespace ferret
