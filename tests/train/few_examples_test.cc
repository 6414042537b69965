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

// The numbers 0 to 49, but other ones in every epoch that is not plain.
class Varied final : public data::Dataset {
 public:
  int64_t size() const override { return 50; }
  data::Batch Gather(absl::Span<const int64_t> rows) const override {
    return GatherInEpoch(rows, 0);
  }
  data::Batch GatherInEpoch(absl::Span<const int64_t> rows,
                            int64_t epoch) const override {
    const Tensor all = Reshape(Arange(50), {50, 1});
    const double more = epoch == data::kPlain ? 0 : 100;
    return data::TensorDataset(all + more, all).Gather(rows);
  }
};

TEST(FewExamples, ArePlain) {
  Rng rng(1);
  const FewExamples few(
      std::make_unique<SupervisedTask>(
          std::make_unique<nn::Linear>(1, 1, rng), std::make_unique<Varied>(),
          std::make_unique<Varied>(), MeanSquaredError),
      3);
  EXPECT_THAT(data::All(few.train_data()).x.data<float>(),
              testing::ElementsAre(0, 16, 33));
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
