// A task on a few of its examples: the first thing to try with a new model.
#ifndef ADJOINT_FRAMEWORK_TRAIN_FEW_EXAMPLES_H_
#define ADJOINT_FRAMEWORK_TRAIN_FEW_EXAMPLES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "framework/train/task.h"

namespace adjoint::train {

// Trains and tests on a few examples of the training data alone, evenly chosen:
// the first ones may all be of one class; and plain (data::kPlain), for to
// learn mixed ones by heart says little. A model that can learn anything does
// so.
class FewExamples final : public Task {
 public:
  // At least 1 of `examples`, at most as many as there are.
  FewExamples(std::unique_ptr<Task> task, int64_t examples);

  const nn::Module& model() const override { return task_->model(); }
  const data::Dataset& train_data() const override { return *few_; }
  const data::Dataset& test_data() const override { return *few_; }
  void Prepare(const data::Dataset& train) override { task_->Prepare(train); }
  Outcome Evaluate(const data::Batch& batch,
                   const nn::Pass& pass) const override {
    return task_->Evaluate(batch, pass);
  }
  std::vector<Metric> metrics() const override { return task_->metrics(); }
  absl::StatusOr<std::string> Show(const std::string& run_dir) const override {
    return task_->Show(run_dir);
  }
  std::map<std::string, std::string> captions() const override {
    return task_->captions();
  }

 private:
  const std::unique_ptr<Task> task_;
  const std::unique_ptr<data::Dataset> few_;
};

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_FEW_EXAMPLES_H_
