#include "framework/train/held_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <set>
#include <vector>

#include "framework/adjoint.h"

namespace adjoint::train {
namespace {

// 100 examples, the values 0 to 99, of three classes: 70, 20 and 10 of them.
std::unique_ptr<Task> Classes() {
  std::vector<float> x(100);
  std::vector<int32_t> y(100);
  for (int i = 0; i < 100; ++i) {
    x[i] = static_cast<float>(i);
    y[i] = i % 10 < 7 ? 0 : i % 10 < 9 ? 1 : 2;
  }
  Rng rng(1);
  const auto examples = [&] {
    return std::make_unique<data::TensorDataset>(FromSpan<float>({100, 1}, x),
                                                 FromSpan<int32_t>({100}, y));
  };
  return std::make_unique<SupervisedTask>(
      std::make_unique<nn::Sequential>(nn::Linear(1, 3, rng)), examples(),
      examples());
}

TEST(HeldOut, PartsTheTrainingDataWithTheClassesSharesKept) {
  const HeldOut task(Classes(), {.fraction = 0.2, .seed = 3});
  EXPECT_EQ(task.train_data().size(), 80);
  const data::Batch held = data::All(task.test_data());
  std::vector<int> of_class(3);
  for (const int32_t label : held.y.data<int32_t>()) ++of_class[label];
  EXPECT_EQ(of_class, std::vector<int>({14, 4, 2}));
  std::set<float> seen;
  for (const auto* part : {&task.train_data(), &task.test_data()}) {
    const data::Batch all = data::All(*part);
    seen.insert(all.x.data<float>().begin(), all.x.data<float>().end());
  }
  EXPECT_EQ(seen.size(), 100u);
}

TEST(HeldOut, TakesTheLastExamplesIfTheirOrderMatters) {
  const HeldOut task(Classes(), {.fraction = 0.03, .shuffle = false});
  const data::Batch held = data::All(task.test_data());
  EXPECT_THAT(held.x.data<float>(), testing::ElementsAre(97, 98, 99));
}

// Only the last 20 of 100 examples have an x that is not 0.
TEST(HeldOut, MixesNothingThatIsHeldOutIntoTheRest) {
  std::vector<float> x(100, 0);
  for (int i = 80; i < 100; ++i) x[i] = 1;
  const auto task = [&](auto wrap) {
    auto mixed = std::make_unique<data::Mixup>(
        std::make_unique<data::TensorDataset>(FromSpan<float>({100, 1}, x),
                                              Zeros({100}, DType::kI32)),
        data::MixupOptions{.classes = 3});
    Rng rng(1);
    return HeldOut(
        std::make_unique<SupervisedTask>(
            std::make_unique<nn::Linear>(1, 3, rng), wrap(std::move(mixed)),
            std::make_unique<data::TensorDataset>(Zeros({1, 1}),
                                                  Zeros({1}, DType::kI32))),
        {.fraction = 0.2, .shuffle = false});
  };
  using Owned = std::unique_ptr<data::Dataset>;
  const HeldOut direct = task([](Owned mixed) { return mixed; });
  const HeldOut mapped = task([](Owned mixed) -> Owned {
    return std::make_unique<data::Map>(std::move(mixed),
                                       [](data::Batch b) { return b; });
  });
  std::vector<int64_t> rows(80);
  std::iota(rows.begin(), rows.end(), 0);
  for (const HeldOut* held_out : {&direct, &mapped}) {
    for (int64_t epoch = 0; epoch < 3; ++epoch) {
      const Tensor seen = held_out->train_data().GatherInEpoch(rows, epoch).x;
      EXPECT_THAT(seen.data<float>(), testing::Each(0));
    }
    const Tensor judged = data::All(held_out->test_data()).x;
    EXPECT_THAT(judged.data<float>(), testing::Each(1));
  }
}

TEST(HeldOut, RefusesToLeaveNothing) {
  EXPECT_THROW(HeldOut(Classes(), {.fraction = 0.001}), ValueError);
  EXPECT_THROW(HeldOut(Classes(), {.fraction = 0.999}), ValueError);
}

}  // namespace
}  // namespace adjoint::train
