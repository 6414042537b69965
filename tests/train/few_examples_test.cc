#include "framework/train/few_examples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "framework/adjoint.h"
#include "framework/train/held_out.h"

namespace adjoint::train {
namespace {

// The numbers 0 to 49, and something to show.
class Numbers final : public SupervisedTask {
 public:
  explicit Numbers(Rng rng = Rng(1))
      : SupervisedTask(std::make_unique<nn::Linear>(1, 1, rng),
                       std::make_unique<data::TensorDataset>(X(), X()),
                       std::make_unique<data::TensorDataset>(X(), X()),
                       MeanSquaredError) {}

  absl::StatusOr<std::string> Show(const std::string& run_dir) const override {
    return "shown in " + run_dir;
  }
  std::map<std::string, std::string> captions() const override {
    return {{"picture.png", "A picture."}};
  }

 private:
  static Tensor X() { return Reshape(Arange(50), {50, 1}); }
};

TEST(FewExamples, AreEvenlyChosenForTrainingAndTest) {
  const FewExamples few(std::make_unique<Numbers>(), 3);
  for (const auto* set : {&few.train_data(), &few.test_data()}) {
    const data::Batch all = data::All(*set);
    EXPECT_THAT(all.x.data<float>(), testing::ElementsAre(0, 16, 33));
  }
  const FewExamples most(std::make_unique<Numbers>(), 1000);
  EXPECT_EQ(most.train_data().size(), 50);
}

TEST(TasksMadeOfAnother, ShowWhatThatShows) {
  const FewExamples few(std::make_unique<Numbers>(), 3);
  const HeldOut held_out(std::make_unique<Numbers>(), {.fraction = 0.1});
  for (const Task* task :
       {static_cast<const Task*>(&few), static_cast<const Task*>(&held_out)}) {
    EXPECT_EQ(*task->Show("there"), "shown in there");
    EXPECT_EQ(task->captions().at("picture.png"), "A picture.");
  }
}

}  // namespace
}  // namespace adjoint::train
