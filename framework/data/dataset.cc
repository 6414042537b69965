#include "framework/data/dataset.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/data/subset.h"

namespace adjoint::data {
namespace {

// The first element of `x`. Throws ValueError if there are none.
const char* Bytes(const Tensor& x) {
  return VisitDType(x.dtype(), [&](auto zero) {
    return reinterpret_cast<const char*>(x.data<decltype(zero)>().data());
  });
}

// x [n, ...] -> the `rows` of x, [rows.size(), ...], in place of `spent`.
Tensor GatherRows(const Tensor& x, absl::Span<const int64_t> rows,
                  Tensor spent) {
  constexpr int64_t kChunkBytes = 64 * 1024;
  const auto n = static_cast<int64_t>(rows.size());
  const Ref<Array> out =
      ArrayOf(std::move(spent), x.dtype(), x.shape().With(0, n));
  const int64_t row_bytes = x.shape().Without(0).size() * SizeOf(x.dtype());
  const int64_t grain =
      kChunkBytes / std::clamp<int64_t>(row_bytes, 1, kChunkBytes);
  const char* from = Bytes(x);
  char* to = static_cast<char*>(out->data());
  ParallelFor(n, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      ADJOINT_CHECK(0 <= rows[i] && rows[i] < x.shape()[0]);
      std::memcpy(to + i * row_bytes, from + rows[i] * row_bytes, row_bytes);
    }
  });
  return Tensor(out);
}

}  // namespace

Batch Dataset::Refill(Batch spent, absl::Span<const int64_t> rows,
                      int64_t epoch) const {
  spent = Batch();  // Freed first: its memory may serve the next one.
  return GatherInEpoch(rows, epoch);
}

std::unique_ptr<Dataset> Dataset::Part(std::vector<int64_t> rows) const {
  return std::make_unique<Subset>(*this, std::move(rows));
}

Ref<Array> ArrayOf(Tensor spent, DType dtype, const Shape& shape) {
  if (spent.defined() && spent.dtype() == dtype && spent.shape() == shape &&
      !spent.node() && spent.array()->unique_owner()) {
    return spent.array();
  }
  spent = Tensor();  // Freed first: its memory may serve the new one.
  return Array::New(dtype, shape);
}

TensorDataset::TensorDataset(const Tensor& x, const Tensor& y, DatasetInfo info)
    : x_(x.Detach()), y_(y.Detach()), info_(std::move(info)) {
  if (x.rank() == 0 || y.rank() == 0 || x.shape()[0] != y.shape()[0]) {
    throw ShapeError(
        absl::StrCat("TensorDataset: x and y must have one row an example: x ",
                     Signature(x), ", y ", Signature(y)));
  }
  Bytes(x);
  Bytes(y);
}

Batch TensorDataset::Gather(absl::Span<const int64_t> rows) const {
  return Refill({}, rows, 0);
}

Batch TensorDataset::Refill(Batch spent, absl::Span<const int64_t> rows,
                            int64_t /*epoch*/) const {
  return {.x = GatherRows(x_, rows, std::move(spent.x)),
          .y = GatherRows(y_, rows, std::move(spent.y))};
}

Batch All(const Dataset& dataset) {
  std::vector<int64_t> rows(dataset.size());
  std::iota(rows.begin(), rows.end(), 0);
  return dataset.Gather(rows);
}

std::vector<int32_t> Labels(const Dataset& dataset) {
  constexpr int64_t kBlock = 1024;
  std::vector<int32_t> labels;
  std::vector<int64_t> rows;
  for (int64_t begin = 0; begin < dataset.size(); begin += kBlock) {
    rows.resize(std::min(kBlock, dataset.size() - begin));
    std::iota(rows.begin(), rows.end(), begin);
    const Tensor y = dataset.Gather(rows).y;
    if (y.rank() != 1) {
      throw ShapeError(
          absl::StrCat("Labels: y must be i32 [n]: ", Signature(y)));
    }
    labels.insert(labels.end(), y.data<int32_t>().begin(),
                  y.data<int32_t>().end());
  }
  return labels;
}

}  // namespace adjoint::data
