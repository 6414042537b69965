// How norm.cc calls the code that is compiled once for each instruction set.
#ifndef ADJOINT_FRAMEWORK_KERNELS_NORM_CALL_H_
#define ADJOINT_FRAMEWORK_KERNELS_NORM_CALL_H_

#include <cstdint>

#include "framework/kernels/norm.h"

namespace adjoint::kernels {

// What the memory of a thread is for.
enum class NormScratch { kSideBySide, kPartialSums, kByPlace };

// The functions of norm.h.
enum class NormTask { kMoments, kNorm, kGradient, kWeightGradient, kScale };

// Which function, and its arguments; `out` is the result of each.
template <class T>
struct NormCall {
  NormTask task;
  NormLayout layout;
  double epsilon;
  const T *dy, *x, *mean, *w, *b;
  T* out;
};

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_NORM_CALL_H_
