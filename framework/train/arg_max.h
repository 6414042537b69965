// The class that a model decides for.
#ifndef ADJOINT_FRAMEWORK_TRAIN_ARG_MAX_H_
#define ADJOINT_FRAMEWORK_TRAIN_ARG_MAX_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace adjoint::train {

// The index of the first largest of x[0] to x[n - 1], NaN being larger than any
// number; 0 for n = 0.
template <class T>
int64_t ArgMax(const T* x, int64_t n) {
  // Without a branch a number: of those a processor could not predict, one in
  // three costs more than all else of ten classes.
  int64_t best = 0;
  bool nan = false;
  for (int64_t i = 0; i < n; ++i) {
    nan |= std::isnan(x[i]);
    if (x[i] > x[best]) best = i;
  }
  if (!nan) return best;
  return std::find_if(x, x + n, [](T value) { return std::isnan(value); }) - x;
}

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_ARG_MAX_H_
