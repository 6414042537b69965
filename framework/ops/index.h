// Ops whose elements are chosen by a tensor of indices.
//
// Indices are i32 and constants to differentiation; the other tensor is f32 or
// f64. Throws ValueError if an index is out of its range, naming it and its
// place, ShapeError if the shapes do not fit.
#ifndef ADJOINT_FRAMEWORK_OPS_INDEX_H_
#define ADJOINT_FRAMEWORK_OPS_INDEX_H_

#include <cstdint>

#include "framework/core/tensor.h"

namespace adjoint {

// The rows of a table, such as an embedding: y[i...] = table[indices[i...]].
// table [rows, row...], indices [any...] of [0, rows) -> [any..., row...]
Tensor Gather(const Tensor& table, const Tensor& indices);

// A table of zeros to which each row of x is added at its index, in the order
// of the rows; the adjoint of Gather.
// x [any..., row...], indices [any...] of [0, rows) -> [rows, row...]
Tensor ScatterAddRows(const Tensor& x, const Tensor& indices, int64_t rows);

// 1 at the index and 0 elsewhere along a new last axis; `dtype` is f32 or f64,
// else ValueError is thrown. A constant to differentiation.
// indices [any...] of [0, depth) -> [any..., depth]
Tensor OneHot(const Tensor& indices, int64_t depth, DType dtype = DType::kF32);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_OPS_INDEX_H_
