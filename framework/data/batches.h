// A data set cut into batches, in an order that can be made again.
//
//   Batches batches(mnist.train, {.size = 128, .seed = 42});
//   for (int64_t epoch = 0; epoch < 10; ++epoch) {
//     for (const Batch& batch : batches.Epoch(epoch)) {
//       ... batch.x, batch.y ...
//     }
//   }
//
// Which examples are in batch k of epoch e is a function of the data set's
// size, the options, e and k, and of nothing else: a run that stopped there
// goes on with batches.Epoch(e, k).
//
// While one batch is used, another thread may gather the next.
#ifndef ADJOINT_FRAMEWORK_DATA_BATCHES_H_
#define ADJOINT_FRAMEWORK_DATA_BATCHES_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <vector>

#include "framework/data/dataset.h"
#include "framework/data/gather_ahead.h"

namespace adjoint::data {

// Whether another thread gathers the next batch while this one is used. What
// the batches hold does not depend on it.
enum class Prefetch {
  kAuto,    // Where a Gather takes longer than to hand it over.
  kAlways,  // Unless NumThreads() is 1: then the user wants one thread.
  kNever,   // One batch is in memory at a time, gathered when it is reached.
};

// The batches of one epoch: a range that can be gone through any number of
// times. It needs the data set, but not the Batches it came from.
class Epoch {
 public:
  // An input iterator that holds one batch. It can be moved, not copied.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;
    using pointer = const Batch*;
    using reference = const Batch&;

    const Batch& operator*() const { return batch_; }
    const Batch* operator->() const { return &batch_; }
    Iterator& operator++();
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const {
      return batch_.index == epoch_->num_batches_;
    }

   private:
    friend class Epoch;
    Iterator(const Epoch* epoch, int64_t index);

    // Whether the next batch may be gathered while this one is used.
    bool MayPrefetch() const;

    // Offers the next batch to the other thread if that pays.
    void Offer();

    const Epoch* epoch_;
    std::unique_ptr<GatherAhead> ahead_;  // Gathers the next batch.
    Batch batch_;
    Batch spent_;  // Whose memory serves the next that is gathered.
  };

  // REQUIRES: this epoch outlives the iterator and is not moved meanwhile.
  Iterator begin() const { return Iterator(this, first_batch_); }
  std::default_sentinel_t end() const { return std::default_sentinel; }

  // The rows that are in batch `index`. REQUIRES: there is such a batch.
  absl::Span<const int64_t> Rows(int64_t index) const;

 private:
  friend class Batches;
  Epoch() = default;

  const Dataset* dataset_ = nullptr;
  std::vector<int64_t> order_;  // As many rows as the data set has.
  int64_t epoch_ = 0;
  Prefetch prefetch_ = Prefetch::kAuto;
  int64_t batch_size_ = 0;
  int64_t first_batch_ = 0;
  int64_t num_batches_ = 0;
};

struct BatchesOptions {
  int64_t size = 32;  // The number of examples in a batch, at least 1.
  uint64_t seed = 0;
  bool shuffle = true;     // If not, every epoch has the data set's own order.
  bool drop_last = false;  // Leaves out a last batch that is not full.
  // With one weight an example: each place of the order is drawn on its own, an
  // example with a probability in proportion to its weight.
  std::vector<double> weights = {};
  // With one class an example, any numbers: as many examples of each class are
  // in every stretch of the order as its share is, within less than two; all of
  // a class are in the epoch, in random order.
  std::vector<int32_t> strata = {};
  Prefetch prefetch = Prefetch::kAuto;
};

class Batches {
 public:
  // Throws ValueError for a size below 1, and for weights or strata that are
  // both given, not as many as the examples, or not to be shuffled; and for a
  // weight that is negative or not finite, and if all are 0. REQUIRES:
  // `dataset` outlives this object and its epochs; hence a temporary one does
  // not compile.
  explicit Batches(const Dataset& dataset, const BatchesOptions& options = {});
  explicit Batches(const Dataset&&, const BatchesOptions& = {}) = delete;

  // The number of batches in a whole epoch: without drop_last, none only for an
  // empty data set.
  int64_t num_batches() const;

  // Epoch `epoch` from batch `first_batch` on. Shuffled orders of different
  // epochs or seeds are independent, also of what an Rng of the same seed
  // draws. Throws ValueError unless epoch >= 0 and first_batch is in
  // [0, num_batches()].
  data::Epoch Epoch(int64_t epoch, int64_t first_batch = 0) const;

 private:
  const Dataset* dataset_;
  BatchesOptions options_;
};

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_BATCHES_H_
