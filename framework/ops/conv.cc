#include "framework/ops/conv.h"

#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "framework/core/op.h"
#include "framework/kernels/conv.h"
#include "framework/ops/reduce.h"
#include "framework/ops/shape.h"

// y, dx and dw are the three partial adjoints of one trilinear form
// (kernels/conv.h), each linear in both of its operands. So the gradients of
// any of the three ops are the other two.
namespace adjoint {
namespace {

// The extents of a convolution. Throws ShapeError if x and w do not fit.
kernels::Conv2dShape Extents(const Shape& x, const Shape& w,
                             const Conv2dOptions& options) {
  if (x[1] != w[1]) {
    throw ShapeError(
        absl::StrCat("x has ", x[1], " channels, the weight takes ", w[1]));
  }
  return {
      x[0], x[1], w[0],
      WindowsAlong("height", x[2], w[2], options.stride.h, options.padding.h),
      WindowsAlong("width", x[3], w[3], options.stride.w, options.padding.w)};
}

Shape OutputShape(const kernels::Conv2dShape& s) {
  return {s.n, s.out, s.h.count, s.w.count};
}

void ExpectRank4(const Shape& a, const Shape& b, const char* rule) {
  if (a.rank() != 4 || b.rank() != 4) throw ShapeError(rule);
}

// Throws ShapeError unless dy is of the shape that x and w give.
void ExpectOutput(const Shape& dy, const Shape& x, const Shape& w,
                  const Conv2dOptions& options) {
  const Shape y = OutputShape(Extents(x, w, options));
  if (dy != y) {
    throw ShapeError(absl::StrCat("dy is not the result ", y.ToString(),
                                  " of x ", x.ToString(), " and w ",
                                  w.ToString()));
  }
}

double Flops(const kernels::Conv2dShape& s) {
  return 2.0 * s.n * s.out * s.window() * s.positions();
}

// y[n,o,r,q] = sum over c, i, j of
//              w[o,c,i,j] x[n,c,r sh + i - ph,q sw + j - pw]
struct Conv2dOp {
  Conv2dOptions options = {};
  static constexpr auto kName = "conv2d", kDoc = "y = w * x";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x, const Shape& w) const {
    ExpectRank4(x, w, "x [n,c,h,w] and weight [out,c,kh,kw] wanted");
    return OutputShape(Extents(x, w, options));
  }
  template <class T>
  void Forward(const Tensor& x, const Tensor& w, absl::Span<T> y) const {
    kernels::Conv2d<T>(Extents(x.shape(), w.shape(), options),
                       x.data<T>().data(), w.data<T>().data(), nullptr,
                       y.data());
  }
  std::array<Tensor, 2> Vjp(const Tensor& dy, const Tensor&, const Tensor& x,
                            const Tensor& w, std::array<bool, 2> needs) const {
    Tensor dx, dw;
    const Shape &sx = x.shape(), &sw = w.shape();
    if (needs[0]) dx = Conv2dInputGradient(dy, w, {sx[2], sx[3]}, options);
    if (needs[1]) dw = Conv2dWeightGradient(x, dy, {sw[2], sw[3]}, options);
    return {dx, dw};
  }
  double Flops(const Shape& x, const Shape& w) const {
    return adjoint::Flops(Extents(x, w, options));
  }
  static std::vector<Example<Conv2dOp>> Examples() {
    return {
        {.inputs = {Real({2, 3, 5, 4}), Real({4, 3, 3, 2})}},
        {.op = {{.stride = 2, .padding = 1}},
         .inputs = {Real({1, 2, 5, 6}), Real({3, 2, 3, 3})}},
        {.op = {{.stride = {1, 3}, .padding = {2, 0}}},
         .inputs = {Real({2, 1, 3, 7}), Real({2, 1, 4, 2})}},
        {.inputs = {Real({2, 3, 4, 4}), Real({2, 3, 1, 1})}},
        {.op = {{.padding = 1}},
         .inputs = {Real({3, 2, 1, 2}), Real({2, 2, 3, 4})}},
        {.inputs = {Real({0, 2, 3, 3}), Real({2, 2, 2, 2})}},
        {.inputs = {Real({2, 0, 3, 3}), Real({2, 0, 2, 2})}},
        {.op = {{.padding = 1}},
         .inputs = {Real({16, 64, 32, 32}), Real({64, 64, 3, 3})},
         .timed = true},
        {.op = {{.stride = 2}},
         .inputs = {Real({16, 128, 17, 17}), Real({128, 128, 3, 3})},
         .timed = true},
        {.inputs = {Real({3, 5, 5}), Real({4, 3, 3, 2})},
         .error = "x [n,c,h,w] and weight [out,c,kh,kw] wanted"},
        {.inputs = {Real({1, 3, 5, 5}), Real({4, 2, 3, 3})},
         .error = "x has 3 channels, the weight takes 2: f32 [1,3,5,5]"},
        {.op = {{.padding = {1, 0}}},
         .inputs = {Real({1, 1, 1, 2}), Real({1, 1, 3, 3})},
         .error = "a kernel of width 3 does not fit into 2 + 2 * 0"},
        {.op = {{.stride = {1, 0}}},
         .inputs = {Real({1, 1, 2, 2}), Real({1, 1, 2, 2})},
         .error = "stride along the width is 0"},
        {.op = {{.padding = {-1, 0}}},
         .inputs = {Real({1, 1, 2, 2}), Real({1, 1, 2, 2})},
         .error = "padding along the height is -1"},
        {.inputs = {Real({1, 1, 2, 2}), Real({1, 1, 0, 2})},
         .error = "the kernel has height 0"},
    };
  }
};

// y = w * x + b[o], the sums as those of conv2d
struct Conv2dBiasOp {
  Conv2dOptions options = {};
  static constexpr auto kName = "conv2d_bias", kDoc = "y = w * x + b";
  static constexpr Save kSave = Save::kInput0 | Save::kInput1;
  Shape Infer(const Shape& x, const Shape& w, const Shape& b) const {
    const Shape y = Conv2dOp{options}.Infer(x, w);
    if (b != Shape{w[0]}) {
      throw ShapeError(absl::StrCat("a bias [", w[0], "] wanted"));
    }
    return y;
  }
  template <class T>
  void Forward(const Tensor& x, const Tensor& w, const Tensor& b,
               absl::Span<T> y) const {
    kernels::Conv2d<T>(Extents(x.shape(), w.shape(), options),
                       x.data<T>().data(), w.data<T>().data(),
                       b.data<T>().data(), y.data());
  }
  std::array<Tensor, 3> Vjp(const Tensor& dy, const Tensor& y, const Tensor& x,
                            const Tensor& w, const Tensor& b,
                            std::array<bool, 3> needs) const {
    const auto [dx, dw] =
        Conv2dOp{options}.Vjp(dy, y, x, w, {needs[0], needs[1]});
    Tensor db;
    if (needs[2]) db = Reshape(SumTo(dy, {b.size(), 1, 1}), b.shape());
    return {dx, dw, db};
  }
  double Flops(const Shape& x, const Shape& w, const Shape&) const {
    return adjoint::Flops(Extents(x, w, options));
  }
  static std::vector<Example<Conv2dBiasOp>> Examples() {
    return {
        {.inputs = {Real({2, 3, 5, 4}), Real({4, 3, 3, 2}), Real({4})}},
        {.op = {{.stride = {2, 1}, .padding = {1, 2}}},
         .inputs = {Real({3, 1, 4, 3}), Real({2, 1, 3, 3}), Real({2})}},
        {.inputs = {Real({1, 1, 1, 1}), Real({1, 1, 1, 1}), Real({1})}},
        {.inputs = {Real({0, 2, 3, 3}), Real({2, 2, 2, 2}), Real({2})}},
        {.inputs = {Real({2, 0, 3, 3}), Real({2, 0, 2, 2}), Real({2})}},
        {.op = {{.padding = 2}},
         .inputs = {Real({64, 1, 28, 28}), Real({6, 1, 5, 5}), Real({6})},
         .timed = true},
        {.inputs = {Real({64, 6, 14, 14}), Real({16, 6, 5, 5}), Real({16})},
         .timed = true},
        {.inputs = {Real({64, 1, 28, 28}), Real({32, 1, 3, 3}), Real({32})},
         .timed = true},
        {.inputs = {Real({64, 32, 26, 26}), Real({64, 32, 3, 3}), Real({64})},
         .timed = true},
        {.inputs = {Real({1, 2, 3, 3}), Real({4, 2, 2, 2}), Real({3})},
         .error = "a bias [4] wanted"},
    };
  }
};

// dx[n,c,a,b] = sum over o, i, j, and over r, q where a = r sh + i - ph and
//               b = q sw + j - pw, of w[o,c,i,j] dy[n,o,r,q]
struct Conv2dInputGradientOp {
  Extent2d input = 0;
  Conv2dOptions options = {};
  static constexpr auto kName = "conv2d_input_gradient",
                        kDoc = "dx = w * dy, transposed";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& dy, const Shape& w) const {
    ExpectRank4(dy, w, "dy [n,out,oh,ow] and weight [out,c,kh,kw] wanted");
    const Shape x = {dy[0], w[1], input.h, input.w};
    ExpectOutput(dy, x, w, options);
    return x;
  }
  template <class T>
  void Forward(const Tensor& dy, const Tensor& w, absl::Span<T> dx) const {
    const Shape x = {dy.shape()[0], w.shape()[1], input.h, input.w};
    kernels::Conv2dInputGradient<T>(Extents(x, w.shape(), options),
                                    dy.data<T>().data(), w.data<T>().data(),
                                    dx.data());
  }
  std::array<Tensor, 2> Vjp(const Tensor& dx, const Tensor&, const Tensor& dy,
                            const Tensor& w, std::array<bool, 2> needs) const {
    Tensor ddy, dw;
    const Shape& sw = w.shape();
    if (needs[0]) ddy = Conv2d(dx, w, options);
    if (needs[1]) dw = Conv2dWeightGradient(dx, dy, {sw[2], sw[3]}, options);
    return {ddy, dw};
  }
  double Flops(const Shape& dy, const Shape& w) const {
    return 2.0 * dy.size() * w.Without(0).size();
  }
  static std::vector<Example<Conv2dInputGradientOp>> Examples() {
    return {
        {.op = {{5, 4}}, .inputs = {Real({2, 4, 3, 3}), Real({4, 3, 3, 2})}},
        {.op = {{5, 6}, {.stride = 2, .padding = 1}},
         .inputs = {Real({1, 3, 3, 3}), Real({3, 2, 3, 3})}},
        {.op = {{3, 7}, {.stride = {1, 3}, .padding = {2, 0}}},
         .inputs = {Real({2, 2, 4, 2}), Real({2, 1, 4, 2})}},
        {.op = {3}, .inputs = {Real({0, 2, 2, 2}), Real({2, 2, 2, 2})}},
        {.op = {3}, .inputs = {Real({2, 0, 2, 2}), Real({0, 2, 2, 2})}},
        {.op = {3},
         .inputs = {Real({2, 2, 2, 2}), Real({2, 2, 3, 3})},
         .error = "dy is not the result [2,2,1,1] of x [2,2,3,3] and w"},
        {.op = {-1},
         .inputs = {Real({2, 2, 2, 2}), Real({2, 2, 3, 3})},
         .error = "not a shape: [2,2,-1,-1]"},
        {.op = {3},
         .inputs = {Real({2, 2, 2}), Real({2, 2, 3, 3})},
         .error = "dy [n,out,oh,ow] and weight [out,c,kh,kw] wanted"},
    };
  }
};

// dw[o,c,i,j] = sum over n, r, q of
//               dy[n,o,r,q] x[n,c,r sh + i - ph,q sw + j - pw]
struct Conv2dWeightGradientOp {
  Extent2d kernel = 0;
  Conv2dOptions options = {};
  static constexpr auto kName = "conv2d_weight_gradient",
                        kDoc = "dw = dy * x, summed over images";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& x, const Shape& dy) const {
    ExpectRank4(x, dy, "x [n,c,h,w] and dy [n,out,oh,ow] wanted");
    const Shape w = {dy[1], x[1], kernel.h, kernel.w};
    ExpectOutput(dy, x, w, options);
    return w;
  }
  template <class T>
  void Forward(const Tensor& x, const Tensor& dy, absl::Span<T> dw) const {
    const Shape w = {dy.shape()[1], x.shape()[1], kernel.h, kernel.w};
    kernels::Conv2dWeightGradient<T>(Extents(x.shape(), w, options),
                                     x.data<T>().data(), dy.data<T>().data(),
                                     dw.data());
  }
  std::array<Tensor, 2> Vjp(const Tensor& dw, const Tensor&, const Tensor& x,
                            const Tensor& dy, std::array<bool, 2> needs) const {
    Tensor dx, ddy;
    const Shape& sx = x.shape();
    if (needs[0]) dx = Conv2dInputGradient(dy, dw, {sx[2], sx[3]}, options);
    if (needs[1]) ddy = Conv2d(x, dw, options);
    return {dx, ddy};
  }
  double Flops(const Shape& x, const Shape& dy) const {
    return 2.0 * dy.size() * x[1] * kernel.h * kernel.w;
  }
  static std::vector<Example<Conv2dWeightGradientOp>> Examples() {
    return {
        {.op = {{3, 2}}, .inputs = {Real({2, 3, 5, 4}), Real({2, 4, 3, 3})}},
        {.op = {3, {.stride = 2, .padding = 1}},
         .inputs = {Real({1, 2, 5, 6}), Real({1, 3, 3, 3})}},
        {.op = {{4, 2}, {.stride = {1, 3}, .padding = {2, 0}}},
         .inputs = {Real({2, 1, 3, 7}), Real({2, 17, 4, 2})}},
        {.op = {2}, .inputs = {Real({0, 2, 3, 3}), Real({0, 2, 2, 2})}},
        {.op = {2}, .inputs = {Real({2, 0, 3, 3}), Real({2, 2, 2, 2})}},
        {.op = {2},
         .inputs = {Real({2, 2, 3, 3}), Real({1, 2, 2, 2})},
         .error = "dy is not the result [2,2,2,2] of x [2,2,3,3] and w"},
        {.op = {2},
         .inputs = {Real({2, 2, 3, 3}), Real({2, 2, 2})},
         .error = "x [n,c,h,w] and dy [n,out,oh,ow] wanted"},
    };
  }
};

}  // namespace

Tensor Conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
              const Conv2dOptions& options) {
  return Apply(Conv2dBiasOp{options}, x, weight, bias);
}

Tensor Conv2d(const Tensor& x, const Tensor& weight,
              const Conv2dOptions& options) {
  return Apply(Conv2dOp{options}, x, weight);
}

Tensor Conv2dInputGradient(const Tensor& dy, const Tensor& weight,
                           Extent2d input, const Conv2dOptions& options) {
  return Apply(Conv2dInputGradientOp{input, options}, dy, weight);
}

Tensor Conv2dWeightGradient(const Tensor& x, const Tensor& dy, Extent2d kernel,
                            const Conv2dOptions& options) {
  return Apply(Conv2dWeightGradientOp{kernel, options}, x, dy);
}

}  // namespace adjoint
