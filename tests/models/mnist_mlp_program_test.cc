// The program as a new user would call it, rightly and wrongly, on a small data
// set that the test writes.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/base/rng.h"
#include "nlohmann/json.hpp"
#include "tests/data/idx_bytes.h"

namespace adjoint {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

std::string Contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class MnistMlpProgram : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(::testing::TempDir()) /
            ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(root_);
    fs::create_directories(root_ / "data");
    WriteSet("train", 200);
    WriteSet("t10k", 50);
  }

  // Random images of 4x4 whose label is written into their first pixel.
  void WriteSet(const std::string& prefix, uint32_t n) {
    Rng rng(n);
    std::string images = data::IdxHeader(8, 3, {n, 4, 4});
    std::string labels = data::IdxHeader(8, 1, {n});
    for (uint32_t i = 0; i < n; ++i) {
      const int64_t label = rng.NextBelow(10);
      labels.push_back(static_cast<char>(label));
      images.push_back(static_cast<char>(25 * label));
      for (int p = 1; p < 16; ++p) {
        images.push_back(static_cast<char>(rng.NextBelow(256)));
      }
    }
    data::WriteBytes(Data(prefix + "-images-idx3-ubyte"), images);
    data::WriteBytes(Data(prefix + "-labels-idx1-ubyte"), labels);
  }

  std::string Data(const std::string& name) const {
    return (root_ / "data" / name).string();
  }
  std::string RunDir() const { return (root_ / "run").string(); }

  // Calls the program in the test's folder with the data and the run folder,
  // and `flags` behind them.
  Outcome Call(const std::string& flags) {
    const fs::path program = fs::absolute("models/mnist_mlp/mnist_mlp");
    if (fs::is_directory(root_ / "run")) fs::remove_all(root_ / "run");
    const std::string command = absl::StrCat(
        "cd ", root_.string(), " && ", program.string(),
        " --data_dir=data --run_dir=run --epochs=2 --batch_size=20 ", flags,
        " >out.txt 2>err.txt </dev/null");
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
            Contents(root_ / "out.txt"), Contents(root_ / "err.txt")};
  }

  nlohmann::json Summary() {
    return nlohmann::json::parse(Contents(root_ / "run/summary.json"));
  }

  // The call must fail with one line that has `text`.
  void ExpectRefused(const std::string& flags, const std::string& text) {
    const Outcome outcome = Call(flags);
    EXPECT_EQ(outcome.code, 1) << flags;
    EXPECT_EQ(outcome.out, "") << flags;
    EXPECT_TRUE(absl::StartsWith(outcome.err, "mnist_mlp: ")) << outcome.err;
    EXPECT_TRUE(absl::StrContains(outcome.err, text)) << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1)
        << outcome.err;
  }

  fs::path root_;
};

TEST_F(MnistMlpProgram, TrainsAndWritesASummary) {
  const Outcome outcome = Call("--seed=3 --threads=2");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(absl::StrContains(outcome.out, "test accuracy"));
  EXPECT_TRUE(absl::StrContains(outcome.err, "epoch 2/2")) << outcome.err;
  const nlohmann::json summary = Summary();
  EXPECT_EQ(summary["model"], "mnist_mlp");
  EXPECT_EQ(summary["epochs"], 2);
  EXPECT_EQ(summary["seed"], 3);
  EXPECT_EQ(summary["threads"], 2);
  EXPECT_EQ(summary["exit_reason"], "completed");
  EXPECT_GE(summary["test_accuracy"], 0.0);
  EXPECT_LE(summary["test_accuracy"], 1.0);
  EXPECT_GT(summary["test_loss"], 0.0);
  EXPECT_GT(summary["wall_seconds"], 0.0);
  EXPECT_EQ(summary["weights_sha256"].get<std::string>().size(), 64u);
}

TEST_F(MnistMlpProgram, SameSeedGivesTheSameWeightsForAnyNumberOfThreads) {
  Call("--hidden=300 --seed=1 --threads=1");
  const nlohmann::json one = Summary();
  Call("--hidden=300 --seed=1 --threads=2");
  EXPECT_EQ(Summary()["weights_sha256"], one["weights_sha256"]);
  Call("--hidden=300 --seed=2 --threads=2");
  EXPECT_NE(Summary()["weights_sha256"], one["weights_sha256"]);
}

TEST_F(MnistMlpProgram, TrainsThePresets) {
  for (const char* preset : {"article", "article_diagonal"}) {
    const Outcome outcome = Call(absl::StrCat("--preset=", preset));
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_TRUE(absl::StartsWith(outcome.out, "Epoch: 1, Time Spent: "));
    EXPECT_TRUE(absl::StrContains(outcome.out, "s, Accuracy: "));
  }
}

TEST_F(MnistMlpProgram, HelpShowsFlagsWithDefaults) {
  const Outcome outcome = Call("--help");
  EXPECT_EQ(outcome.code, 0);
  for (const char* flag :
       {"--epochs=10", "--batch_size=128", "--learning_rate=0.1",
        "--momentum=0.9", "--hidden=128,64", "--activation=relu",
        "--optimizer=sgd", "--seed=42", "--threads=0", "--data_dir=\"\"",
        "--run_dir=\"\"", "--preset=default"}) {
    EXPECT_TRUE(absl::StrContains(outcome.out, flag)) << flag;
  }
}

TEST_F(MnistMlpProgram, RefusesWrongFlags) {
  ExpectRefused("--epoch=1", "did you mean --epochs?");
  ExpectRefused("--epochs=many", "--epochs=many");
  ExpectRefused("--epochs=0", "at least 1");
  ExpectRefused("--hidden=0", "--hidden=0");
  ExpectRefused("--activation=gelu", "relu, sigmoid, tanh");
  ExpectRefused("--optimizer=adamx", "did you mean adam?");
  ExpectRefused("--preset=fast", "default, article, article_diagonal");
  ExpectRefused("epochs=1", "not a flag");
  EXPECT_FALSE(fs::exists(RunDir()));
}

TEST_F(MnistMlpProgram, RefusesWrongDataAndNamesTheFile) {
  const std::string images = Data("train-images-idx3-ubyte");
  const std::string labels = Data("train-labels-idx1-ubyte");
  const std::string good_images = Contents(images);
  const std::string good_labels = Contents(labels);

  fs::remove(labels);
  ExpectRefused("", labels.substr(root_.string().size() + 1));
  data::WriteBytes(labels, good_images);
  ExpectRefused("", "expected labels [n] of u8");
  data::WriteBytes(labels, good_labels.substr(0, good_labels.size() - 1));
  ExpectRefused("", "train-labels-idx1-ubyte");
  std::string bad = good_labels;
  bad.back() = 10;
  data::WriteBytes(labels, bad);
  ExpectRefused("", "label");
  data::WriteBytes(labels, good_labels);
  bad = good_images;
  bad[0] = 1;
  data::WriteBytes(images, bad);
  ExpectRefused("", "train-images-idx3-ubyte");
  data::WriteBytes(images, good_images.substr(0, 100));
  ExpectRefused("", "train-images-idx3-ubyte");
  ExpectRefused("--data_dir=nowhere", "nowhere");
  EXPECT_FALSE(fs::exists(RunDir()));
}

TEST_F(MnistMlpProgram, RefusesARunFolderThatCannotBeAndLeavesFilesAlone) {
  data::WriteBytes((root_ / "file").string(), "precious");
  ExpectRefused("--run_dir=file", "file");
  ExpectRefused("--run_dir=file/below", "file");
  EXPECT_EQ(Contents(root_ / "file"), "precious");
}

TEST_F(MnistMlpProgram, DivergenceIsAnErrorWithASummary) {
  const Outcome outcome = Call("--learning_rate=1e30 --schedule=constant");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(absl::StrContains(outcome.err, "diverged: the loss is"))
      << outcome.err;
  EXPECT_EQ(Summary()["exit_reason"], "diverged");
}

}  // namespace
}  // namespace adjoint
