// Classes of JavaScript objects that hold one of C++. Any object may come in the place of another,
// as an argument or as `this` of a getter: each is told by its tag before it is unwrapped.
#pragma once

#include <napi.h>

#include <string>

#include "described.h"

namespace ferret {

// A number of this binary and of no other that is loaded: what another one made, though its class
// has the same name, holds something else. Each addon defines it once.
uint64_t BinaryMark();

// `T` has a name, `kName`, and a number of its own within the binary, `kClass`.
template <typename T>
class Tagged : public Napi::ObjectWrap<T> {
 public:
  explicit Tagged(const Napi::CallbackInfo& info) : Napi::ObjectWrap<T>(info) {
    const napi_type_tag tag = Tag();
    info.This().As<Napi::Object>().TypeTag(&tag);
  }

  static napi_type_tag Tag() { return {BinaryMark(), T::kClass}; }

  // What the wrappers of methods and accessors call for `this`.
  static T* Unwrap(Napi::Object object) { return &Of(object, "this"); }

  // The C++ object behind a JavaScript one, or a TypeError.
  static T& Of(const Napi::Value& value, const char* name) {
    const napi_type_tag tag = Tag();
    if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&tag))
      throw Napi::TypeError::New(value.Env(), std::string("Expected a ") + T::kName + " for " +
                                                  name + " but received " + Described(value));
    return *Napi::ObjectWrap<T>::Unwrap(value.As<Napi::Object>());
  }
};

}  // namespace ferret
