// The rows that batches are made of, seen by their examples.
#ifndef ADJOINT_TESTS_DATA_BATCH_ROWS_H_
#define ADJOINT_TESTS_DATA_BATCH_ROWS_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "framework/core/tensor.h"
#include "framework/data/batches.h"

namespace adjoint::data {

// n examples; the x and the y of example i are both i.
inline TensorDataset Numbers(int64_t n) {
  return TensorDataset(Arange(n), Arange(n, DType::kI32));
}

// The rows of each batch of `epoch`, from their x; y and index must fit.
inline std::vector<std::vector<int32_t>> Rows(const Epoch& epoch,
                                              int64_t first_batch = 0) {
  std::vector<std::vector<int32_t>> rows;
  for (const Batch& batch : epoch) {
    EXPECT_EQ(batch.index, first_batch + static_cast<int64_t>(rows.size()));
    rows.emplace_back(batch.x.data<float>().begin(),
                      batch.x.data<float>().end());
    const auto y = batch.y.data<int32_t>();
    EXPECT_EQ(rows.back(), std::vector<int32_t>(y.begin(), y.end()));
  }
  return rows;
}

inline std::vector<int32_t> Flat(
    const std::vector<std::vector<int32_t>>& rows) {
  std::vector<int32_t> flat;
  for (const auto& batch : rows) {
    flat.insert(flat.end(), batch.begin(), batch.end());
  }
  return flat;
}

inline std::vector<int32_t> Sorted(std::vector<int32_t> rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

inline std::vector<int32_t> Iota(int64_t n) {
  std::vector<int32_t> rows(n);
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

}  // namespace adjoint::data

#endif  // ADJOINT_TESTS_DATA_BATCH_ROWS_H_
