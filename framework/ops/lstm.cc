// A whole sequence is one op: a step at a time, the graph would cost more than
// a small layer's arithmetic, and the gradient by w would be a product and a
// sum at each step instead of one product.
//
// The gates are part of the result, so that backward repeats neither a product
// nor their exponentials.
//
// The gradient is a recurrence too. Where it is not to be differentiated it is
// a fused op; where it is, it is spelled out in elementary ops, which makes it
// right to any order.
#include "framework/ops/lstm.h"

#include <array>
#include <cstdint>
#include <vector>

#include "framework/base/error.h"
#include "framework/core/op.h"
#include "framework/kernels/lstm.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/matmul.h"
#include "framework/ops/shape.h"

namespace adjoint {
namespace {

// Of a result y [6, batch, steps, width].
kernels::LstmSizes SizesOf(const Shape& y) { return {y[1], y[2], y[3]}; }

// A step of a plane of such an array, [batch, width].
Tensor StepOf(const Tensor& y, LstmPlane plane, int64_t step) {
  return Reshape(Slice(PlaneOf(y, plane), 1, step, step + 1),
                 {y.shape()[1], y.shape()[3]});
}

// The gradients by x and, behind them, by c0: one array, for an op has one
// output. It has no rule: Vjp of LstmOp does not use it where one were needed.
struct LstmGradOp {
  static constexpr auto kName = "lstm_grad",
                        kDoc = "dx, dc0 of lstm, one behind the other";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& dy, const Shape& y, const Shape& c0,
              const Shape& w) const {
    if (y.rank() != 4 || y[0] != kernels::kLstmPlanes || dy != y) {
      throw ShapeError("dy and y [6,batch,steps,width] wanted");
    }
    if (c0 != Shape({y[1], y[3]}) || w != Shape({4 * y[3], y[3]})) {
      throw ShapeError("c0 [batch,width] and w [4 width,width] wanted");
    }
    return {y[1] * (4 * y[2] + 1) * y[3]};
  }
  template <class T>
  void Forward(const Tensor& dy, const Tensor& y, const Tensor& c0,
               const Tensor& w, absl::Span<T> dx_dc0) const {
    kernels::LstmGrad<T>(SizesOf(y.shape()), dy.data<T>().data(),
                         y.data<T>().data(), c0.data<T>().data(),
                         w.data<T>().data(), dx_dc0.data(),
                         dx_dc0.data() + dx_dc0.size() - c0.size());
  }
  double Flops(const Shape&, const Shape& y, const Shape&,
               const Shape& w) const {
    return 2.0 * static_cast<double>(y[1] * y[2]) *
           static_cast<double>(w.size());
  }
  static std::vector<Example<LstmGradOp>> Examples() {
    const auto inputs = [](int64_t batch, int64_t steps, int64_t width) {
      const Shape y = {6, batch, steps, width};
      const double bound = width < 16 ? 1 : 1. / 16;
      return OperandList{Real(y, -1, 1), Real(y, 0, 1), Real({batch, width}),
                         Real({4 * width, width}, -bound, bound)};
    };
    return {
        {.inputs = inputs(2, 3, 2)},
        {.inputs = inputs(3, 1, 5)},
        {.inputs = inputs(1, 4, 1)},
        {.inputs = inputs(0, 2, 3)},
        {.inputs = inputs(2, 2, 0)},
        {.inputs = inputs(32, 64, 256), .timed = true},
        {.inputs = {Real({6, 1, 1, 2}), Real({6, 1, 2, 2}), Real({1, 2}),
                    Real({8, 2})},
         .error = "dy and y [6,batch,steps,width] wanted"},
        {.inputs = {Real({6, 1, 1, 2}), Real({6, 1, 1, 2}), Real({1, 2}),
                    Real({8, 3})},
         .error = "c0 [batch,width] and w [4 width,width] wanted"},
    };
  }
};

struct LstmGradients {
  Tensor dx;   // [batch, steps, 4 width]
  Tensor dc0;  // [batch, width]
};

LstmGradients FusedGradients(const Tensor& dy, const Tensor& y,
                             const Tensor& c0, const Tensor& w) {
  const auto [batch, steps, width] = SizesOf(y.shape());
  const Tensor both = Apply(LstmGradOp{}, dy, y, c0, w);
  const int64_t split = both.size() - c0.size();
  return {Reshape(Slice(both, 0, 0, split), {batch, steps, 4 * width}),
          Reshape(Slice(both, 0, split, both.size()), c0.shape())};
}

// The same in elementary ops.
LstmGradients ComposedGradients(const Tensor& dy, const Tensor& y,
                                const Tensor& c0, const Tensor& w) {
  using enum LstmPlane;
  const auto [batch, steps, width] = SizesOf(y.shape());
  std::vector<Tensor> dx(steps);
  // What later steps add to the gradients by a step's h' and c'.
  Tensor dh = Zeros(c0.shape(), c0.dtype()), dc = dh;
  for (int64_t s = steps; s-- > 0;) {
    const Tensor c = s == 0 ? c0 : StepOf(y, kCell, s - 1);
    const Tensor i = StepOf(y, kInputGate, s), f = StepOf(y, kForgetGate, s),
                 g = StepOf(y, kCandidate, s), o = StepOf(y, kOutputGate, s);
    const Tensor tanh_c = Tanh(StepOf(y, kCell, s));
    dh = dh + StepOf(dy, kHidden, s);
    dc = dc + StepOf(dy, kCell, s) + dh * o * (1 - Square(tanh_c));
    const Tensor di = StepOf(dy, kInputGate, s) + dc * g;
    const Tensor df = StepOf(dy, kForgetGate, s) + dc * c;
    const Tensor dg = StepOf(dy, kCandidate, s) + dc * i;
    const Tensor d_o = StepOf(dy, kOutputGate, s) + dh * tanh_c;
    const Tensor da = Concat({di * i * (1 - i), df * f * (1 - f),
                              dg * (1 - Square(g)), d_o * o * (1 - o)},
                             1);
    dx[s] = Reshape(da, {batch, 1, 4 * width});
    dh = MatMul(da, w);
    dc = dc * f;
  }
  return {Concat(dx, 1), dc};
}

// See lstm.h.
struct LstmOp {
  static constexpr auto kName = "lstm",
                        kDoc =
                            "h', c', i, f, g, o; c' = f c + i g, "
                            "h' = o tanh(c'), gates of x + w h";
  static constexpr Save kSave =
      Save::kOutput | Save::kInput1 | Save::kInput2 | Save::kInput3;
  Shape Infer(const Shape& x, const Shape& h0, const Shape& c0,
              const Shape& w) const {
    if (w.rank() != 2 || w[0] != 4 * w[1]) {
      throw ShapeError("w [4 width,width] wanted");
    }
    if (x.rank() != 3 || x[2] != w[0]) {
      throw ShapeError("x [batch,steps,4 width] wanted");
    }
    if (h0 != Shape({x[0], w[1]}) || c0 != h0) {
      throw ShapeError("h0 and c0 [batch,width] wanted");
    }
    if (x[1] == 0) throw ShapeError("there is no step");
    return {kernels::kLstmPlanes, x[0], x[1], w[1]};
  }
  template <class T>
  void Forward(const Tensor& x, const Tensor& h0, const Tensor& c0,
               const Tensor& w, absl::Span<T> y) const {
    kernels::Lstm<T>({x.shape()[0], x.shape()[1], w.shape()[1]},
                     x.data<T>().data(), h0.data<T>().data(),
                     c0.data<T>().data(), w.data<T>().data(), y.data());
  }
  // In a step x stands beside w h, so that the gradient by h is w' dx, and that
  // by w is the sum over all steps of dx h'.
  std::array<Tensor, 4> Vjp(const Tensor& dy, const Tensor& y, const Tensor&,
                            const Tensor& h0, const Tensor& c0, const Tensor& w,
                            std::array<bool, 4> needs) const {
    const auto [batch, steps, width] = SizesOf(y.shape());
    const auto [dx, dc0] = IsRecording() ? ComposedGradients(dy, y, c0, w)
                                         : FusedGradients(dy, y, c0, w);
    Tensor dh0, dw;
    if (needs[1]) {
      dh0 = MatMul(Reshape(Slice(dx, 1, 0, 1), {batch, 4 * width}), w);
    }
    if (needs[3]) {
      const Tensor h =
          Concat({Reshape(h0, {batch, 1, width}),
                  Slice(PlaneOf(y, LstmPlane::kHidden), 1, 0, steps - 1)},
                 1);
      dw = MatMul(Reshape(dx, {batch * steps, 4 * width}),
                  Reshape(h, {batch * steps, width}), {.transpose_a = true});
    }
    return {dx, dh0, dc0, dw};
  }
  double Flops(const Shape& x, const Shape&, const Shape&,
               const Shape& w) const {
    return 2.0 * static_cast<double>(x.size()) * static_cast<double>(w[1]);
  }
  static std::vector<Example<LstmOp>> Examples() {
    const auto inputs = [](int64_t batch, int64_t steps, int64_t width) {
      const double bound = width < 16 ? 1 : 1. / 16;
      return OperandList{Real({batch, steps, 4 * width}), Real({batch, width}),
                         Real({batch, width}),
                         Real({4 * width, width}, -bound, bound)};
    };
    return {
        {.inputs = inputs(2, 3, 2)},
        {.inputs = inputs(3, 1, 5)},
        {.inputs = inputs(1, 4, 1)},
        {.inputs = inputs(0, 2, 3)},
        {.inputs = inputs(2, 2, 0)},
        {.inputs = inputs(32, 64, 256), .timed = true},
        {.inputs = {Real({2, 3, 8}), Real({2, 2}), Real({2, 2}), Real({8, 3})},
         .error = "w [4 width,width] wanted"},
        {.inputs = {Real({2, 3, 9}), Real({2, 2}), Real({2, 2}), Real({8, 2})},
         .error = "x [batch,steps,4 width] wanted"},
        {.inputs = {Real({2, 3, 8}), Real({2, 2}), Real({1, 2}), Real({8, 2})},
         .error = "h0 and c0 [batch,width] wanted"},
        {.inputs = {Real({2, 0, 8}), Real({2, 2}), Real({2, 2}), Real({8, 2})},
         .error = "there is no step"},
    };
  }
};

}  // namespace

Tensor Lstm(const Tensor& x, const Tensor& h0, const Tensor& c0,
            const Tensor& w) {
  return Apply(LstmOp{}, x, h0, c0, w);
}

Tensor PlaneOf(const Tensor& lstm, LstmPlane plane) {
  const int64_t p = static_cast<int64_t>(plane);
  return Reshape(Slice(lstm, 0, p, p + 1), lstm.shape().Without(0));
}

}  // namespace adjoint
