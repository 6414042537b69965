#include "framework/train/few_examples.h"

#include <algorithm>
#include <utility>

namespace adjoint::train {
namespace {

// Copies of examples, which are still what they were.
class Copies final : public data::TensorDataset {
 public:
  Copies(const data::Batch& examples, data::DatasetInfo info)
      : TensorDataset(examples.x, examples.y), info_(std::move(info)) {}
  data::DatasetInfo info() const override { return info_; }

 private:
  const data::DatasetInfo info_;
};

std::unique_ptr<data::Dataset> SomeOf(const data::Dataset& dataset,
                                      int64_t examples) {
  std::vector<int64_t> rows(std::clamp<int64_t>(examples, 1, dataset.size()));
  const auto n = static_cast<int64_t>(rows.size());
  for (int64_t i = 0; i < n; ++i) rows[i] = i * dataset.size() / n;
  return std::make_unique<Copies>(dataset.GatherInEpoch(rows, data::kPlain),
                                  dataset.info());
}

}  // namespace

FewExamples::FewExamples(std::unique_ptr<Task> task, int64_t examples)
    : task_(std::move(task)), few_(SomeOf(task_->train_data(), examples)) {}

}  // namespace adjoint::train
