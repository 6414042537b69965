// The matrix product, in float and double.
//
// It runs on the widest vectors of the processor at hand. For one processor
// type the result depends on the operands alone: the order in which the k
// products of an element are summed is fixed by the shape, never by the number
// of threads. No product is skipped, so 0 * inf gives NaN as it should.
#ifndef ADJOINT_FRAMEWORK_KERNELS_GEMM_H_
#define ADJOINT_FRAMEWORK_KERNELS_GEMM_H_

#include <cstdint>

namespace adjoint::kernels {

// An operand X, stored in rows that are `ld` elements apart. op(X) is X or, if
// `transposed`, the transpose of X.
template <class T>
struct Matrix {
  const T* data;
  int64_t ld;
  bool transposed = false;
};

// C[m,n] = op(A)[m,k] op(B)[k,n] + bias, the rows of C being `ldc` apart and
// bias[n] being added to each of them, unless it is null. Where k is 0, the
// product is zero.
//
// REQUIRES: m, n, k >= 0; every ld is at least the width of what is stored; C
// overlaps neither A, B nor bias. T is float or double.
template <class T>
void Gemm(int64_t m, int64_t n, int64_t k, const Matrix<T>& a,
          const Matrix<T>& b, T* c, int64_t ldc, const T* bias = nullptr);

// C += alpha op(A) op(B). Where k is at most 512, and neither m nor n is 1, A'
// times B gives the bits of Gemm and AddMultiple. REQUIRES: as Gemm.
template <class T>
void GemmAdd(int64_t m, int64_t n, int64_t k, T alpha, const Matrix<T>& a,
             const Matrix<T>& b, T* c, int64_t ldc);

// y[i] += alpha x[i] for i < n: a multiplication and an addition, fused where
// the processor does that. On one thread. REQUIRES: x and y do not overlap.
template <class T>
void AddMultiple(int64_t n, T alpha, const T* x, T* y);

// `batch` products of one shape: C_i = op(A_i) op(B_i) + bias, where A_i begins
// at a.data + i * stride_a, and so on. A stride of 0 shares an operand.
//
// REQUIRES: as Gemm; no two C overlap.
template <class T>
void GemmBatched(int64_t batch, int64_t m, int64_t n, int64_t k,
                 const Matrix<T>& a, int64_t stride_a, const Matrix<T>& b,
                 int64_t stride_b, T* c, int64_t ldc, int64_t stride_c,
                 const T* bias = nullptr);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_GEMM_H_
