// Softmax and the loss built on it, along one axis of [outer, n, inner] as in
// reduce.h.
//
// The maximum of the n values is subtracted from each before exponentials are
// taken, so nothing overflows; their sum is kept in double, so its error does
// not grow with n. A NaN, a +inf or nothing but -inf among the n values makes
// all n results NaN.
#ifndef ADJOINT_FRAMEWORK_KERNELS_SOFTMAX_H_
#define ADJOINT_FRAMEWORK_KERNELS_SOFTMAX_H_

#include <cstdint>

namespace adjoint::kernels {

// y[o,r,i] = e^x[o,r,i] / sum over q of e^x[o,q,i].
template <class T>
void Softmax(const T* x, int64_t outer, int64_t n, int64_t inner, T* y);

// dx[o,r,i] = y[o,r,i] (dy[o,r,i] - sum over q of dy[o,q,i] y[o,q,i]), where y
// is a softmax.
template <class T>
void SoftmaxGrad(const T* dy, const T* y, int64_t outer, int64_t n,
                 int64_t inner, T* dx);

// y[o,r,i] = x[o,r,i] - log(sum over q of e^x[o,q,i]).
template <class T>
void LogSoftmax(const T* x, int64_t outer, int64_t n, int64_t inner, T* y);

// y[r] = log(sum over c of e^x[r,c]) - x[r,label[r]].
// REQUIRES: 0 <= label[r] < classes.
template <class T>
void CrossEntropy(const T* x, const int32_t* label, int64_t rows,
                  int64_t classes, T* y);

// dx[r,c] = dy[r] (softmax(x)[r,c] - [c = label[r]]), the latter without
// cancellation where the softmax is nearly 1. REQUIRES: as CrossEntropy.
template <class T>
void CrossEntropyGrad(const T* dy, const T* x, const int32_t* label,
                      int64_t rows, int64_t classes, T* dx);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_SOFTMAX_H_
