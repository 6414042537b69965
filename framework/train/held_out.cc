#include "framework/train/held_out.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/data/order.h"

namespace adjoint::train {
namespace {

bool HasClasses(const data::Dataset& dataset) {
  const Tensor y = dataset.Gather({0}).y;
  return y.dtype() == DType::kI32 && y.rank() == 1;
}

data::Split SplitTail(int64_t size, double fraction) {
  data::Split split;
  const auto train = size - std::llround(fraction * static_cast<double>(size));
  for (int64_t i = 0; i < size; ++i) {
    (i < train ? split.train : split.validation).push_back(i);
  }
  return split;
}

data::Split SplitOf(const data::Dataset& dataset,
                    const HeldOutOptions& options) {
  const double fraction = options.fraction;
  if (!options.shuffle) return SplitTail(dataset.size(), fraction);
  return dataset.size() > 0 && HasClasses(dataset)
             ? data::StratifiedSplit(Labels(dataset), fraction, options.seed)
             : data::RandomSplit(dataset.size(), fraction, options.seed);
}

}  // namespace

HeldOut::HeldOut(std::unique_ptr<Task> task, const HeldOutOptions& options)
    : task_(std::move(task)) {
  const data::Dataset& all = task_->train_data();
  // Classes are those of plain examples: varied ones may be mixed.
  auto plain = std::make_unique<data::Plain>(all);
  data::Split split = SplitOf(*plain, options);
  if (split.train.empty() || split.validation.empty()) {
    throw ValueError(
        absl::StrCat("validation_fraction: ", options.fraction, " of ",
                     all.size(), " examples leaves none to ",
                     split.train.empty() ? "train" : "test", " on"));
  }
  train_ = all.Part(std::move(split.train));
  validation_ = std::make_unique<data::Subset>(std::move(plain),
                                               std::move(split.validation));
}

}  // namespace adjoint::train
