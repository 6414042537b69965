// How norm.cc calls the code that is compiled once for each instruction set.
#ifndef ADJOINT_FRAMEWORK_KERNELS_NORM_CALL_H_
#define ADJOINT_FRAMEWORK_KERNELS_NORM_CALL_H_

#include <cstdint>

#include "framework/kernels/norm.h"

namespace adjoint::kernels {

// What the memory of a thread is for.
enum class NormScratch { kPartialSums, kSums, kByPlace };

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

// Whether groups lie in many runs so short that vectors had better run across
// them.
inline bool LiesInShortRuns(const NormLayout& layout) {
  constexpr int64_t kShort = 16;
  return layout.outer > 1 && layout.inner < kShort;
}

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_NORM_CALL_H_
