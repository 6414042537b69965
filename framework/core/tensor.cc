#include "framework/core/tensor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"

namespace adjoint {
namespace {

class LeafNode final : public Node {
 public:
  absl::string_view name() const override { return "leaf"; }
  absl::Span<const Tensor> inputs() const override { return {}; }
  void Vjp(const Tensor&, absl::Span<const bool>,
           absl::Span<Tensor>) const override {}
};

}  // namespace

double Tensor::item() const {
  if (size() != 1) {
    throw ShapeError(
        absl::StrCat("item: one element wanted: ", Signature(*this)));
  }
  return VisitDType(dtype(), [this](auto zero) {
    return static_cast<double>(data<decltype(zero)>()[0]);
  });
}

Tensor Tensor::Ghost() const { return Tensor(Array::Ghost(dtype(), shape())); }

void Tensor::ThrowUndefined() { throw ValueError("the tensor is undefined"); }

const void* Tensor::Elements(DType dtype) const {
  const Array& array = value();
  if (array.dtype() != dtype) {
    throw DTypeError(
        absl::StrCat("data: read as ", Name(dtype), ": ", Signature(*this)));
  }
  if (array.is_ghost()) {
    throw ValueError(
        absl::StrCat("data: a ghost, a value that was not saved, was read: ",
                     Signature(*this)));
  }
  return array.data();
}

Tensor Leaf(const Tensor& x) {
  if (!IsFloat(x.dtype())) {
    throw DTypeError(
        absl::StrCat("leaf: no gradient flows to integers: ", Signature(x)));
  }
  return Tensor(x.array(), Ref<Node>(new LeafNode));
}

Tensor Full(const Shape& shape, double value, DType dtype) {
  Ref<Array> array = Array::New(dtype, shape);
  VisitDType(dtype, [&](auto zero) {
    using T = decltype(zero);
    std::fill_n(static_cast<T*>(array->data()), shape.size(),
                static_cast<T>(value));
  });
  return Tensor(std::move(array));
}

Tensor Zeros(const Shape& shape, DType dtype) { return Full(shape, 0, dtype); }

Tensor Ones(const Shape& shape, DType dtype) { return Full(shape, 1, dtype); }

Tensor Arange(int64_t n, DType dtype) {
  Ref<Array> array = Array::New(dtype, Shape({n}));
  VisitDType(dtype, [&](auto zero) {
    using T = decltype(zero);
    T* out = static_cast<T*>(array->data());
    for (int64_t i = 0; i < n; ++i) out[i] = static_cast<T>(i);
  });
  return Tensor(std::move(array));
}

template <class T>
Tensor FromSpan(const Shape& shape, absl::Span<const T> values) {
  if (static_cast<int64_t>(values.size()) != shape.size()) {
    throw ShapeError(absl::StrCat(values.size(), " values do not fill shape ",
                                  shape.ToString()));
  }
  Ref<Array> array = Array::New(kDTypeOf<T>, shape);
  std::copy(values.begin(), values.end(), static_cast<T*>(array->data()));
  return Tensor(std::move(array));
}

template Tensor FromSpan(const Shape&, absl::Span<const float>);
template Tensor FromSpan(const Shape&, absl::Span<const double>);
template Tensor FromSpan(const Shape&, absl::Span<const int32_t>);

std::string Signature(const Tensor& x) {
  if (!x.defined()) return "undefined";
  return absl::StrCat(Name(x.dtype()), " ", x.shape().ToString());
}

}  // namespace adjoint
