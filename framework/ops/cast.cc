#include "framework/ops/cast.h"

#include <array>
#include <vector>

#include "framework/core/op.h"
#include "framework/kernels/elementwise.h"

namespace adjoint {
namespace {

// y = x in another float dtype
struct CastOp {
  DType dtype = DType::kF32;
  static constexpr auto kName = "cast", kDoc = "y = x as f32 or f64";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    VisitFloat(x.dtype(), [&](auto zero) {
      using From = decltype(zero);
      kernels::Map(x.data<From>(), y, [](From v) { return static_cast<T>(v); });
    });
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return Cast(dy, x.dtype());
  }
  static std::vector<Example<CastOp>> Examples() {
    // Differences are taken in f64, and so is the output.
    return {
        {.op = {DType::kF64}, .inputs = {Real({3, 4})}},
        {.op = {DType::kF64}, .inputs = {Real({})}},
        {.op = {DType::kF64}, .inputs = {Real({0, 2})}},
        {.op = {DType::kF64}, .inputs = {Real({512, 512})}, .timed = true},
        {.op = {DType::kI32},
         .inputs = {Real({3})},
         .error = "the dtype must be f32 or f64"},
    };
  }
};

// y = x as a float, of an integer x
struct CastIndexOp {
  DType dtype = DType::kF32;
  static constexpr auto kName = "cast_index",
                        kDoc = "y = x as f32 or f64, x i32";
  static constexpr Save kSave = Save::kNothing;
  static constexpr std::array kTakes = {Takes::kIndex};
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::Map(x.data<int32_t>(), y,
                 [](int32_t v) { return static_cast<T>(v); });
  }
  static std::vector<Example<CastIndexOp>> Examples() {
    return {
        {.inputs = {Index({3, 4}, 10)}},
        {.op = {DType::kF64}, .inputs = {Index({}, 10)}},
        {.inputs = {Index({0}, 10)}},
        {.op = {DType::kI32},
         .inputs = {Index({3}, 10)},
         .error = "the dtype must be f32 or f64"},
    };
  }
};

}  // namespace

Tensor Cast(const Tensor& x, DType dtype) {
  if (x.dtype() == dtype && IsFloat(dtype)) return x;
  return IsFloat(x.dtype()) ? Apply(CastOp{dtype}, x)
                            : Apply(CastIndexOp{dtype}, x);
}

}  // namespace adjoint
