// The recurrence of a long short-term memory (Hochreiter and Schmidhuber 1997;
// with the forget gate of Gers, Schmidhuber and Cummins 2000).
//
// From the state h, c before a step and the step's input x [4h], which is the
// sum of all that does not depend on the state,
//
//   i, f, g, o = the quarters of x + w h      i, f, o through the sigmoid,
//                                             g through tanh
//   c' = f c + i g                            h' = o tanh(c')
//
// A sequence's values are planes h, c, i, f, g, o of [batch, steps, width], one
// behind the other.
#ifndef ADJOINT_FRAMEWORK_KERNELS_LSTM_H_
#define ADJOINT_FRAMEWORK_KERNELS_LSTM_H_

#include <cstdint>

namespace adjoint::kernels {

struct LstmSizes {
  int64_t batch;
  int64_t steps;
  int64_t width;  // Of h and of c.
};

inline constexpr int kLstmPlanes = 6;

// The values y [6, batch, steps, width] of sequences with inputs
// x [batch, steps, 4 width] that begin at h0 and c0 [batch, width], for the
// weights w [4 width, width]. T is float or double, here and below.
template <class T>
void Lstm(const LstmSizes& sizes, const T* x, const T* h0, const T* c0,
          const T* w, T* y);

// The gradients dx [batch, steps, 4 width] by x and dc0 [batch, width] by c0
// for the gradient dy by y. The others follow from dx, for w h0 and w h stand
// beside x.
template <class T>
void LstmGrad(const LstmSizes& sizes, const T* dy, const T* y, const T* c0,
              const T* w, T* dx, T* dc0);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_LSTM_H_
