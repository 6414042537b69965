// A task that is judged by a part of its training data: to choose a recipe by,
// which the test data must not be used for, or its figures are no test.
#ifndef ADJOINT_FRAMEWORK_TRAIN_HELD_OUT_H_
#define ADJOINT_FRAMEWORK_TRAIN_HELD_OUT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "framework/data/subset.h"
#include "framework/train/task.h"

namespace adjoint::train {

struct HeldOutOptions {
  double fraction = 0.1;  // Of the training data; in (0, 1).
  uint64_t seed = 42;     // Of the choice.
  // Whether any example may be chosen; if not, the last are: for data whose
  // order means something. Of classes the shares stay as they are.
  bool shuffle = true;
};

// Trains on the rest of the training data, which is made of nothing that is
// held out (data::Dataset::Part), and tests on what is held out, as it is where
// the training data vary (data::kPlain).
class HeldOut final : public Task {
 public:
  // Throws ValueError for a fraction that leaves one of the two empty.
  HeldOut(std::unique_ptr<Task> task, const HeldOutOptions& options);

  const nn::Module& model() const override { return task_->model(); }
  const data::Dataset& train_data() const override { return *train_; }
  const data::Dataset& test_data() const override { return *validation_; }
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
  std::unique_ptr<data::Dataset> train_, validation_;
};

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_HELD_OUT_H_
