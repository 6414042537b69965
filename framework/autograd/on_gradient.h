// What may happen to a gradient on its way back.
#ifndef ADJOINT_FRAMEWORK_AUTOGRAD_ON_GRADIENT_H_
#define ADJOINT_FRAMEWORK_AUTOGRAD_ON_GRADIENT_H_

#include <functional>

#include "framework/core/tensor.h"

namespace adjoint {

// x as a constant: no gradient of any order flows back through it.
//
//   Tensor target = StopGradient(Relu(x));
inline Tensor StopGradient(const Tensor& x) { return x.Detach(); }

// From the gradient dy, of the shape of x, to the one that flows on in its
// place: of the same shape and dtype, or undefined, which leaves dy as it is.
using GradientHook = std::function<Tensor(const Tensor& dy)>;

// x, with `hook` in the way of its gradient. The hook is called once in each
// backward pass that comes through here, with the sum of what arrived, and with
// create_graph its ops are recorded like any others: second derivatives are
// those of the first ones that the hook made, and on their way back through
// here pass the hook again. Throws ShapeError in backward if what it returns is
// not like dy.
//
//   // Gradient reversal (Ganin and Lempitsky 2015).
//   Tensor y = OnGradient(x, [](const Tensor& dy) { return -dy; });
//
//   // Looks on.
//   Tensor y = OnGradient(x, [](const Tensor& dy) {
//     std::cout << dy;
//     return Tensor();
//   });
Tensor OnGradient(const Tensor& x, GradientHook hook);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_AUTOGRAD_ON_GRADIENT_H_
