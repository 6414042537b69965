#include "framework/ops/pool.h"

#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "framework/core/op.h"
#include "framework/kernels/pool.h"

namespace adjoint {
namespace {

Tensor MaxPool2dGradient(const Tensor& x, const Tensor& dy,
                         const MaxPool2dOptions& options);
Tensor MaxPool2dGather(const Tensor& x, const Tensor& v,
                       const MaxPool2dOptions& options);
Tensor AvgPool2dGradient(const Tensor& dy, Extent2d input,
                         const AvgPool2dOptions& options);

kernels::Windows PoolAlong(const char* axis, int64_t extent, int64_t kernel,
                           int64_t stride, int64_t padding) {
  const kernels::Windows windows = WindowsAlong(
      axis, extent, kernel, stride == 0 ? kernel : stride, padding);
  if (extent < 1) {
    throw ShapeError(absl::StrCat("x has no elements along its ", axis));
  }
  if (2 * padding > kernel) {
    throw ShapeError(absl::StrCat("padding ", padding, " along the ", axis,
                                  " is more than half of the kernel's ",
                                  kernel));
  }
  return windows;
}

// The extents of a pooling of x.
template <class Options>
kernels::Pool2dShape Extents(const Shape& x, const Options& options) {
  if (x.rank() != 4) throw ShapeError("x [n,c,h,w] wanted");
  return {x[0] * x[1],
          PoolAlong("height", x[2], options.kernel.h, options.stride.h,
                    options.padding.h),
          PoolAlong("width", x[3], options.kernel.w, options.stride.w,
                    options.padding.w)};
}

template <class Options>
Shape OutputShape(const Shape& x, const Options& options) {
  const kernels::Pool2dShape s = Extents(x, options);
  return {x[0], x[1], s.h.count, s.w.count};
}

template <class Options>
void ExpectOutput(const Shape& dy, const Shape& x, const Options& options) {
  const Shape y = OutputShape(x, options);
  if (dy != y) {
    throw ShapeError(absl::StrCat("dy is not the result ", y.ToString(),
                                  " of x ", x.ToString()));
  }
}

double WindowElements(const Shape& y, Extent2d kernel) {
  return 1.0 * y.size() * kernel.h * kernel.w;
}

// y[n,c,r,q] = max over i, j of x[n,c,r sh + i - ph,q sw + j - pw]
struct MaxPool2dOp {
  MaxPool2dOptions options = {.kernel = 2};
  static constexpr auto kName = "max_pool2d", kDoc = "y = max over each window";
  static constexpr Save kSave = Save::kInput0;
  Shape Infer(const Shape& x) const {
    const Shape y = OutputShape(x, options);
    if (x[2] * x[3] >> 31 != 0) {
      throw ShapeError("an image has 2^31 elements or more");
    }
    return y;
  }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::MaxPool2d(Extents(x.shape(), options), x.data<T>().data(),
                       y.data());
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return MaxPool2dGradient(x, dy, options);
  }
  double Flops(const Shape& x) const {
    return WindowElements(Infer(x), options.kernel);
  }
  static std::vector<Example<MaxPool2dOp>> Examples() {
    return {
        {.inputs = {Distinct({2, 3, 4, 6})}},
        {.inputs = {Distinct({1, 2, 5, 3})}},
        {.op = {{.kernel = 3, .stride = 2, .padding = 1}},
         .inputs = {Distinct({2, 1, 5, 6})}},
        {.op = {{.kernel = {2, 3}, .stride = {1, 4}, .padding = {1, 0}}},
         .inputs = {Distinct({1, 2, 3, 8})}},
        {.op = {{.kernel = {1, 5}, .stride = 1, .padding = {0, 2}}},
         .inputs = {Distinct({1, 1, 2, 1})}},
        {.inputs = {Distinct({0, 3, 4, 4})}},
        {.inputs = {Distinct({64, 64, 24, 24})}, .timed = true},
        {.op = {{.kernel = 3, .stride = 2, .padding = 1}},
         .inputs = {Distinct({16, 64, 56, 56})},
         .timed = true},
        {.inputs = {Real({3, 4, 4})}, .error = "x [n,c,h,w] wanted"},
        {.op = {{.kernel = {3, 2}, .padding = {1, 2}}},
         .inputs = {Real({1, 1, 4, 4})},
         .error = "padding 2 along the width is more than half of the kernel's "
                  "2: f32 [1,1,4,4]"},
        {.op = {{.kernel = 2, .padding = 1}},
         .inputs = {Real({1, 1, 0, 4})},
         .error = "x has no elements along its height"},
        {.op = {{.kernel = 1}},
         .inputs = {Real({0, 1, 65536, 32768})},
         .error = "an image has 2^31 elements or more"},
    };
  }
};

// dx = dy at the place of each window's maximum in x, summed, else 0
struct MaxPool2dGradientOp {
  MaxPool2dOptions options = {.kernel = 2};
  static constexpr auto kName = "max_pool2d_gradient",
                        kDoc = "dx = dy added at the maxima of x";
  static constexpr Save kSave = Save::kInput0;
  Shape Infer(const Shape& x, const Shape& dy) const {
    MaxPool2dOp{options}.Infer(x);
    ExpectOutput(dy, x, options);
    return x;
  }
  template <class T>
  void Forward(const Tensor& x, const Tensor& dy, absl::Span<T> dx) const {
    kernels::MaxPool2dGradient(Extents(x.shape(), options), x.data<T>().data(),
                               dy.data<T>().data(), dx.data());
  }
  // Where the maxima are does not change with x, but at a kink.
  std::array<Tensor, 2> Vjp(const Tensor& dx, const Tensor&, const Tensor& x,
                            const Tensor&) const {
    return {Tensor(), MaxPool2dGather(x, dx, options)};
  }
  double Flops(const Shape&, const Shape& dy) const {
    return WindowElements(dy, options.kernel);
  }
  static std::vector<Example<MaxPool2dGradientOp>> Examples() {
    return {
        {.inputs = {Distinct({2, 3, 4, 6}), Real({2, 3, 2, 3})}},
        {.op = {{.kernel = 3, .stride = 2, .padding = 1}},
         .inputs = {Distinct({2, 1, 5, 6}), Real({2, 1, 3, 3})}},
        {.op = {{.kernel = {2, 3}, .stride = {1, 4}, .padding = {1, 0}}},
         .inputs = {Distinct({1, 2, 3, 8}), Real({1, 2, 4, 2})}},
        {.inputs = {Distinct({2, 0, 4, 4}), Real({2, 0, 2, 2})}},
        {.inputs = {Real({1, 1, 4, 4}), Real({1, 1, 2, 3})},
         .error = "dy is not the result [1,1,2,2] of x [1,1,4,4]"},
    };
  }
};

// y = v at the place of each window's maximum in x
struct MaxPool2dGatherOp {
  MaxPool2dOptions options = {.kernel = 2};
  static constexpr auto kName = "max_pool2d_gather",
                        kDoc = "y = v at the maxima of x";
  static constexpr Save kSave = Save::kInput0;
  Shape Infer(const Shape& x, const Shape& v) const {
    if (v != x) throw ShapeError("x and v differ in shape");
    return MaxPool2dOp{options}.Infer(x);
  }
  template <class T>
  void Forward(const Tensor& x, const Tensor& v, absl::Span<T> y) const {
    kernels::MaxPool2dGather(Extents(x.shape(), options), x.data<T>().data(),
                             v.data<T>().data(), y.data());
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&, const Tensor& x,
                            const Tensor&) const {
    return {Tensor(), MaxPool2dGradient(x, dy, options)};
  }
  double Flops(const Shape& x, const Shape&) const {
    return MaxPool2dOp{options}.Flops(x);
  }
  static std::vector<Example<MaxPool2dGatherOp>> Examples() {
    return {
        {.inputs = {Distinct({2, 3, 4, 6}), Real({2, 3, 4, 6})}},
        {.op = {{.kernel = 3, .stride = 2, .padding = 1}},
         .inputs = {Distinct({2, 1, 5, 6}), Real({2, 1, 5, 6})}},
        {.op = {{.kernel = {2, 3}, .stride = {1, 4}, .padding = {1, 0}}},
         .inputs = {Distinct({1, 2, 3, 8}), Real({1, 2, 3, 8})}},
        {.inputs = {Real({1, 1, 4, 4}), Real({1, 1, 4, 5})},
         .error = "x and v differ in shape"},
    };
  }
};

// y[n,c,r,q] = mean over i, j of x[n,c,r sh + i - ph,q sw + j - pw]
struct AvgPool2dOp {
  AvgPool2dOptions options = {.kernel = 2};
  static constexpr auto kName = "avg_pool2d",
                        kDoc = "y = mean over each window";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& x) const { return OutputShape(x, options); }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::AvgPool2d(Extents(x.shape(), options), options.count_include_pad,
                       x.data<T>().data(), y.data());
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor& x) const {
    return AvgPool2dGradient(dy, {x.shape()[2], x.shape()[3]}, options);
  }
  double Flops(const Shape& x) const {
    return WindowElements(Infer(x), options.kernel);
  }
  static std::vector<Example<AvgPool2dOp>> Examples() {
    return {
        {.inputs = {Real({2, 3, 4, 6})}},
        {.inputs = {Real({1, 2, 5, 3})}},
        {.op = {{.kernel = 3, .stride = 2, .padding = 1}},
         .inputs = {Real({2, 1, 5, 6})}},
        {.op = {{.kernel = {2, 3},
                 .stride = {1, 4},
                 .padding = {1, 1},
                 .count_include_pad = false}},
         .inputs = {Real({1, 2, 3, 8})}},
        {.inputs = {Real({0, 3, 4, 4})}},
        {.inputs = {Real({64, 64, 24, 24})}, .timed = true},
        {.inputs = {Real({3, 4, 4})}, .error = "x [n,c,h,w] wanted"},
    };
  }
};

// dx = each dy spread evenly over its window
struct AvgPool2dGradientOp {
  Extent2d input = 0;
  AvgPool2dOptions options = {.kernel = 2};
  static constexpr auto kName = "avg_pool2d_gradient",
                        kDoc = "dx = dy spread over its windows";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& dy) const {
    if (dy.rank() != 4) throw ShapeError("dy [n,c,oh,ow] wanted");
    const Shape x = {dy[0], dy[1], input.h, input.w};
    ExpectOutput(dy, x, options);
    return x;
  }
  template <class T>
  void Forward(const Tensor& dy, absl::Span<T> dx) const {
    const Shape x = Infer(dy.shape());
    kernels::AvgPool2dGradient(Extents(x, options), options.count_include_pad,
                               dy.data<T>().data(), dx.data());
  }
  Tensor Vjp(const Tensor& dx, const Tensor&, const Tensor&) const {
    return AvgPool2d(dx, options);
  }
  double Flops(const Shape& dy) const {
    return WindowElements(dy, options.kernel);
  }
  static std::vector<Example<AvgPool2dGradientOp>> Examples() {
    return {
        {.op = {{4, 6}}, .inputs = {Real({2, 3, 2, 3})}},
        {.op = {{5, 6}, {.kernel = 3, .stride = 2, .padding = 1}},
         .inputs = {Real({2, 1, 3, 3})}},
        {.op = {{3, 8},
                {.kernel = {2, 3},
                 .stride = {1, 4},
                 .padding = {1, 1},
                 .count_include_pad = false}},
         .inputs = {Real({1, 2, 4, 2})}},
        {.op = {4}, .inputs = {Real({0, 3, 2, 2})}},
        {.op = {4},
         .inputs = {Real({1, 1, 2, 3})},
         .error = "dy is not the result [1,1,2,2] of x [1,1,4,4]"},
        {.op = {4},
         .inputs = {Real({1, 2, 2})},
         .error = "dy [n,c,oh,ow] wanted"},
    };
  }
};

Tensor MaxPool2dGradient(const Tensor& x, const Tensor& dy,
                         const MaxPool2dOptions& options) {
  return Apply(MaxPool2dGradientOp{options}, x, dy);
}

Tensor MaxPool2dGather(const Tensor& x, const Tensor& v,
                       const MaxPool2dOptions& options) {
  return Apply(MaxPool2dGatherOp{options}, x, v);
}

Tensor AvgPool2dGradient(const Tensor& dy, Extent2d input,
                         const AvgPool2dOptions& options) {
  return Apply(AvgPool2dGradientOp{input, options}, dy);
}

}  // namespace

Tensor MaxPool2d(const Tensor& x, const MaxPool2dOptions& options) {
  return Apply(MaxPool2dOp{options}, x);
}

Tensor AvgPool2d(const Tensor& x, const AvgPool2dOptions& options) {
  return Apply(AvgPool2dOp{options}, x);
}

}  // namespace adjoint
