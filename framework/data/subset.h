// Data sets made of others.
//
//   const Split split = StratifiedSplit(Labels(all), 0.1, 42);
//   const Subset train(all, split.train), validation(all, split.validation);
//   const Map centred(train, [](Batch b) { b.x = b.x - 0.5; return b; });
#ifndef ADJOINT_FRAMEWORK_DATA_SUBSET_H_
#define ADJOINT_FRAMEWORK_DATA_SUBSET_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "framework/data/dataset.h"

namespace adjoint::data {

// Some rows of a data set, in any order; one may be there many times.
class Subset : public Dataset {
 public:
  // Throws ValueError for a row that is not in [0, dataset.size()).
  Subset(DatasetRef dataset, std::vector<int64_t> rows);

  int64_t size() const override { return rows_.size(); }
  Batch Gather(absl::Span<const int64_t> rows) const override;
  Batch GatherInEpoch(absl::Span<const int64_t> rows,
                      int64_t epoch) const override;
  Batch Refill(Batch spent, absl::Span<const int64_t> rows,
               int64_t epoch) const override;
  DatasetInfo info() const override { return dataset_->info(); }

 private:
  DatasetRef dataset_;
  std::vector<int64_t> rows_;
};

// The examples of a data set as they are, in every epoch, where it varies them:
// what a model that learns from the varied ones is judged by.
class Plain : public Dataset {
 public:
  explicit Plain(DatasetRef dataset);

  int64_t size() const override { return dataset_->size(); }
  Batch Gather(absl::Span<const int64_t> rows) const override;
  Batch Refill(Batch spent, absl::Span<const int64_t> rows,
               int64_t epoch) const override;
  DatasetInfo info() const override { return dataset_->info(); }

 private:
  DatasetRef dataset_;
};

// One data set after the other. All outlive it.
class Concat : public Dataset {
 public:
  // Throws ShapeError or DTypeError if the examples differ in that, and
  // ValueError for no parts. Gathers one example of each.
  explicit Concat(std::vector<const Dataset*> parts);

  int64_t size() const override { return ends_.back(); }
  Batch Gather(absl::Span<const int64_t> rows) const override;
  Batch GatherInEpoch(absl::Span<const int64_t> rows,
                      int64_t epoch) const override;

  // What the parts agree in; the checksums of all, joined by "+", if each has
  // one.
  DatasetInfo info() const override;

 private:
  std::vector<const Dataset*> parts_;
  std::vector<int64_t> ends_;  // Of each part, the row after its last.
};

// What a function makes of each batch of a data set.
class Map : public Dataset {
 public:
  using Function = std::function<Batch(Batch)>;

  // `fn` keeps the number of examples, treats each as if it were alone, and may
  // be called by several threads at once; its result, a function of its
  // argument, keeps no history. `info` is what the examples are then like.
  Map(DatasetRef dataset, Function fn, DatasetInfo info = {});

  int64_t size() const override { return dataset_->size(); }
  // Throws ShapeError if `fn` gives another number of examples.
  Batch Gather(absl::Span<const int64_t> rows) const override;
  Batch GatherInEpoch(absl::Span<const int64_t> rows,
                      int64_t epoch) const override;
  Batch Refill(Batch spent, absl::Span<const int64_t> rows,
               int64_t epoch) const override;
  std::unique_ptr<Dataset> Part(std::vector<int64_t> rows) const override;
  DatasetInfo info() const override { return info_; }

 private:
  DatasetRef dataset_;
  Function fn_;
  DatasetInfo info_;
};

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_SUBSET_H_
