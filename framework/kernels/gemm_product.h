// What the parts of the matrix product hand to each other.
#ifndef ADJOINT_FRAMEWORK_KERNELS_GEMM_PRODUCT_H_
#define ADJOINT_FRAMEWORK_KERNELS_GEMM_PRODUCT_H_

#include <cstdint>

#include "framework/kernels/gemm.h"

namespace adjoint::kernels {

// Where the sums go: C = addend + factor * sums. Rows of `addend` are
// `addend_ld` apart, of which 0 repeats one row; null stands for zeros. Only
// tiles know a factor, and only with an addend.
template <class T>
struct Output {
  T* c;
  int64_t ldc;
  const T* addend;
  int64_t addend_ld;
  T factor = 1;

  Output At(int64_t row, int64_t column) const {
    return {c + row * ldc + column, ldc,
            addend ? addend + row * addend_ld + column : nullptr, addend_ld,
            factor};
  }
};

// C[m,n] = op(A)[m,k] op(B)[k,n] + addend. It refers to its operands, and goes
// by reference itself: a product of some hundred elements takes no longer than
// a few copies of this (a vector that is loaded from where numbers were just
// stored one by one has to wait until they have left the processor).
template <class T>
struct Product {
  int64_t m, n, k;
  const Matrix<T>& a;
  const Matrix<T>& b;
  Output<T> out;
};

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_GEMM_PRODUCT_H_
