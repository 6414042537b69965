// Gradients kept within bounds.
//
//   ClippedGradients clipped = ClipByNorm(Grad(std::move(loss), model), 1.0);
//   optimizer.Step(model, clipped.gradients);
#ifndef ADJOINT_FRAMEWORK_OPTIM_CLIP_H_
#define ADJOINT_FRAMEWORK_OPTIM_CLIP_H_

#include "framework/nn/module.h"

namespace adjoint::optim {

// Whether no element is infinite or NaN, at the cost of reading them once.
bool AllFinite(const Gradients& gradients);

// The Euclidean norm of all gradients as one vector, accumulated in f64.
// Bitwise equal for any number of threads.
double GlobalNorm(const Gradients& gradients);

struct ClippedGradients {
  Gradients gradients;
  double norm;  // Before clipping.
};

// Gradients of the same direction whose GlobalNorm is at most `max_norm`, but
// for rounding: those given if theirs is, or is not finite (Pascanu, Mikolov
// and Bengio 2013, algorithm 1). Throws ValueError unless max_norm is finite
// and >= 0.
ClippedGradients ClipByNorm(const Gradients& gradients, double max_norm);

// Each element moved into [-max_value, max_value]; NaN stays. Throws ValueError
// unless max_value is finite and >= 0.
Gradients ClipByValue(const Gradients& gradients, double max_value);

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_CLIP_H_
