#include "framework/ops/index.h"

#include <algorithm>
#include <array>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "framework/base/error.h"
#include "framework/core/op.h"
#include "framework/kernels/index.h"
#include "framework/ops/check_indices.h"

namespace adjoint {
namespace {

// The extents of a and then those of b.
Shape Join(absl::Span<const int64_t> a, absl::Span<const int64_t> b) {
  absl::InlinedVector<int64_t, Shape::kMaxRank> dims(a.begin(), a.end());
  dims.insert(dims.end(), b.begin(), b.end());
  return Shape(dims);
}

// y[p..., i...] = table[indices[p...], i...]
struct GatherOp {
  static constexpr auto kName = "gather", kDoc = "y[p] = table[indices[p]]";
  static constexpr Save kSave = Save::kInput1;
  static constexpr std::array kTakes = {Takes::kAny, Takes::kIndex};
  Shape Infer(const Shape& table, const Shape& indices) const {
    if (table.rank() == 0) throw ShapeError("the table has no rows");
    return Join(indices.dims(), table.dims().subspan(1));
  }
  void Check(const Tensor& table, const Tensor& indices) const {
    CheckIndices(indices, table.shape()[0], "index");
  }
  template <class T>
  void Forward(const Tensor& table, const Tensor& indices,
               absl::Span<T> y) const {
    kernels::GatherRows(table.data<T>().data(), indices.data<int32_t>(),
                        table.shape().Without(0).size(), y.data());
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&,
                            const Tensor& table, const Tensor& indices) const {
    return {ScatterAddRows(dy, indices, table.shape()[0]), Tensor()};
  }
  double Flops(const Shape&, const Shape&) const { return 0; }
  static std::vector<Example<GatherOp>> Examples() {
    return {
        {.inputs = {Real({5, 3}), Index({4}, 5)}},
        {.inputs = {Real({5, 2, 3}), Index({2, 4}, 5)}},
        {.inputs = {Real({6}), Index({3}, 6)}},
        {.inputs = {Real({4, 3}), Index({}, 4)}},
        {.inputs = {Real({4, 3}), Index({0, 2}, 4)}},
        {.inputs = {Real({4, 0}), Index({3}, 4)}},
        {.inputs = {Real({10000, 128}), Index({32, 64}, 10000)}, .timed = true},
        {.inputs = {Real({}), Index({3}, 1)}, .error = "the table has no rows"},
        {.inputs = {Real({0, 3}), Index({2}, 1)},
         .error = "index 0 at [0] is not in [0, 0)"},
        {.inputs = {Real({5, 3}), Real({4})}, .error = "operand 1 must be i32"},
    };
  }
};

// y[r, i...] = sum of x[p..., i...] over all p with indices[p...] == r
struct ScatterAddRowsOp {
  int64_t rows = 0;
  static constexpr auto kName = "scatter_add_rows",
                        kDoc = "y[r] = sum of x[p] over indices[p] = r";
  static constexpr Save kSave = Save::kInput1;
  static constexpr std::array kTakes = {Takes::kFloat, Takes::kIndex};
  Shape Infer(const Shape& x, const Shape& indices) const {
    const size_t rank = indices.rank();
    if (x.dims().subspan(0, std::min(rank, x.dims().size())) !=
        indices.dims()) {
      throw ShapeError("x does not begin with the axes of the indices");
    }
    const int64_t extent[] = {rows};
    return Join(extent, x.dims().subspan(rank));
  }
  void Check(const Tensor&, const Tensor& indices) const {
    CheckIndices(indices, rows, "index");
  }
  template <class T>
  void Forward(const Tensor& x, const Tensor& indices, absl::Span<T> y) const {
    int64_t n = 1;
    for (int i = indices.rank(); i < x.rank(); ++i) n *= x.shape()[i];
    kernels::ScatterAddRows(x.data<T>().data(), indices.data<int32_t>(), rows,
                            n, y.data());
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&, const Tensor&,
                            const Tensor& indices) const {
    return {Gather(dy, indices), Tensor()};
  }
  double Flops(const Shape& x, const Shape&) const { return x.size(); }
  static std::vector<Example<ScatterAddRowsOp>> Examples() {
    return {
        {.op = {5}, .inputs = {Real({4, 3}), Index({4}, 5)}},
        {.op = {2}, .inputs = {Real({9, 3}), Index({9}, 2)}},
        {.op = {5}, .inputs = {Real({2, 4, 3, 2}), Index({2, 4}, 5)}},
        {.op = {3}, .inputs = {Real({6}), Index({6}, 3)}},
        {.op = {4}, .inputs = {Real({3}), Index({}, 4)}},
        {.op = {4}, .inputs = {Real({0, 3}), Index({0}, 4)}},
        {.op = {4}, .inputs = {Real({3, 0}), Index({3}, 4)}},
        {.op = {10000},
         .inputs = {Real({32, 64, 128}), Index({32, 64}, 10000)},
         .timed = true},
        {.op = {5},
         .inputs = {Real({4, 3}), Index({3}, 5)},
         .error = "x does not begin with the axes of the indices"},
        {.op = {5},
         .inputs = {Real({4}), Index({4, 1}, 5)},
         .error = "x does not begin with the axes of the indices"},
        {.op = {0},
         .inputs = {Real({1, 2, 3}), Index({1, 2}, 1)},
         .error = "index 0 at [0,0] is not in [0, 0)"},
        {.op = {-1},
         .inputs = {Real({0, 3}), Index({0}, 1)},
         .error = "not a shape: [-1,3]"},
    };
  }
};

// y[p..., i] = 1 if i == indices[p...], else 0
struct OneHotOp {
  int64_t depth = 0;
  DType dtype = DType::kF32;
  static constexpr auto kName = "one_hot",
                        kDoc = "y[p,i] = 1 if i = indices[p], else 0";
  static constexpr Save kSave = Save::kNothing;
  static constexpr std::array kTakes = {Takes::kIndex};
  Shape Infer(const Shape& indices) const {
    const int64_t extent[] = {depth};
    return Join(indices.dims(), extent);
  }
  void Check(const Tensor& indices) const {
    CheckIndices(indices, depth, "index");
  }
  template <class T>
  void Forward(const Tensor& indices, absl::Span<T> y) const {
    kernels::OneHotRows(indices.data<int32_t>(), depth, y.data());
  }
  double Flops(const Shape&) const { return 0; }
  static std::vector<Example<OneHotOp>> Examples() {
    return {
        {.op = {4}, .inputs = {Index({5}, 4)}},
        {.op = {3}, .inputs = {Index({}, 3)}},
        {.op = {4, DType::kF64}, .inputs = {Index({2, 3}, 4)}},
        {.op = {4}, .inputs = {Index({0}, 4)}},
        {.op = {0}, .inputs = {Index({2, 0}, 1)}},
        {.op = {1000}, .inputs = {Index({512}, 1000)}, .timed = true},
        {.op = {0},
         .inputs = {Index({3}, 1)},
         .error = "index 0 at [0] is not in [0, 0)"},
        {.op = {4}, .inputs = {Real({3})}, .error = "operand 0 must be i32"},
        {.op = {4, DType::kI32},
         .inputs = {Index({3}, 4)},
         .error = "the dtype must be f32 or f64"},
    };
  }
};

}  // namespace

Tensor Gather(const Tensor& table, const Tensor& indices) {
  return Apply(GatherOp{}, table, indices);
}

Tensor ScatterAddRows(const Tensor& x, const Tensor& indices, int64_t rows) {
  return Apply(ScatterAddRowsOp{rows}, x, indices);
}

Tensor OneHot(const Tensor& indices, int64_t depth, DType dtype) {
  return Apply(OneHotOp{depth, dtype}, indices);
}

}  // namespace adjoint
