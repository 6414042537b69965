#include "framework/ops/matmul.h"

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "framework/core/op.h"
#include "framework/kernels/gemm.h"
#include "framework/ops/reduce.h"
#include "framework/ops/shape.h"

namespace adjoint {
namespace {

// The axes of a batch of matrices: those before the last two.
absl::Span<const int64_t> BatchAxes(const Shape& x) {
  return x.dims().subspan(0, x.rank() - 2);
}

// batch [...] of matrices [m,n] -> [...,m,n]
Shape Matrices(absl::Span<const int64_t> batch, int64_t m, int64_t n) {
  if (batch.empty()) return {m, n};
  std::vector<int64_t> dims(batch.begin(), batch.end());
  dims.insert(dims.end(), {m, n});
  return Shape(dims);
}

// A' B, for A [k,m] and B [k,n].
void MultiplyFactors(const Array& a, const Array& b, void* product) {
  const int64_t k = a.shape()[0], m = a.shape()[1], n = b.shape()[1];
  VisitFloat(a.dtype(), [&](auto zero) {
    using T = decltype(zero);
    kernels::Gemm<T>(m, n, k, {static_cast<const T*>(a.data()), m, true},
                     {static_cast<const T*>(b.data()), n},
                     static_cast<T*>(product), n);
  });
}

// C = op(A) op(B), op an optional transpose; a matrix beside a batch of them
// meets each
struct MatMulOp {
  bool transpose_a = false;
  bool transpose_b = false;
  static constexpr auto kName = "matmul", kDoc = "C = op(A) op(B)";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& a, const Shape& b) const {
    if (a.rank() < 2 || b.rank() < 2) {
      throw ShapeError("both operands must be matrices or batches of them");
    }
    const auto [m, k, n] = Extents(a, b);
    if (k != b[transpose_b ? -1 : -2]) {
      throw ShapeError(absl::StrCat("inner dimensions differ, ", k, " and ",
                                    b[transpose_b ? -1 : -2],
                                    transpose_a ? ", a transposed" : "",
                                    transpose_b ? ", b transposed" : ""));
    }
    if (a.rank() > 2 && b.rank() > 2 && BatchAxes(a) != BatchAxes(b)) {
      throw ShapeError("batches differ");
    }
    return Matrices(BatchAxes(a.rank() > 2 ? a : b), m, n);
  }
  template <class T>
  void Forward(const Tensor& a, const Tensor& b, absl::Span<T> c) const {
    if (c.empty()) return;
    const auto [m, k, n] = Extents(a.shape(), b.shape());
    kernels::GemmBatched<T>(static_cast<int64_t>(c.size()) / (m * n), m, n, k,
                            {a.data<T>().data(), a.shape()[-1], transpose_a},
                            a.rank() > 2 ? m * k : 0,
                            {b.data<T>().data(), b.shape()[-1], transpose_b},
                            b.rank() > 2 ? k * n : 0, c.data(), n, m * n);
  }
  // A' B, what a weight's gradient is, unless its elements are fewer than it
  // takes to be worth a header, or take so long that nobody minds one pass over
  // them more; neither those nor a single row or column would be summed in the
  // same order by GemmAdd (kernels/gemm.h).
  Ref<Array> Defer(const Tensor& a, const Tensor& b) const {
    constexpr int64_t kWorthwhile = 1024, kDeepest = 512;
    if (a.rank() > 2 || b.rank() > 2) return nullptr;
    const auto [m, k, n] = Extents(a.shape(), b.shape());
    if (m * n < kWorthwhile || k == 0 || k > kDeepest) return nullptr;
    // A vector is its own transpose.
    const auto row = [](const Tensor& x) {
      return x.shape()[0] == 1 ? x.array()
                               : Array::View(x.array(), {1, x.size()}, 0);
    };
    if (k == 1) return Array::Product(row(a), row(b), &MultiplyFactors);
    if (!transpose_a || transpose_b || m == 1 || n == 1) return nullptr;
    return Array::Product(a.array(), b.array(), &MultiplyFactors);
  }
  // C = A B gives dA = dC B', dB = A' dC; a transposed operand's gradient is
  // the transpose of that, which swaps the factors.
  std::array<Tensor, 2> Vjp(const Tensor& dc, const Tensor&, const Tensor& a,
                            const Tensor& b, std::array<bool, 2> needs) const {
    Tensor da, db;
    if (needs[0]) {
      da = transpose_a ? MatMul(b, dc, {transpose_b, true})
                       : MatMul(dc, b, {false, !transpose_b});
    }
    if (needs[1]) {
      db = transpose_b ? MatMul(dc, a, {true, transpose_a})
                       : MatMul(a, dc, {!transpose_a, false});
    }
    return {std::move(da), std::move(db)};
  }
  double Flops(const Shape& a, const Shape& b) const {
    return 2.0 * static_cast<double>(Infer(a, b).size()) *
           static_cast<double>(Extents(a, b)[1]);
  }
  // m, k and n.
  std::array<int64_t, 3> Extents(const Shape& a, const Shape& b) const {
    return {a[transpose_a ? -1 : -2], a[transpose_a ? -2 : -1],
            b[transpose_b ? -2 : -1]};
  }
  static std::vector<Example<MatMulOp>> Examples() {
    return {
        {.inputs = {Real({3, 4}), Real({4, 2})}},
        {.op = {true, false}, .inputs = {Real({4, 3}), Real({4, 2})}},
        {.op = {false, true}, .inputs = {Real({3, 4}), Real({2, 4})}},
        {.op = {true, true}, .inputs = {Real({4, 3}), Real({2, 4})}},
        {.inputs = {Real({1, 5}), Real({5, 1})}},
        {.inputs = {Real({5, 1}), Real({1, 5})}},
        {.inputs = {Real({32, 1}), Real({1, 33})}},
        {.op = {true, true}, .inputs = {Real({1, 33}), Real({32, 1})}},
        {.inputs = {Real({3, 0}), Real({0, 2})}},
        {.inputs = {Real({0, 3}), Real({3, 2})}},
        {.inputs = {Real({2, 3, 4}), Real({2, 4, 5})}},
        {.op = {true, false}, .inputs = {Real({2, 4, 3}), Real({2, 4, 5})}},
        {.op = {false, true}, .inputs = {Real({2, 3, 4}), Real({2, 5, 4})}},
        {.op = {true, true}, .inputs = {Real({2, 4, 3}), Real({2, 5, 4})}},
        {.inputs = {Real({2, 3, 1, 4}), Real({2, 3, 4, 2})}},
        {.inputs = {Real({3, 4}), Real({2, 4, 5})}},
        {.op = {true, false}, .inputs = {Real({4, 3}), Real({2, 4, 5})}},
        {.op = {false, true}, .inputs = {Real({2, 3, 4}), Real({5, 4})}},
        {.op = {true, true}, .inputs = {Real({2, 4, 3}), Real({5, 4})}},
        {.inputs = {Real({0, 3, 4}), Real({4, 2})}},
        {.inputs = {Real({2, 3, 0}), Real({2, 0, 4})}},
        {.inputs = {Real({128, 784}), Real({784, 128})}, .timed = true},
        {.op = {false, true},
         .inputs = {Real({32, 128, 64}), Real({32, 128, 64})},
         .timed = true},
        {.inputs = {Real({512, 512}), Real({512, 512})}, .timed = true},
        {.inputs = {Real({3, 4}), Real({5, 2})},
         .error = "inner dimensions differ, 4 and 5: f32 [3,4], f32 [5,2]"},
        {.op = {true, false},
         .inputs = {Real({3, 4}), Real({4, 2})},
         .error = "inner dimensions differ, 3 and 4, a transposed"},
        {.inputs = {Real({3}), Real({3, 2})},
         .error = "both operands must be matrices or batches of them"},
        {.inputs = {Real({2, 3, 4}), Real({3, 4, 5})},
         .error = "batches differ"},
    };
  }
};

// y = x w' + b
struct LinearOp {
  static constexpr auto kName = "linear", kDoc = "y = x w' + b";
  static constexpr Save kSave = Save::kInput0 | Save::kInput1;
  Shape Infer(const Shape& x, const Shape& w, const Shape& b) const {
    if (x.rank() < 1 || w.rank() != 2 || b.rank() != 1) {
      throw ShapeError("x [..., in], w [out,in] and b [out] wanted");
    }
    if (x[-1] != w[1]) {
      throw ShapeError(
          absl::StrCat("x has ", x[-1], " features, w takes ", w[1]));
    }
    if (b[0] != w[0]) {
      throw ShapeError(
          absl::StrCat("b has ", b[0], " elements, w has ", w[0], " rows"));
    }
    return x.With(-1, w[0]);
  }
  template <class T>
  void Forward(const Tensor& x, const Tensor& w, const Tensor& b,
               absl::Span<T> y) const {
    const int64_t out = w.shape()[0], in = w.shape()[1];
    const int64_t rows = Rows(x.shape());
    kernels::Gemm<T>(rows, out, in, {x.data<T>().data(), in},
                     {w.data<T>().data(), in, true}, y.data(), out,
                     b.data<T>().data());
  }
  std::array<Tensor, 3> Vjp(const Tensor& dy, const Tensor&, const Tensor& x,
                            const Tensor& w, const Tensor& b,
                            std::array<bool, 3> needs) const {
    const Tensor dy2 = Matrix(dy);
    Tensor dx, dw, db;
    if (needs[0]) {
      dx = MatMul(dy2, w);
      if (x.rank() != 2) dx = Reshape(dx, x.shape());
    }
    if (needs[1]) dw = MatMul(dy2, Matrix(x), {.transpose_a = true});
    if (needs[2]) db = SumTo(dy2, b.shape());
    return {std::move(dx), std::move(dw), std::move(db)};
  }
  double Flops(const Shape& x, const Shape& w, const Shape&) const {
    return 2.0 * static_cast<double>(x.size()) * static_cast<double>(w[0]);
  }
  // The number of rows of `x` [..., n] as a matrix, and that matrix: for most
  // it is `x` itself.
  static int64_t Rows(const Shape& x) { return x.Without(-1).size(); }
  static Tensor Matrix(const Tensor& x) {
    return x.rank() == 2 ? x : Reshape(x, {Rows(x.shape()), x.shape()[-1]});
  }
  static std::vector<Example<LinearOp>> Examples() {
    return {
        {.inputs = {Real({3, 4}), Real({2, 4}), Real({2})}},
        {.inputs = {Real({4}), Real({2, 4}), Real({2})}},
        {.inputs = {Real({2, 3, 4}), Real({5, 4}), Real({5})}},
        {.inputs = {Real({1, 1}), Real({1, 1}), Real({1})}},
        {.inputs = {Real({0, 4}), Real({2, 4}), Real({2})}},
        {.inputs = {Real({3, 0}), Real({2, 0}), Real({2})}},
        {.inputs = {Real({128, 784}), Real({128, 784}), Real({128})},
         .timed = true},
        {.inputs = {Real({3, 4}), Real({2, 5}), Real({2})},
         .error = "x has 4 features, w takes 5"},
        {.inputs = {Real({3, 4}), Real({2, 4}), Real({3})},
         .error = "b has 3 elements, w has 2 rows"},
        {.inputs = {Real({}), Real({2, 4}), Real({2})},
         .error = "x [..., in], w [out,in] and b [out] wanted"},
    };
  }
};

// MatMul where both have rank above 2.
Tensor MatMulOfBatches(const Tensor& a, const Tensor& b, const MatMulOp& op) {
  const absl::Span<const int64_t> batch_a = BatchAxes(a.shape());
  const absl::Span<const int64_t> batch_b = BatchAxes(b.shape());
  if (batch_a == batch_b) return Apply(op, a, b);
  const std::optional<Shape> batch =
      BroadcastShapes(Shape(batch_a), Shape(batch_b));
  if (!batch) return Apply(op, a, b);  // Throws.
  const auto stretched = [&](const Tensor& x) {
    return BroadcastTo(x,
                       Matrices(batch->dims(), x.shape()[-2], x.shape()[-1]));
  };
  return Apply(op, stretched(a), stretched(b));
}

}  // namespace

Tensor MatMul(const Tensor& a, const Tensor& b, MatMulOptions options) {
  const MatMulOp op = {options.transpose_a, options.transpose_b};
  const auto is_batch = [](const Tensor& x) {
    return x.defined() && x.rank() > 2;
  };
  if (!is_batch(a) && !is_batch(b)) return Apply(op, a, b);
  if (is_batch(a) && is_batch(b)) return MatMulOfBatches(a, b, op);
  // The rows of a batch that meet one matrix are the rows of one matrix.
  if (is_batch(a) && b.defined() && b.rank() == 2 && !op.transpose_a &&
      a.shape()[-1] == b.shape()[op.transpose_b]) {
    const Shape shape = op.Infer(a.shape(), b.shape());
    const Tensor rows =
        Reshape(a, {a.shape().Without(-1).size(), a.shape()[-1]});
    return Reshape(Apply(op, rows, b), shape);
  }
  return Apply(op, a, b);
}

Tensor Linear(const Tensor& x, const Tensor& w, const Tensor& b) {
  return Apply(LinearOp{}, x, w, b);
}

Tensor Linear(const Tensor& x, const Tensor& w) {
  if (x.rank() == 0 || w.rank() != 2) {
    throw ShapeError(
        Explain("linear", "x [..., in] and w [out,in] wanted", {&x, &w}));
  }
  if (x.rank() == 2) return MatMul(x, w, {.transpose_b = true});
  return Reshape(MatMul(LinearOp::Matrix(x), w, {.transpose_b = true}),
                 x.shape().With(-1, w.shape()[0]));
}

}  // namespace adjoint
