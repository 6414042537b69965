// The weights of a training's checkpoint.

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"
#include "framework/train/checkpoint.h"

namespace adjoint::train {
namespace {

TEST(LoadInto, SaysHowToTakeTheModelFromACheckpoint) {
  Rng rng(1);
  const nn::Linear trained(6, 3, rng), model(6, 3, rng);
  optim::Adam adam({.learning_rate = 0.1});
  optim::Ema ema(trained, {.decay = 0.5});
  const std::string path = testing::TempDir() + "checkpoint.safetensors";
  const std::string advice = absl::StrCat(
      path,
      " is a training's checkpoint: the options {.strict = false, .rename = "
      "{{\"model/\", \"\"}}} take the weights from it");

  ASSERT_TRUE(SaveCheckpoint(path, {trained, adam}, {}).ok());
  EXPECT_EQ(LoadInto(model, path).message(), advice);
  EXPECT_EQ(LoadInto(model, path, {.strict = false}).message(), advice);

  ASSERT_TRUE(SaveCheckpoint(path, {trained, adam, &ema}, {}).ok());
  EXPECT_EQ(LoadInto(model, path).message(),
            advice + ", \"ema/\" in place of \"model/\" their averages");
  for (const char* part : {"ema/", "model/"}) {
    ASSERT_NE(WeightsSha256(model), WeightsSha256(trained));
    const absl::Status status =
        LoadInto(model, path, {.strict = false, .rename = {{part, ""}}});
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(WeightsSha256(model), WeightsSha256(trained));
    nn::Parameters(model)[0].parameter.MutableData<float>()[0] += 1;
  }
}

}  // namespace
}  // namespace adjoint::train
