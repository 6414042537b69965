// Labelled examples that can be read in any order.
#ifndef ADJOINT_FRAMEWORK_DATA_DATASET_H_
#define ADJOINT_FRAMEWORK_DATA_DATASET_H_

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "framework/core/array.h"
#include "framework/core/dtype.h"
#include "framework/core/ref.h"
#include "framework/core/shape.h"
#include "framework/core/tensor.h"

namespace adjoint::data {

// Some examples: x[i] and y[i] belong together.
struct Batch {
  Tensor x;           // The inputs, [n, ...].
  Tensor y;           // The targets, [n, ...].
  int64_t index = 0;  // The place of this batch in its epoch.

  int64_t size() const { return x.shape()[0]; }
};

// The epoch in which no data set varies its examples: they are as they are to
// be judged by.
inline constexpr int64_t kPlain = -1;

// What examples are like, for those who show them to people.
struct DatasetInfo {
  // Of an x that is a picture: [rows, cols], or [channels, rows, cols] with 1
  // or 3 channels, whatever the shape of the tensor; and its values for black
  // and white. Of rank 0 where the examples are no pictures.
  Shape picture;
  double black = 0, white = 1;
  std::vector<std::string> class_names;  // Empty where they have none.
  // Of the files that the examples came from, such as "crc32 1a2b3c4d"; empty
  // where they came from none.
  std::string checksum;
};

// A finite list of examples. A data set does not change, and it is passed by
// reference: it outlives whatever reads from it, unless that owns it
// (DatasetRef). It can be moved, not copied.
class Dataset {
 public:
  virtual ~Dataset() = default;

  // The number of examples.
  virtual int64_t size() const = 0;

  // Copies of the examples `rows`, in that order; one may be there many times.
  // The tensors are new constants and the index is 0. Safe to call from
  // several threads at once.
  //
  // REQUIRES: every row is in [0, size()).
  virtual Batch Gather(absl::Span<const int64_t> rows) const = 0;

  // The same as they are in `epoch`: for data sets whose examples vary, a
  // function of the epoch and the row alone (see augment.h), but in the epoch
  // kPlain as they are. Gather gives those of epoch 0. What wraps another data
  // set passes the epoch on.
  virtual Batch GatherInEpoch(absl::Span<const int64_t> rows,
                              [[maybe_unused]] int64_t epoch) const {
    return Gather(rows);
  }

  // The same in the memory of `spent`, a batch that has been used: a training
  // then takes no memory for its batches. Where that does not fit or somebody
  // still holds a tensor of it, and with a data set that does without this, the
  // memory is new. A class that inherits an override of this one and overrides
  // Gather overrides this too.
  virtual Batch Refill(Batch spent, absl::Span<const int64_t> rows,
                       int64_t epoch) const;

  // The examples `rows` as a data set, to train on while the others are held
  // out. This one must outlive it. A Subset, unless an example is made of
  // others too (mixup.h): then they are of the part alone, and what wraps such
  // a data set makes a part of that.
  virtual std::unique_ptr<Dataset> Part(std::vector<int64_t> rows) const;

  virtual DatasetInfo info() const { return {}; }

 protected:
  Dataset() = default;
  Dataset(Dataset&&) = default;
  Dataset& operator=(Dataset&&) = default;
};

// The data set that another is made of: one that is referred to, which must
// outlive the other, hence a temporary does not compile; or one that is owned.
class DatasetRef {
 public:
  DatasetRef(const Dataset& dataset)  // NOLINT: implicit, as a reference is.
      : dataset_(std::shared_ptr<void>(), &dataset) {}
  DatasetRef(const Dataset&&) = delete;

  // REQUIRES: not null. `Owned` is a std::unique_ptr or a std::shared_ptr.
  template <std::convertible_to<std::shared_ptr<const Dataset>> Owned>
  DatasetRef(Owned dataset)  // NOLINT: implicit
      : dataset_(std::move(dataset)) {}

  const Dataset& operator*() const { return *dataset_; }
  const Dataset* operator->() const { return dataset_.get(); }

 private:
  std::shared_ptr<const Dataset> dataset_;
};

// An array of this dtype and shape to write the tensors of a batch into: that
// of `spent`, if it is such a one and only this tensor leads to it.
Ref<Array> ArrayOf(Tensor spent, DType dtype, const Shape& shape);

// All examples of a data set, in its own order.
Batch All(const Dataset& dataset);

// The class of every example, in order, gathered in blocks. Throws ShapeError
// or DTypeError unless y is i32 [n].
std::vector<int32_t> Labels(const Dataset& dataset);

// Examples that are the rows of two tensors of any dtype.
class TensorDataset : public Dataset {
 public:
  // x [n, ...], y [n, ...]; their history is not kept. Throws ShapeError if one
  // is a scalar or if they differ in n, and ValueError if one is undefined or
  // a ghost.
  TensorDataset(const Tensor& x, const Tensor& y, DatasetInfo info = {});

  int64_t size() const override { return x_.shape()[0]; }
  Batch Gather(absl::Span<const int64_t> rows) const override;
  Batch Refill(Batch spent, absl::Span<const int64_t> rows,
               int64_t epoch) const override;
  DatasetInfo info() const override { return info_; }

 private:
  Tensor x_;
  Tensor y_;
  DatasetInfo info_;
};

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_DATASET_H_
