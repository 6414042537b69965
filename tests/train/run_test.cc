#include "framework/train/run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"
#include "framework/kernels/instruction_set.h"
#include "nlohmann/json.hpp"

namespace adjoint::train {
namespace {

namespace fs = std::filesystem;

// An empty folder for this test alone.
std::string TestFolder() {
  const fs::path folder =
      fs::path(::testing::TempDir()) /
      ::testing::UnitTest::GetInstance()->current_test_info()->name();
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder.string();
}

TEST(MakeRunDir, MakesTheFolderAndItsParentsAndLeavesItEmpty) {
  const std::string path = TestFolder() + "/a/b";
  const auto made = MakeRunDir("mnist_mlp", path);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(*made, path);
  EXPECT_TRUE(fs::is_directory(path));
  EXPECT_TRUE(fs::is_empty(path));
  // Again is fine: nothing in it is touched.
  ASSERT_TRUE(WriteFileAtomically(path + "/kept", "x").ok());
  EXPECT_TRUE(MakeRunDir("mnist_mlp", path).ok());
  EXPECT_TRUE(fs::exists(path + "/kept"));
}

TEST(MakeRunDir, NamesANewFolderByModelDateAndTime) {
  const std::string folder = TestFolder();
  setenv("BUILD_WORKING_DIRECTORY", folder.c_str(), 1);
  const auto made = MakeRunDir("mnist_mlp", "");
  unsetenv("BUILD_WORKING_DIRECTORY");
  ASSERT_TRUE(made.ok()) << made.status();
  const std::string start = folder + "/runs/mnist_mlp-";
  ASSERT_TRUE(absl::StartsWith(*made, start)) << *made;
  EXPECT_TRUE(fs::is_directory(*made));
  const std::string time = made->substr(start.size());
  ASSERT_EQ(time.size(), std::string("20260102-030405").size()) << time;
  EXPECT_EQ(time.substr(0, 2), "20");
  EXPECT_EQ(time[8], '-');
}

TEST(MakeRunDir, GivesEachOfManyAtOnceAFolderOfItsOwn) {
  const std::string folder = TestFolder();
  setenv("BUILD_WORKING_DIRECTORY", folder.c_str(), 1);
  std::vector<std::future<std::string>> making;
  for (int i = 0; i < 8; ++i) {
    making.push_back(std::async(std::launch::async, [] {
      return MakeRunDir("houses", "").value_or("none");
    }));
  }
  std::set<std::string> made;
  for (auto& path : making) made.insert(path.get());
  unsetenv("BUILD_WORKING_DIRECTORY");
  EXPECT_EQ(made.size(), 8u);
  // They take less than a few seconds: two are of the same one.
  EXPECT_TRUE(std::any_of(made.begin(), made.end(), [](const auto& path) {
    return absl::EndsWith(path, "-2");
  })) << *made.begin();
  for (const std::string& path : made) EXPECT_TRUE(fs::is_directory(path));
}

TEST(MakeRunDir, SaysWhyItCannot) {
  const std::string file = TestFolder() + "/file";
  ASSERT_TRUE(WriteFileAtomically(file, "x").ok());
  for (const std::string& path : {file, file + "/run"}) {
    const auto made = MakeRunDir("mnist_mlp", path);
    ASSERT_FALSE(made.ok()) << *made;
    EXPECT_TRUE(absl::StrContains(made.status().message(), path))
        << made.status();
  }
  EXPECT_EQ(*ReadFile(file), "x");
}

// The summary of a run, read back.
nlohmann::json SummaryOf(const RunFacts& facts, const TrainResult& result) {
  const std::string folder = TestFolder();
  const absl::Status status = WriteSummary(folder, SummaryJson(facts, result));
  EXPECT_TRUE(status.ok()) << status;
  return nlohmann::json::parse(*ReadFile(folder + "/summary.json"));
}

Metrics MetricsOf(double loss, int label) {
  Metrics metrics;
  metrics.Add({Full({}, loss), FromValues({2, 2}, {0, 1, 0, 1}),
               FromValues<int32_t>({2}, {1, label})});
  return metrics;
}

double Twice(const Metrics& metrics) { return 2 * metrics.loss(); }

TEST(WriteSummary, HoldsTheLastAndTheBestEpoch) {
  TrainResult result;
  result.exit_reason = "completed";
  result.steps = 9;
  result.skipped_steps = 2;
  result.rollbacks = 1;
  for (int epoch = 1; epoch <= 3; ++epoch) {
    result.epochs.push_back({.epoch = epoch,
                             .epochs = 3,
                             .train = MetricsOf(0.25 * epoch, 0),
                             .test = MetricsOf(0.5 * epoch, epoch == 2),
                             .best = epoch <= 2});
  }
  nlohmann::json summary =
      SummaryOf({.model = "mnist_mlp",
                 .seed = 7,
                 .wall_seconds = 1.5,
                 .weights_sha256 = "abc",
                 .metrics = {{.name = "double", .value = Twice}}},
                result);
  const nlohmann::json expected = {
      {"model", "mnist_mlp"},
      {"test_accuracy", 0.5},
      {"test_loss", 1.5},
      {"train_loss", 0.75},
      {"test_metrics", {{"double", 3.0}}},
      {"best_test_accuracy", 1.0},
      {"best_test_loss", 1.0},
      {"best_test_metrics", {{"double", 2.0}}},
      {"best_epoch", 2},
      {"best_undone", false},
      {"epochs", 3},
      {"steps", 9},
      {"skipped_steps", 2},
      {"rollbacks", 1},
      {"wall_seconds", 1.5},
      {"exit_reason", "completed"},
      {"message", ""},
      {"seed", 7},
      {"threads", NumThreads()},
      {"instruction_set", kernels::InstructionSet()},
      {"weights_sha256", "abc"},
  };
  EXPECT_GT(summary["peak_memory_bytes"].get<int64_t>(), 1 << 20);
  summary.erase("peak_memory_bytes");
  EXPECT_EQ(summary, expected) << summary.dump(2);
}

TEST(WriteSummary, HasNullForNumbersThatDoNotExist) {
  TrainResult result;
  result.exit_reason = "diverged";
  result.message = "the loss is nan; \"try\" less";
  nlohmann::json summary = SummaryOf({.model = "m"}, result);
  for (const char* key : {"test_accuracy", "test_loss", "train_loss",
                          "best_test_accuracy", "best_epoch"}) {
    ASSERT_TRUE(summary.contains(key)) << key;
    EXPECT_TRUE(summary[key].is_null()) << key;
  }
  EXPECT_EQ(summary["epochs"], 0);
  EXPECT_EQ(summary["message"], result.message);

  // Of targets that are not classes there is a loss and no accuracy.
  result.epochs.push_back({});
  result.epochs[0].test.Add({Full({}, 2), Ones({1, 1}), Ones({1, 1})});
  summary = SummaryOf({.model = "m"}, result);
  EXPECT_EQ(summary["test_loss"], 2);
  EXPECT_TRUE(summary["test_accuracy"].is_null());
  EXPECT_TRUE(summary["train_loss"].is_null());
}

TEST(WriteSummary, SaysWhyItCannot) {
  const std::string folder = TestFolder() + "/missing";
  const absl::Status status = WriteSummary(folder, "{}");
  EXPECT_FALSE(status.ok());
  EXPECT_TRUE(absl::StrContains(status.message(), folder)) << status;
}

TEST(FindBundledData, SaysWhereItLookedAndWhatToPass) {
  const auto found = FindBundledData("no_such_data");
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.status().code(), absl::StatusCode::kNotFound);
  const std::string here = fs::current_path().string();
  for (const std::string& part :
       {absl::StrCat("in ", here, "/models/data/no_such_data, "),
        std::string(".runfiles/"), std::string("--data_dir")}) {
    EXPECT_TRUE(absl::StrContains(found.status().message(), part))
        << part << ": " << found.status();
  }
}

TEST(FindBundledData, FindsDataOutsideOfModels) {
  const std::string folder = TestFolder();
  fs::create_directories(folder + "/wine/data");
  fs::create_directories(folder + "/models/data/beer");
  setenv("BUILD_WORKSPACE_DIRECTORY", folder.c_str(), 1);
  EXPECT_EQ(FindBundledData("wine/data").value_or(""), folder + "/wine/data");
  EXPECT_EQ(FindBundledData("beer").value_or(""), folder + "/models/data/beer");
  unsetenv("BUILD_WORKSPACE_DIRECTORY");
  EXPECT_FALSE(FindBundledData("wine/data").ok());
}

TEST(FindBundledData, FindsRunfilesFromAnotherFolder) {
  const fs::path before = fs::current_path();
  fs::current_path("/");
  // Where this test itself is.
  const std::string found = FindBundledData("tests/train").value_or("");
  fs::current_path(before);
  EXPECT_TRUE(absl::StrContains(found, ".runfiles/")) << found;
}

}  // namespace
}  // namespace adjoint::train
