// Triangles of matrices.
#ifndef ADJOINT_FRAMEWORK_KERNELS_TRIANGLE_H_
#define ADJOINT_FRAMEWORK_KERNELS_TRIANGLE_H_

#include <algorithm>
#include <cstdint>

#include "framework/base/parallel_for.h"
#include "framework/kernels/copy.h"

namespace adjoint::kernels {

// For each of `batch` matrices [m,n]: y[i,j] = x[i,j] where j - i <= diagonal
// or, if `upper`, where j - i >= diagonal; else 0.
template <class T>
void Triangle(const T* x, int64_t batch, int64_t m, int64_t n, int64_t diagonal,
              bool upper, T* y) {
  if (m == 0 || n == 0) return;
  ParallelFor(batch * m, std::max<int64_t>(1, kCopyGrain / n),
              [=](int64_t begin, int64_t end) {
                for (int64_t r = begin; r < end; ++r) {
                  const T* const from = x + r * n;
                  T* const to = y + r * n;
                  // The lower triangle ends where j reaches `border`, the upper
                  // one begins there. The bounds first, lest the sum overflow.
                  const int64_t border = std::clamp(
                      std::clamp(diagonal, -m, n) + r % m + (upper ? 0 : 1),
                      int64_t{0}, n);
                  if (upper) {
                    std::fill(to, to + border, T{0});
                    std::copy(from + border, from + n, to + border);
                  } else {
                    std::copy(from, from + border, to);
                    std::fill(to + border, to + n, T{0});
                  }
                }
              });
}

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_TRIANGLE_H_
