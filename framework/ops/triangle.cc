// The ops of shape.h that take triangles of matrices.
#include "framework/kernels/triangle.h"

#include <array>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "framework/base/error.h"
#include "framework/core/op.h"
#include "framework/ops/shape.h"

namespace adjoint {
namespace {

// y[...,i,j] = x[...,i,j] where j - i <= d (lower) or >= d (upper), else 0
template <bool kUpper>
struct TriangleOp {
  int64_t diagonal = 0;
  static constexpr auto kName = kUpper ? "triu" : "tril",
                        kDoc = kUpper ? "y = x where j - i >= diagonal, else 0"
                                      : "y = x where j - i <= diagonal, else 0";
  static constexpr Save kSave = Save::kNothing;
  static constexpr std::array kTakes = {Takes::kAny};
  Shape Infer(const Shape& x) const {
    if (x.rank() < 2) throw ShapeError("a matrix or a batch of them wanted");
    return x;
  }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    if (y.empty()) return;
    const int64_t m = x.shape()[-2], n = x.shape()[-1];
    kernels::Triangle(x.data<T>().data(), x.size() / (m * n), m, n, diagonal,
                      kUpper, y.data());
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor&) const {
    return kUpper ? Triu(dy, diagonal) : Tril(dy, diagonal);
  }
  double Flops(const Shape&) const { return 0; }
  static std::vector<Example<TriangleOp>> Examples() {
    return {
        {.inputs = {Real({4, 4})}},
        {.op = {1}, .inputs = {Real({3, 5})}},
        {.op = {-2}, .inputs = {Real({5, 3})}},
        {.op = {-1}, .inputs = {Real({2, 1, 3, 4})}},
        {.op = {9}, .inputs = {Real({2, 3})}},
        {.op = {-9}, .inputs = {Real({2, 3})}},
        {.inputs = {Real({0, 3})}},
        {.inputs = {Real({2, 3, 0})}},
        {.inputs = {Real({32, 128, 128})}, .timed = true},
        {.inputs = {Real({3})}, .error = "a matrix or a batch of them wanted"},
    };
  }
};

}  // namespace

Tensor Tril(const Tensor& x, int64_t diagonal) {
  return Apply(TriangleOp<false>{diagonal}, x);
}

Tensor Triu(const Tensor& x, int64_t diagonal) {
  return Apply(TriangleOp<true>{diagonal}, x);
}

}  // namespace adjoint
