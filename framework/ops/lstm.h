// The recurrence of a long short-term memory.
#ifndef ADJOINT_FRAMEWORK_OPS_LSTM_H_
#define ADJOINT_FRAMEWORK_OPS_LSTM_H_

#include "framework/core/tensor.h"

namespace adjoint {

// All that a layer of long short-term memory (Hochreiter and Schmidhuber 1997;
// with the forget gate of Gers, Schmidhuber and Cummins 2000) computes for a
// batch of sequences. From the state h, c before a step and the step's x
//
//   i, f, g, o = the quarters of x + w h, i, f, o through the sigmoid, g tanh
//   c' = f c + i g
//   h' = o tanh(c')
//
// where x is the sum of all that does not depend on the state: a product with
// the sequence's input, which is cheaper for all steps at once, and the biases.
//
// x [batch, steps, 4 width], h0, c0 [batch, width], w [4 width, width]
//   -> [6, batch, steps, width], the planes h', c', i, f, g, o
//
// Throws ShapeError if the shapes do not fit or there is no step.
Tensor Lstm(const Tensor& x, const Tensor& h0, const Tensor& c0,
            const Tensor& w);

// What lies in a plane of Lstm's result.
enum class LstmPlane {
  kHidden,
  kCell,
  kInputGate,
  kForgetGate,
  kCandidate,
  kOutputGate,
};

// One plane of a result of Lstm: [6, batch, steps, width] ->
// [batch, steps, width]. It shares the result's memory.
Tensor PlaneOf(const Tensor& lstm, LstmPlane plane);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_LSTM_H_
