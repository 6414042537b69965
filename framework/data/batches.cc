#include "framework/data/batches.h"

#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "framework/base/error.h"
#include "framework/base/rng.h"

namespace adjoint::data {
namespace {

// The stream that shuffles `epoch`. A program may well use one seed for all
// that it draws: this splits off where the generator itself never gets.
Rng ShuffleRng(uint64_t seed, int64_t epoch) {
  constexpr uint64_t kFirstPosition = uint64_t{1} << 63;
  return Rng(Rng::State{.key = seed, .position = kFirstPosition + epoch})
      .Split();
}

}  // namespace

Batches::Batches(const Dataset& dataset, const BatchesOptions& options)
    : dataset_(&dataset), options_(options) {
  if (options.size < 1) {
    throw ValueError(
        absl::StrCat("Batches: size must be >= 1: ", options.size));
  }
}

int64_t Batches::num_batches() const {
  const int64_t full = dataset_->size() / options_.size;
  const bool partial = dataset_->size() % options_.size != 0;
  return full + (partial && !options_.drop_last);
}

data::Epoch Batches::Epoch(int64_t epoch, int64_t first_batch) const {
  if (epoch < 0) {
    throw ValueError(absl::StrCat("Batches: epoch must be >= 0: ", epoch));
  }
  if (first_batch < 0 || first_batch > num_batches()) {
    throw ValueError(absl::StrCat("Batches: first_batch must be in [0, ",
                                  num_batches(), "]: ", first_batch));
  }
  data::Epoch result;
  result.dataset_ = dataset_;
  result.batch_size_ = options_.size;
  result.first_batch_ = first_batch;
  result.num_batches_ = num_batches();
  if (options_.shuffle) {
    result.order_ =
        ShuffleRng(options_.seed, epoch).Permutation(dataset_->size());
  } else {
    result.order_.resize(dataset_->size());
    std::iota(result.order_.begin(), result.order_.end(), 0);
  }
  return result;
}

Batch Epoch::Gather(int64_t index) const {
  if (index == num_batches_) return {.index = index};
  Batch batch = dataset_->Gather(
      absl::MakeConstSpan(order_).subspan(index * batch_size_, batch_size_));
  batch.index = index;
  return batch;
}

Epoch::Iterator::Iterator(const Epoch* epoch, int64_t index)
    : epoch_(epoch), batch_(epoch->Gather(index)) {}

Epoch::Iterator& Epoch::Iterator::operator++() {
  const int64_t next = batch_.index + 1;
  batch_ = Batch();  // Freed first: its memory serves the next one.
  batch_ = epoch_->Gather(next);
  return *this;
}

}  // namespace adjoint::data
