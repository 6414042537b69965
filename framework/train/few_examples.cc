#include "framework/train/few_examples.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace adjoint::train {
namespace {

// Copies of the first examples, which are still what they were.
class First final : public data::TensorDataset {
 public:
  First(const data::Batch& examples, data::DatasetInfo info)
      : TensorDataset(examples.x, examples.y), info_(std::move(info)) {}
  data::DatasetInfo info() const override { return info_; }

 private:
  const data::DatasetInfo info_;
};

std::unique_ptr<data::Dataset> FirstOf(const data::Dataset& dataset,
                                       int64_t examples) {
  std::vector<int64_t> rows(std::clamp<int64_t>(examples, 1, dataset.size()));
  std::iota(rows.begin(), rows.end(), 0);
  return std::make_unique<First>(dataset.Gather(rows), dataset.info());
}

}  // namespace

FewExamples::FewExamples(std::unique_ptr<Task> task, int64_t examples)
    : task_(std::move(task)), few_(FirstOf(task_->train_data(), examples)) {}

}  // namespace adjoint::train
