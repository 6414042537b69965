// The ops of shape.h that cut, pad and join.
#include <array>
#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "framework/base/error.h"
#include "framework/core/memory.h"
#include "framework/core/op.h"
#include "framework/kernels/copy.h"
#include "framework/ops/shape.h"

namespace adjoint {
namespace {

// An array around one of its axes: [outer, n, inner].
struct AroundAxis {
  int64_t outer = 1, inner = 1;
  AroundAxis(const Shape& shape, int axis) {
    axis = shape.Axis(axis);
    for (int i = 0; i < axis; ++i) outer *= shape[i];
    for (int i = axis + 1; i < shape.rank(); ++i) inner *= shape[i];
  }
};

// The shape of the elements at [begin, end) along `axis`.
Shape SliceShape(const Shape& x, int axis, int64_t begin, int64_t end) {
  const int64_t extent = x[x.Axis(axis)];
  if (begin < 0 || begin > end || end > extent) {
    throw ShapeError(absl::StrCat("range [", begin, ",", end,
                                  ") is not within [0,", extent, ")"));
  }
  return x.With(axis, end - begin);
}

// y[i, ...] = x[begin + i, ...]: a slice that can share memory
struct RowsOp {
  int64_t begin = 0, end = 0;
  static constexpr auto kName = "rows", kDoc = "y = x[begin:end]";
  static constexpr Save kSave = Save::kNothing;
  static constexpr std::array kTakes = {Takes::kAny};
  Shape Infer(const Shape& x) const { return SliceShape(x, 0, begin, end); }
  int64_t Offset(const Shape& x) const { return begin * x.Without(0).size(); }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return Pad(dy, 0, begin, x.shape()[0] - end);
  }
  double Flops(const Shape&) const { return 0; }
  static std::vector<Example<RowsOp>> Examples() {
    return {
        {.op = {1, 3}, .inputs = {Real({4, 5})}},
        {.op = {2, 6}, .inputs = {Real({6})}},
        {.op = {0, 2}, .inputs = {Real({2, 3, 2})}},
        {.op = {3, 3}, .inputs = {Real({3, 2})}},
        {.op = {1, 2}, .inputs = {Real({3, 0})}},
        {.op = {128, 256}, .inputs = {Real({512, 1024})}, .timed = true},
        {.op = {1, 4},
         .inputs = {Real({3, 2})},
         .error = "range [1,4) is not within [0,3)"},
        {.op = {-1, 2},
         .inputs = {Real({3})},
         .error = "range [-1,2) is not within [0,3)"},
        {.op = {2, 1},
         .inputs = {Real({3})},
         .error = "range [2,1) is not within [0,3)"},
        {.op = {0, 1},
         .inputs = {Real({})},
         .error = "axis 0 is out of range for rank 0"},
    };
  }
};

// y[..., i, ...] = x[..., begin + i, ...]
struct SliceOp {
  int axis = 0;
  int64_t begin = 0, end = 0;
  static constexpr auto kName = "slice",
                        kDoc = "y = x[begin:end] along an axis";
  static constexpr Save kSave = Save::kNothing;
  static constexpr std::array kTakes = {Takes::kAny};
  Shape Infer(const Shape& x) const { return SliceShape(x, axis, begin, end); }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    const auto [outer, inner] = AroundAxis(x.shape(), axis);
    const int64_t n = (end - begin) * inner;
    kernels::CopyRows(x.data<T>().data() + begin * inner,
                      x.shape()[axis] * inner, y.data(), n, outer, n);
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return Pad(dy, axis, begin, x.shape()[axis] - end);
  }
  double Flops(const Shape&) const { return 0; }
  static std::vector<Example<SliceOp>> Examples() {
    return {
        {.op = {1, 1, 3}, .inputs = {Real({3, 4})}},
        {.op = {-1, 2, 5}, .inputs = {Real({2, 3, 5})}},
        {.op = {-2, 0, 2}, .inputs = {Real({2, 3, 4})}},
        {.op = {1, 2, 2}, .inputs = {Real({2, 3})}},
        {.op = {1, 0, 1}, .inputs = {Real({0, 3})}},
        {.op = {1, 256, 512}, .inputs = {Real({512, 1024})}, .timed = true},
        {.op = {1, 2, 5},
         .inputs = {Real({3, 4})},
         .error = "range [2,5) is not within [0,4)"},
        {.op = {2, 0, 1},
         .inputs = {Real({3, 4})},
         .error = "axis 2 is out of range for rank 2"},
    };
  }
};

// y[..., before + i, ...] = x[..., i, ...], else 0
struct PadOp {
  int axis = 0;
  int64_t before = 0, after = 0;
  static constexpr auto kName = "pad",
                        kDoc = "y = x between zeros along an axis";
  static constexpr Save kSave = Save::kNothing;
  static constexpr std::array kTakes = {Takes::kAny};
  Shape Infer(const Shape& x) const {
    if (before < 0 || after < 0) {
      throw ShapeError(absl::StrCat("negative padding: ", before, " before, ",
                                    after, " after"));
    }
    return x.With(axis, before + x[x.Axis(axis)] + after);
  }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    const auto [outer, inner] = AroundAxis(x.shape(), axis);
    kernels::PadRows(x.data<T>().data(), outer, x.shape()[axis] * inner,
                     before * inner, after * inner, y.data());
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return Slice(dy, axis, before, before + x.shape()[axis]);
  }
  double Flops(const Shape&) const { return 0; }
  static std::vector<Example<PadOp>> Examples() {
    return {
        {.op = {0, 1, 2}, .inputs = {Real({3, 2})}},
        {.op = {-1, 2, 0}, .inputs = {Real({2, 3})}},
        {.op = {1, 0, 3}, .inputs = {Real({2, 3, 2})}},
        {.op = {0, 0, 0}, .inputs = {Real({4})}},
        {.op = {0, 2, 1}, .inputs = {Real({0, 3})}},
        {.op = {1, 1, 1}, .inputs = {Real({0, 3})}},
        {.op = {1, 256, 256}, .inputs = {Real({512, 512})}, .timed = true},
        {.op = {0, -1, 2},
         .inputs = {Real({3})},
         .error = "negative padding: -1 before, 2 after"},
        {.op = {0, 1, 1},
         .inputs = {Real({})},
         .error = "axis 0 is out of range for rank 0"},
    };
  }
};

// y = x_0, x_1, ... along an axis
struct ConcatOp {
  int axis = 0;
  static constexpr auto kName = "concat",
                        kDoc = "y = x_0, x_1, ... along an axis";
  static constexpr Save kSave = Save::kNothing;
  static constexpr std::array kTakes = {Takes::kAny};
  Shape Infer(absl::Span<const Shape> xs) const {
    if (xs.empty()) throw ShapeError("there is nothing to join");
    int64_t extent = 0;
    for (const Shape& x : xs) {
      if (x.rank() != xs[0].rank() || x.With(axis, 0) != xs[0].With(axis, 0)) {
        throw ShapeError(
            absl::StrCat("shapes differ elsewhere than along axis ", axis));
      }
      extent += x[axis];
    }
    return xs[0].With(axis, extent);
  }
  template <class T>
  void Forward(absl::Span<const Tensor> xs, absl::Span<T> y) const {
    const auto [outer, inner] = AroundAxis(xs[0].shape(), axis);
    PooledVector<kernels::RowsOf<T>> parts;
    parts.reserve(xs.size());
    for (const Tensor& x : xs) {
      parts.push_back({x.data<T>().data(), x.shape()[axis] * inner});
    }
    kernels::ConcatRows<T>(parts, outer, y.data());
  }
  PooledVector<Tensor> Vjp(const Tensor& dy, const Tensor&,
                           absl::Span<const Tensor> xs,
                           absl::Span<const bool> needs) const {
    PooledVector<Tensor> dx(xs.size());
    int64_t begin = 0;
    for (size_t i = 0; i < xs.size(); ++i) {
      const int64_t end = begin + xs[i].shape()[axis];
      if (needs[i]) dx[i] = Slice(dy, axis, begin, end);
      begin = end;
    }
    return dx;
  }
  double Flops(absl::Span<const Shape>) const { return 0; }
  static std::vector<Example<ConcatOp>> Examples() {
    return {
        {.inputs = {Real({2, 3}), Real({1, 3})}},
        {.op = {-1}, .inputs = {Real({2, 1}), Real({2, 3}), Real({2, 2})}},
        {.op = {1}, .inputs = {Real({2, 3, 2}), Real({2, 1, 2})}},
        {.inputs = {Real({4})}},
        {.inputs = {Real({0, 2}), Real({3, 2}), Real({0, 2})}},
        {.op = {1}, .inputs = {Real({0, 2}), Real({0, 1})}},
        {.op = {1},
         .inputs = {Real({512, 512}), Real({512, 512})},
         .timed = true},
        {.inputs = {}, .error = "there is nothing to join"},
        {.inputs = {Real({2, 3}), Real({2, 4})},
         .error = "shapes differ elsewhere than along axis 0"},
        {.inputs = {Real({2, 3}), Real({2})},
         .error = "shapes differ elsewhere than along axis 0"},
        {.inputs = {Real({}), Real({})},
         .error = "axis 0 is out of range for rank 0"},
    };
  }
};

}  // namespace

Tensor Slice(const Tensor& x, int axis, int64_t begin, int64_t end) {
  if (axis == 0 || axis == -x.rank()) return Apply(RowsOp{begin, end}, x);
  return Apply(SliceOp{axis, begin, end}, x);
}

Tensor Pad(const Tensor& x, int axis, int64_t before, int64_t after) {
  return Apply(PadOp{axis, before, after}, x);
}

Tensor Concat(absl::Span<const Tensor> xs, int axis) {
  return Apply(ConcatOp{axis}, xs);
}

Tensor Stack(absl::Span<const Tensor> xs, int axis) {
  const auto refuse = [&](absl::string_view rule) {
    std::vector<const Tensor*> operands;
    for (const Tensor& x : xs) operands.push_back(&x);
    throw ShapeError(Explain("stack", rule, operands));
  };
  if (xs.empty()) refuse("there is nothing to join");
  const Shape& shape = xs[0].shape();
  const int rank = shape.rank() + 1;
  if (axis < -rank || axis >= rank) {
    refuse(absl::StrCat("axis ", axis, " is out of range for rank ", rank));
  }
  absl::InlinedVector<int64_t, Shape::kMaxRank> dims(shape.dims().begin(),
                                                     shape.dims().end());
  dims.insert(dims.begin() + (axis < 0 ? axis + rank : axis), 1);
  PooledVector<Tensor> slices;
  for (const Tensor& x : xs) {
    if (x.shape() != shape) refuse("shapes differ");
    slices.push_back(Reshape(x, Shape(dims)));
  }
  return Concat(slices, axis);
}

std::vector<Tensor> Split(const Tensor& x, absl::Span<const int64_t> sizes,
                          int axis) {
  std::vector<Tensor> pieces;
  int64_t begin = 0;
  for (int64_t size : sizes) {
    pieces.push_back(Slice(x, axis, begin, begin + size));
    begin += size;
  }
  const int64_t extent = x.shape()[x.shape().Axis(axis)];
  if (begin != extent) {
    throw ShapeError(Explain("split",
                             absl::StrCat("the sizes add up to ", begin,
                                          ", the axis is ", extent, " long"),
                             {&x}));
  }
  return pieces;
}

std::vector<Tensor> SplitEvenly(const Tensor& x, int64_t parts, int axis) {
  const int64_t extent = x.shape()[x.shape().Axis(axis)];
  if (parts < 1 || extent % parts != 0) {
    throw ShapeError(Explain(
        "split", absl::StrCat("an axis ", extent, " long in ", parts, " parts"),
        {&x}));
  }
  return Split(x, std::vector<int64_t>(parts, extent / parts), axis);
}

}  // namespace adjoint
