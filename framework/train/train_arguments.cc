#include "framework/train/train_arguments.h"

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"

namespace adjoint::train {

void CheckOptions(const TrainOptions& options) {
  const auto require = [](bool holds, absl::string_view rule, auto value) {
    if (holds) return;
    throw ValueError(absl::StrCat("train: ", rule, ": ", value));
  };
  require(options.epochs >= 1, "epochs must be at least 1", options.epochs);
  require(options.accumulate >= 1, "accumulate must be at least 1",
          options.accumulate);
  require(options.patience >= 0, "patience must be at least 0",
          options.patience);
  require(options.max_seconds >= 0, "max_seconds must be at least 0",
          options.max_seconds);
  require(options.skip_outliers == 0 || options.skip_outliers > 1,
          "skip_outliers must be 0 or above 1", options.skip_outliers);
  require(options.norm_every >= 0, "norm_every must be at least 0",
          options.norm_every);
}

void CheckHasExamples(const data::Dataset& dataset, absl::string_view kind) {
  if (dataset.size() > 0) return;
  throw ValueError(absl::StrCat("train: the ", kind, " data has no examples"));
}

double LossValue(const Tensor& loss) {
  if (loss.defined() && loss.size() == 1) return loss.item();
  throw ShapeError(
      absl::StrCat("train: the loss must be one element: ", Signature(loss)));
}

}  // namespace adjoint::train
