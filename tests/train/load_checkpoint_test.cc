// The weights that a training left behind, by LoadInto.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"
#include "framework/train/checkpoint.h"

namespace adjoint::train {
namespace {

namespace fs = std::filesystem;

// Of which all weights have one value, and an integer that no average has.
class Model final : public nn::Module {
 public:
  explicit Model(double value) : weight_(Full({2, 3}, value)) {}
  void Visit(nn::Visitor& visit) const override {
    visit("weight", weight_);
    visit("count", count_);
  }
  std::string Kind() const override { return "Model"; }
  float value() const { return weight_.value().data<float>()[5]; }
  nn::Parameter weight_,
      count_ = nn::Parameter(Full({}, 7, DType::kI32), {.trainable = false});
};

std::string NewFolder() {
  const std::string folder = absl::StrCat(
      testing::TempDir(), "/",
      testing::UnitTest::GetInstance()->current_test_info()->name());
  fs::remove_all(folder);
  fs::create_directories(folder + "/checkpoints");
  return folder;
}

void Save(const std::string& path, double value, optim::Ema* ema = nullptr) {
  const Model model(value);
  optim::Adam adam({.learning_rate = 0.1});
  const absl::Status status = SaveCheckpoint(path, {model, adam, ema}, {});
  ASSERT_TRUE(status.ok()) << status;
}

// What is loaded from `path`; -1 with the error.
float Loaded(const std::string& path, const LoadOptions& options = {}) {
  const Model model(-1);
  const absl::Status status = LoadInto(model, path, options);
  EXPECT_TRUE(status.ok()) << status;
  return model.value();
}

TEST(LoadInto, TakesTheModelOfACheckpoint) {
  const std::string path = NewFolder() + "/a.safetensors";
  Save(path, 2);
  EXPECT_EQ(Loaded(path), 2);
  // A model that has more than the checkpoint, or another name for it.
  EXPECT_EQ(Loaded(path, {.rename = {{"count", "count"}}}), 2);
  const absl::Status other = LoadInto(nn::Relu(), path);
  EXPECT_TRUE(absl::StrContains(other.message(), "unexpected: \"count\" i32"))
      << other;
}

TEST(LoadInto, TakesTheAveragesOfACheckpointWhereThereAreAny) {
  const std::string path = NewFolder() + "/a.safetensors";
  optim::Ema ema(Model(0), {.decay = 0.5});
  ema.Update(Model(3));
  Save(path, 2, &ema);
  EXPECT_EQ(Loaded(path), 1.5);
  EXPECT_EQ(Loaded(path, {.averages = false}), 2);
}

TEST(LoadInto, RefusesADamagedCheckpointWithoutAnyChange) {
  const std::string path = NewFolder() + "/a.safetensors";
  Save(path, 2);
  std::string bytes = *ReadFile(path);
  bytes.back() ^= 1;
  ASSERT_TRUE(WriteFileAtomically(path, bytes).ok());
  const Model model(-1);
  const absl::Status status = LoadInto(model, path);
  EXPECT_TRUE(absl::StrContains(status.message(), path + ": is damaged"))
      << status;
  EXPECT_EQ(model.value(), -1);
}

TEST(LoadInto, TakesTheBestEpochOfARun) {
  const std::string run = NewFolder();
  const Model model(-1);
  const absl::Status none = LoadInto(model, run);
  EXPECT_TRUE(absl::IsNotFound(none)) << none;
  EXPECT_TRUE(absl::StrContains(none.message(), run)) << none;
  Save(run + "/checkpoints/step-00000010.safetensors", 10);
  Save(run + "/checkpoints/best.safetensors", 5);
  ASSERT_TRUE(SaveWeights(Model(10), run + "/model.safetensors").ok());
  EXPECT_EQ(Loaded(run), 5);
  EXPECT_EQ(Loaded(run + "/"), 5);
}

TEST(LoadInto, TakesWhatARunSavedLast) {
  const std::string run = NewFolder();
  EXPECT_TRUE(absl::IsNotFound(LoadInto(Model(-1), run, {.last = true})));
  const std::string of_20 = run + "/checkpoints/step-00000020.safetensors";
  Save(run + "/checkpoints/step-00000010.safetensors", 10);
  Save(run + "/checkpoints/best.safetensors", 5);
  EXPECT_EQ(Loaded(run, {.last = true}), 10);
  const auto end_at = [&](int64_t step) {
    return SaveWeights(Model(static_cast<double>(step)),
                       run + "/model.safetensors",
                       {{"step", absl::StrCat(step)}});
  };
  ASSERT_TRUE(end_at(12).ok());  // As after --patience.
  EXPECT_EQ(Loaded(run, {.last = true}), 12);
  Save(of_20, 20);  // It went on and was killed.
  EXPECT_EQ(Loaded(run, {.last = true}), 20);
  ASSERT_TRUE(WriteFileAtomically(of_20, "damaged").ok());
  EXPECT_EQ(Loaded(run, {.last = true}), 12);
  fs::remove(run + "/model.safetensors");
  EXPECT_EQ(Loaded(run, {.last = true}), 10);
}

}  // namespace
}  // namespace adjoint::train
