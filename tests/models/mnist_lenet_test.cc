#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "framework/adjoint.h"
#include "framework/train/held_out.h"
#include "models/mnist_lenet/lenet.h"

namespace adjoint::models {
namespace {

std::vector<float> X(const data::Dataset& set, int64_t epoch) {
  const Tensor x = set.GatherInEpoch({0, 1, 2}, epoch).x;
  return {x.data<float>().begin(), x.data<float>().end()};
}

TEST(MnistLenet, AugmentsTheTrainingImagesAnewInEveryEpoch) {
  const auto plain = MakeMnistLenet({}, {.tiny = true});
  const auto task = MakeMnistLenet({.augment = true}, {.tiny = true});
  const auto other =
      MakeMnistLenet({.augment = true}, {.seed = 7, .tiny = true});
  ASSERT_TRUE(plain.ok() && task.ok() && other.ok());
  const data::Dataset& train = (*task)->train_data();
  EXPECT_NE(X(train, 0), X((*plain)->train_data(), 0));
  EXPECT_NE(X(train, 0), X(train, 1));
  EXPECT_EQ(X(train, 1), X(train, 1));
  EXPECT_NE(X(train, 1), X((*other)->train_data(), 1));
  EXPECT_EQ(X((*task)->test_data(), 1), X((*plain)->test_data(), 0));
}

// Whatever the task makes its training data of.
TEST(MnistLenet, IsValidatedByPlainImagesWhenItLearnsFromAugmentedOnes) {
  const train::HeldOutOptions options = {.fraction = 0.5};
  const auto held_out = [&](bool augment) {
    return train::HeldOut(*MakeMnistLenet({.augment = augment}, {.tiny = true}),
                          options);
  };
  const train::HeldOut plain = held_out(false), augmented = held_out(true);
  for (const int64_t epoch : {0, 1}) {
    EXPECT_NE(X(augmented.train_data(), epoch), X(plain.train_data(), epoch));
    EXPECT_EQ(X(augmented.test_data(), epoch), X(plain.test_data(), epoch));
  }
}

}  // namespace
}  // namespace adjoint::models
