#include "framework/data/batches.h"

#include <chrono>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/base/rng.h"
#include "framework/data/order.h"

namespace adjoint::data {
namespace {

// A Gather that takes less is not worth handing over: to wake a thread costs
// some 5 to 20 us, and both threads' caches.
constexpr std::chrono::microseconds kWorthHandingOver(50);

// The stream that shuffles `epoch`. A program may well use one seed for all
// that it draws: this splits off where the generator itself never gets.
Rng ShuffleRng(uint64_t seed, int64_t epoch) {
  constexpr uint64_t kFirstPosition = uint64_t{1} << 63;
  return Rng(Rng::State{.key = seed, .position = kFirstPosition + epoch})
      .Split();
}

std::vector<int64_t> Order(int64_t n, const BatchesOptions& options,
                           int64_t epoch) {
  Rng rng = ShuffleRng(options.seed, epoch);
  if (!options.weights.empty()) return WeightedOrder(options.weights, rng);
  if (!options.strata.empty()) return StratifiedOrder(options.strata, rng);
  if (options.shuffle) return rng.Permutation(n);
  std::vector<int64_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

void CheckOrder(int64_t n, const BatchesOptions& options) {
  const auto weights = static_cast<int64_t>(options.weights.size());
  const auto strata = static_cast<int64_t>(options.strata.size());
  if (weights == 0 && strata == 0) return;
  if (weights != 0 && strata != 0) {
    throw ValueError("Batches: an order has weights or strata, not both");
  }
  if (!options.shuffle) {
    throw ValueError("Batches: weights and strata need shuffle");
  }
  if (weights + strata != n) {
    throw ValueError(absl::StrCat("Batches: ", weights + strata,
                                  weights != 0 ? " weights" : " strata",
                                  " for ", n, " examples"));
  }
  double sum = 0;
  for (double weight : options.weights) {
    if (!(weight >= 0) || !std::isfinite(sum += weight)) {
      throw ValueError(absl::StrCat(
          "Batches: weights must be >= 0 with a finite sum: ", weight));
    }
  }
  if (weights != 0 && sum == 0) {
    throw ValueError("Batches: all weights are 0");
  }
}

}  // namespace

Batches::Batches(const Dataset& dataset, const BatchesOptions& options)
    : dataset_(&dataset), options_(options) {
  if (options.size < 1) {
    throw ValueError(
        absl::StrCat("Batches: size must be >= 1: ", options.size));
  }
  CheckOrder(dataset.size(), options);
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
  result.order_ = Order(dataset_->size(), options_, epoch);
  result.epoch_ = epoch;
  result.prefetch_ = options_.prefetch;
  result.batch_size_ = options_.size;
  result.first_batch_ = first_batch;
  result.num_batches_ = num_batches();
  return result;
}

absl::Span<const int64_t> Epoch::Rows(int64_t index) const {
  return absl::MakeConstSpan(order_).subspan(index * batch_size_, batch_size_);
}

// The first batch is gathered here, which tells how long a Gather takes.
Epoch::Iterator::Iterator(const Epoch* epoch, int64_t index)
    : epoch_(epoch), ahead_(std::make_unique<GatherAhead>()) {
  batch_.index = index - 1;
  ++*this;
}

Epoch::Iterator& Epoch::Iterator::operator++() {
  const int64_t next = batch_.index + 1;
  Batch used = std::exchange(batch_, Batch());
  // Two batches take turns where two may be needed at a time.
  if (!MayPrefetch()) spent_ = std::exchange(used, Batch());
  if (ahead_->offered()) {
    batch_ = ahead_->Take();
  } else if (next < epoch_->num_batches_) {
    batch_ = ahead_->Gather(*epoch_->dataset_, epoch_->Rows(next),
                            epoch_->epoch_, std::exchange(spent_, Batch()));
  }
  batch_.index = next;
  if (used.x.defined()) spent_ = std::move(used);
  Offer();
  return *this;
}

bool Epoch::Iterator::MayPrefetch() const {
  return epoch_->prefetch_ != Prefetch::kNever && NumThreads() > 1;
}

void Epoch::Iterator::Offer() {
  const int64_t next = batch_.index + 1;
  if (next >= epoch_->num_batches_ || !MayPrefetch()) return;
  if (epoch_->prefetch_ == Prefetch::kAlways ||
      ahead_->duration() > kWorthHandingOver) {
    ahead_->Offer(*epoch_->dataset_, epoch_->Rows(next), epoch_->epoch_,
                  std::exchange(spent_, Batch()));
  }
}

}  // namespace adjoint::data
