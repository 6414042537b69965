// The rows of a matrix, short ones included: a number for each, and each with a
// number. On the calling thread.
//
// What becomes of a row depends on that row alone, to the last bit: where it
// lies, and beside how many others, does not matter.
#ifndef ADJOINT_FRAMEWORK_KERNELS_ROWS_H_
#define ADJOINT_FRAMEWORK_KERNELS_ROWS_H_

#include <cstdint>

namespace adjoint::kernels {

// y[r] = sum over c of x[r,c], in the type of y, for x [rows, n]. Several dozen
// partial sums are kept of a long row. T is float or double, R the same or
// double.
template <class T, class R>
void SumRows(const T* x, int64_t rows, int64_t n, R* y);

// y[r] = max over c of x[r,c]: NaN if one is, -inf if there is none.
template <class T>
void MaxRows(const T* x, int64_t rows, int64_t n, T* y);

// y[r,c] = x[r,c] - s[r], and x[r,c] - s[r] - t[r]. y is not x, here and below.
template <class T>
void SubtractFromRows(const T* x, const T* s, int64_t rows, int64_t n, T* y);
template <class T>
void SubtractFromRows(const T* x, const T* s, const T* t, int64_t rows,
                      int64_t n, T* y);

// y[r,c] = x[r,c] s[r].
template <class T>
void ScaleRows(const T* x, const T* s, int64_t rows, int64_t n, T* y);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_ROWS_H_
