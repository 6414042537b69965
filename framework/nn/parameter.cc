#include "framework/nn/parameter.h"

#include <atomic>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"

namespace adjoint::nn {
namespace {

constinit std::atomic<int64_t> copies_made{0};

Ref<Array> Copy(const Array& from) {
  Ref<Array> to = Array::New(from.dtype(), from.shape());
  std::memcpy(to->data(), from.data(),
              from.shape().size() * SizeOf(from.dtype()));
  return to;
}

}  // namespace

Parameter::Parameter(const Tensor& value, ParameterOptions options)
    // The cell owns its elements alone from the start.
    : cell_(std::make_shared<Cell>(
          Cell{Tensor(Copy(*value.array())), options.trainable})) {
  if (options.trainable) cell_->value = Leaf(cell_->value);
}

void Parameter::ThrowUndefined() {
  throw ValueError("the parameter is undefined");
}

void Parameter::Set(const Tensor& value) const {
  const Tensor& old = cell().value;
  if (value.shape() != old.shape() || value.dtype() != old.dtype()) {
    throw ShapeError(absl::StrCat("parameter: set to a value unlike its own: ",
                                  Signature(old), ", ", Signature(value)));
  }
  cell().value = Tensor(Copy(*value.array()), old.node());
}

int64_t Parameter::CopiesMade() { return copies_made; }

void* Parameter::Writable(DType dtype) const {
  Tensor& value = cell().value;
  if (value.dtype() != dtype) {
    throw DTypeError(absl::StrCat("parameter: written as ", Name(dtype), ": ",
                                  Signature(value)));
  }
  if (!value.array()->unique_owner()) {
    ++copies_made;
    // The node stays: the parameter is the same variable with a new value.
    value = Tensor(Copy(*value.array()), value.node());
  }
  return value.array()->data();
}

}  // namespace adjoint::nn
