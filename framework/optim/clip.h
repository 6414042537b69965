// Gradients kept within bounds.
//
//   const Gradients gradients = Grad(std::move(loss), model);
//   const double norm = GlobalNorm(gradients);
//   optimizer.Step(model, gradients, {.gradient_factor = ClipFactor(norm, 1)});
#ifndef ADJOINT_FRAMEWORK_OPTIM_CLIP_H_
#define ADJOINT_FRAMEWORK_OPTIM_CLIP_H_

#include "framework/nn/module.h"

namespace adjoint::optim {

// Whether no element is infinite or NaN, at the cost of reading them once.
bool AllFinite(const Gradients& gradients);

// The Euclidean norm of all gradients as one vector, accumulated in f64.
// Bitwise equal for any number of threads.
double GlobalNorm(const Gradients& gradients);

// The factor that makes gradients of GlobalNorm `norm` at most `max_norm` long:
// 1 if they are, or if `norm` is not finite (Pascanu, Mikolov and Bengio 2013,
// algorithm 1). Throws ValueError unless max_norm is finite and >= 0.
double ClipFactor(double norm, double max_norm);

struct ClippedGradients {
  Gradients gradients;
  double norm;  // Before clipping.
};

// The gradients times ClipFactor, for those who need them as such: those given
// if it is 1.
ClippedGradients ClipByNorm(const Gradients& gradients, double max_norm);

// Each element moved into [-max_value, max_value]; NaN stays. Throws ValueError
// unless max_value is finite and >= 0.
Gradients ClipByValue(const Gradients& gradients, double max_value);

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_CLIP_H_
