// What the elementwise ops of two inputs share.
#ifndef ADJOINT_FRAMEWORK_OPS_BROADCAST_H_
#define ADJOINT_FRAMEWORK_OPS_BROADCAST_H_

#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "framework/base/error.h"
#include "framework/core/catalog.h"
#include "framework/core/tensor.h"
#include "framework/kernels/broadcast.h"
#include "framework/kernels/elementwise.h"

namespace adjoint {

// The shape to which both broadcast; throws ShapeError if there is none.
inline Shape BroadcastOrThrow(const Shape& a, const Shape& b) {
  std::optional<Shape> shape = BroadcastShapes(a, b);
  if (!shape) throw ShapeError("shapes do not broadcast");
  return *std::move(shape);
}

// y = f(a, b), elementwise, where a and b broadcast to the shape of y, which is
// `shape`.
template <class T, class Fn>
void BroadcastForward(const Tensor& a, const Tensor& b, absl::Span<T> y, Fn f) {
  if (a.shape() == b.shape()) {
    return kernels::Zip(a.data<T>(), b.data<T>(), y, f);
  }
  const Shape shape = *BroadcastShapes(a.shape(), b.shape());
  if (shape.size() == 0) return;
  kernels::BroadcastZip(
      kernels::BroadcastPlan(a.shape().dims(), b.shape().dims(), shape.dims()),
      a.data<T>().data(), b.data<T>().data(), y.data(), f);
}

// Examples of every way in which two shapes broadcast. `Draw` makes an Operand
// from a shape: Real, Positive, ...
template <class OpT>
std::vector<Example<OpT>> BroadcastExamples(Operand (*a)(const Shape&),
                                            Operand (*b)(const Shape&)) {
  return {
      {.inputs = {a({2, 3}), b({2, 3})}},
      {.inputs = {a({}), b({})}},
      {.inputs = {a({3, 4}), b({4})}},
      {.inputs = {a({3, 1}), b({2, 3, 4})}},
      {.inputs = {a({2, 1, 3, 1}), b({4, 1, 2})}},
      {.inputs = {a({5}), b({})}},
      {.inputs = {a({0, 3}), b({1, 3})}},
      {.inputs = {a({512, 1024}), b({512, 1024})}, .timed = true},
      {.inputs = {a({512, 1024}), b({1024})}, .timed = true},
      {.inputs = {a({2, 3}), b({2, 4})}, .error = "shapes do not broadcast"},
      {.inputs = {a({2, 3}), b({2})}, .error = "shapes do not broadcast"},
  };
}

// Examples of the shapes that an elementwise op of one input should meet.
template <class OpT>
std::vector<Example<OpT>> ElementwiseExamples(Operand (*x)(const Shape&),
                                              OpT op = {}) {
  return {
      {.op = op, .inputs = {x({3, 4})}},
      {.op = op, .inputs = {x({})}},
      {.op = op, .inputs = {x({2, 1, 5})}},
      {.op = op, .inputs = {x({0, 2})}},
      {.op = op, .inputs = {x({512, 1024})}, .timed = true},
  };
}

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_BROADCAST_H_
