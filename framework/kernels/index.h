// Rows moved to and from places given by indices.
#ifndef ADJOINT_FRAMEWORK_KERNELS_INDEX_H_
#define ADJOINT_FRAMEWORK_KERNELS_INDEX_H_

#include <cstdint>

#include "absl/types/span.h"

namespace adjoint::kernels {

// y[p,i] = table[indices[p],i] for i < n.
// REQUIRES: each index is that of a row of `table`.
template <class T>
void GatherRows(const T* table, absl::Span<const int32_t> indices, int64_t n,
                T* y);

// y[r,i] = the sum of x[p,i] over all p with indices[p] == r, added in the
// order of p, for r < rows and i < n.
// REQUIRES: indices in [0, rows).
template <class T>
void ScatterAddRows(const T* x, absl::Span<const int32_t> indices, int64_t rows,
                    int64_t n, T* y);

// y[p,i] = 1 where i == indices[p], else 0, for i < n.
// REQUIRES: indices in [0, n).
template <class T>
void OneHotRows(absl::Span<const int32_t> indices, int64_t n, T* y);

}  // namespace adjoint::kernels

#endif  // ADJOINT_FRAMEWORK_KERNELS_INDEX_H_
