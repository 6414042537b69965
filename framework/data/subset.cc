#include "framework/data/subset.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/core/array.h"
#include "framework/core/memory.h"

namespace adjoint::data {
namespace {

// Rows of another data set, without an allocation by the system.
using Rows = PooledVector<int64_t>;

void* Elements(const Tensor& x) { return x.array()->data(); }

// Copies row i of `from` to row places[i] of `to`, which is made like `from`
// with n rows if it is not there yet.
void Scatter(const Tensor& from, absl::Span<const int64_t> places, int64_t n,
             Tensor& to) {
  if (!to.defined()) {
    to = Tensor(Array::New(from.dtype(), from.shape().With(0, n)));
  }
  if (to.dtype() != from.dtype() ||
      !(to.shape().Without(0) == from.shape().Without(0))) {
    throw ShapeError(absl::StrCat("Concat: examples differ: ", Signature(to),
                                  " and ", Signature(from)));
  }
  const int64_t row_bytes =
      from.shape().Without(0).size() * SizeOf(from.dtype());
  for (size_t i = 0; i < places.size(); ++i) {
    std::memcpy(static_cast<char*>(Elements(to)) + places[i] * row_bytes,
                static_cast<const char*>(Elements(from)) + i * row_bytes,
                row_bytes);
  }
}

}  // namespace

Subset::Subset(DatasetRef dataset, std::vector<int64_t> rows)
    : dataset_(std::move(dataset)), rows_(std::move(rows)) {
  for (int64_t row : rows_) {
    if (row < 0 || row >= dataset_->size()) {
      throw ValueError(absl::StrCat("Subset: row ", row, " is not in [0, ",
                                    dataset_->size(), ")"));
    }
  }
}

Batch Subset::Gather(absl::Span<const int64_t> rows) const {
  return GatherInEpoch(rows, 0);
}

Batch Subset::GatherInEpoch(absl::Span<const int64_t> rows,
                            int64_t epoch) const {
  return Refill({}, rows, epoch);
}

Batch Subset::Refill(Batch spent, absl::Span<const int64_t> rows,
                     int64_t epoch) const {
  Rows inner;
  inner.reserve(rows.size());
  for (int64_t row : rows) {
    ADJOINT_CHECK(0 <= row && row < size());
    inner.push_back(rows_[row]);
  }
  return dataset_->Refill(std::move(spent), inner, epoch);
}

Plain::Plain(DatasetRef dataset) : dataset_(std::move(dataset)) {}

Batch Plain::Gather(absl::Span<const int64_t> rows) const {
  return dataset_->GatherInEpoch(rows, kPlain);
}

Batch Plain::Refill(Batch spent, absl::Span<const int64_t> rows,
                    int64_t /*epoch*/) const {
  return dataset_->Refill(std::move(spent), rows, kPlain);
}

Concat::Concat(std::vector<const Dataset*> parts) : parts_(std::move(parts)) {
  if (parts_.empty()) throw ValueError("Concat: there are no parts");
  int64_t end = 0;
  std::vector<int64_t> firsts;
  for (const Dataset* part : parts_) {
    if (part->size() > 0) firsts.push_back(end);
    ends_.push_back(end += part->size());
  }
  Gather(firsts);
}

Batch Concat::Gather(absl::Span<const int64_t> rows) const {
  return GatherInEpoch(rows, 0);
}

Batch Concat::GatherInEpoch(absl::Span<const int64_t> rows,
                            int64_t epoch) const {
  const auto n = static_cast<int64_t>(rows.size());
  Batch all;
  Rows inner, places;
  int64_t begin = 0;
  for (size_t p = 0; p < parts_.size(); begin = ends_[p++]) {
    inner.clear();
    places.clear();
    for (int64_t i = 0; i < n; ++i) {
      ADJOINT_CHECK(0 <= rows[i] && rows[i] < size());
      if (rows[i] < begin || rows[i] >= ends_[p]) continue;
      inner.push_back(rows[i] - begin);
      places.push_back(i);
    }
    if (inner.empty() && n > 0) continue;
    Batch part = parts_[p]->GatherInEpoch(inner, epoch);
    if (static_cast<int64_t>(inner.size()) == n) return part;
    Scatter(part.x, places, n, all.x);
    Scatter(part.y, places, n, all.y);
  }
  return all;
}

DatasetInfo Concat::info() const {
  DatasetInfo all = parts_[0]->info();
  for (size_t p = 1; p < parts_.size(); ++p) {
    const DatasetInfo part = parts_[p]->info();
    if (!(part.picture == all.picture) || part.black != all.black ||
        part.white != all.white) {
      all.picture = Shape();
    }
    if (part.class_names != all.class_names) all.class_names.clear();
    all.checksum = all.checksum.empty() || part.checksum.empty()
                       ? ""
                       : absl::StrCat(all.checksum, "+", part.checksum);
  }
  return all;
}

Map::Map(DatasetRef dataset, Function fn, DatasetInfo info)
    : dataset_(std::move(dataset)),
      fn_(std::move(fn)),
      info_(std::move(info)) {}

Batch Map::Gather(absl::Span<const int64_t> rows) const {
  return GatherInEpoch(rows, 0);
}

Batch Map::GatherInEpoch(absl::Span<const int64_t> rows, int64_t epoch) const {
  return Refill({}, rows, epoch);
}

Batch Map::Refill(Batch spent, absl::Span<const int64_t> rows,
                  int64_t epoch) const {
  Batch batch = fn_(dataset_->Refill(std::move(spent), rows, epoch));
  const auto n = static_cast<int64_t>(rows.size());
  for (const Tensor* t : {&batch.x, &batch.y}) {
    if (t->rank() == 0 || t->shape()[0] != n) {
      throw ShapeError(
          absl::StrCat("Map: ", n, " examples became ", Signature(*t)));
    }
  }
  return {.x = batch.x.Detach(), .y = batch.y.Detach()};
}

std::unique_ptr<Dataset> Map::Part(std::vector<int64_t> rows) const {
  return std::make_unique<Map>(dataset_->Part(std::move(rows)), fn_, info_);
}

}  // namespace adjoint::data
