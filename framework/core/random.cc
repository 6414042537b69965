#include "framework/core/random.h"

#include <utility>

#include "framework/base/error.h"
#include "framework/base/vectorize.h"

namespace adjoint {
namespace {

// A tensor whose elements `fill(span)` writes.
template <class Fill>
Tensor Filled(const Shape& shape, DType dtype, Fill fill) {
  if (!IsFloat(dtype)) throw DTypeError("random: the dtype must be a float");
  Ref<Array> array = Array::New(dtype, shape);
  VisitFloat(dtype, [&](auto zero) {
    using T = decltype(zero);
    fill(absl::MakeSpan(static_cast<T*>(array->data()), shape.size()));
  });
  return Tensor(std::move(array));
}

}  // namespace

Tensor RandomUniform(const Shape& shape, double low, double high, Rng& rng,
                     DType dtype) {
  return Filled(shape, dtype,
                [&](auto out) { rng.FillUniform(out, low, high); });
}

Tensor RandomNormal(const Shape& shape, double mean, double stddev, Rng& rng,
                    DType dtype) {
  return Filled(shape, dtype,
                [&](auto out) { rng.FillNormal(out, mean, stddev); });
}

Tensor RandomBernoulli(const Shape& shape, double p, Rng& rng, DType dtype) {
  return Filled(shape, dtype, [&](auto out) {
    rng.FillUniform(out, 0, 1);
    WithWidestVectors([=] {
      const double bound = p;
      for (auto& v : out) v = v < bound ? 1 : 0;
    });
  });
}

}  // namespace adjoint
