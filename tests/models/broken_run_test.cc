// Runs whose data, folder or disk fails them: each ends with a line that says
// why and loses nothing that it had saved.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/base/file.h"
#include "framework/base/rng.h"
#include "tests/data/idx_bytes.h"
#include "tests/models/process.h"

namespace adjoint {
namespace {

namespace fs = std::filesystem;

// Random images of 4x4 with their labels, in the files of MNIST.
void WriteData(const std::string& folder) {
  fs::create_directories(folder);
  for (const auto& [prefix, n] : {std::pair("train", 200u), {"t10k", 50u}}) {
    Rng rng(n);
    std::string images = data::IdxHeader(8, 3, {n, 4, 4});
    std::string labels = data::IdxHeader(8, 1, {n});
    for (uint32_t i = 0; i < n; ++i) {
      labels.push_back(static_cast<char>(rng.NextBelow(10)));
      for (int p = 0; p < 16; ++p) {
        images.push_back(static_cast<char>(rng.NextBelow(256)));
      }
    }
    const std::string path = absl::StrCat(folder, "/", prefix);
    data::WriteBytes(path + "-images-idx3-ubyte", images);
    data::WriteBytes(path + "-labels-idx1-ubyte", labels);
  }
}

// The checkpoints of a run by name, with their bytes.
std::map<std::string, std::string> Checkpoints(const std::string& run_dir) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(run_dir + "/checkpoints")) {
    files[entry.path().filename().string()] =
        ReadFile(entry.path().string()).value();
  }
  return files;
}

class BrokenRun : public testing::Test {
 protected:
  void SetUp() override {
    root_ = NewFolder(
        testing::UnitTest::GetInstance()->current_test_info()->name());
    data_ = root_ + "/data";
    run_ = root_ + "/run";
    output_ = root_ + "/output";
    WriteData(data_);
  }

  std::vector<std::string> Command(const std::vector<std::string>& flags) {
    std::vector<std::string> command = {"models/mnist_mlp/mnist_mlp",
                                        "--data_dir=" + data_, "--epochs=4",
                                        "--batch_size=20", "--log_every=3"};
    command.insert(command.end(), flags.begin(), flags.end());
    return command;
  }

  // What the program returns; `said_` is all that it says.
  int Call(const std::vector<std::string>& flags) {
    const int code = Wait(Start(Command(flags), output_));
    said_ = ReadFile(output_).value();
    return code;
  }

  // Leaves a run after its first 3 steps, with checkpoints of the last two.
  void StopInTheMiddle() {
    ASSERT_EQ(Call({"--run_dir=" + run_, "--checkpoint_every=1", "--patience=0",
                    "--max_seconds=1e-9"}),
              0)
        << said_;
    for (int step = 2; step <= 3; ++step) {
      ASSERT_EQ(Call({"--resume=" + run_, "--checkpoint_every=1",
                      "--max_seconds=1e-9"}),
                0)
          << said_;
    }
    ASSERT_EQ(Summary(run_)["steps"], 3);
  }

  std::string HashOfAWholeRun() {
    const std::string whole = root_ + "/whole";
    EXPECT_EQ(Call({"--run_dir=" + whole}), 0) << said_;
    return Summary(whole)["weights_sha256"];
  }

  // The run fails with a text that has all of `parts`, and its checkpoints stay
  // as they are.
  void ExpectRefused(const std::vector<std::string>& parts) {
    const auto before = Checkpoints(run_);
    EXPECT_EQ(Call({"--resume=" + run_}), 1) << said_;
    for (const std::string& part : parts) {
      EXPECT_TRUE(absl::StrContains(said_, part)) << said_;
    }
    EXPECT_EQ(Checkpoints(run_), before);
  }

  void ExpectToGoOnAsIfNothingHadBeen() {
    ASSERT_EQ(Call({"--resume=" + run_}), 0) << said_;
    const std::string said = said_;
    const std::string expected = HashOfAWholeRun();
    EXPECT_EQ(Summary(run_)["weights_sha256"], expected);
    EXPECT_EQ(Rows(run_), Rows(root_ + "/whole"));
    said_ = said;
  }

  std::string root_, data_, run_, output_, said_;
};

TEST_F(BrokenRun, WaitsForDataThatVanished) {
  StopInTheMiddle();
  fs::rename(data_, root_ + "/elsewhere");
  ExpectRefused({data_ + "/train-images-idx3-ubyte: not found"});
  fs::rename(root_ + "/elsewhere", data_);
  ExpectToGoOnAsIfNothingHadBeen();
}

TEST_F(BrokenRun, NamesDataThatIsCutOrChanged) {
  StopInTheMiddle();
  const std::string images = data_ + "/train-images-idx3-ubyte";
  const std::string bytes = ReadFile(images).value();
  data::WriteBytes(images, bytes.substr(0, 1000));
  ExpectRefused({images});
  std::string other = bytes;
  other.back() = static_cast<char>(other.back() ^ 1);
  data::WriteBytes(images, other);
  ExpectRefused({run_, "cannot go on as this one", "the training data was"});
  data::WriteBytes(images, bytes);
  ExpectToGoOnAsIfNothingHadBeen();
}

TEST_F(BrokenRun, FallsBackToTheCheckpointBefore) {
  StopInTheMiddle();
  const std::string newest = run_ + "/checkpoints/step-00000003.safetensors";
  fs::resize_file(newest, fs::file_size(newest) / 2);
  ExpectToGoOnAsIfNothingHadBeen();
  EXPECT_TRUE(absl::StrContains(said_, "warning: " + newest)) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "resumed after step 2")) << said_;
}

TEST_F(BrokenRun, IsNotBegunAnewWhereNoCheckpointIsWhole) {
  StopInTheMiddle();
  for (const auto& [name, bytes] : Checkpoints(run_)) {
    std::string bad = bytes;
    bad[bad.size() / 2] = static_cast<char>(bad[bad.size() / 2] ^ 1);
    data::WriteBytes(run_ + "/checkpoints/" + name, bad);
  }
  ExpectRefused({run_ + "/checkpoints/step-00000003.safetensors",
                 "is damaged: its checksum differs"});
  EXPECT_EQ(Call({"--run_dir=" + run_, "--resume=auto"}), 1);
  EXPECT_EQ(Call({"--run_dir=" + run_}), 1);
}

TEST_F(BrokenRun, GoesOnWithoutTheLinesOfItsLogThatCannotBeRead) {
  StopInTheMiddle();
  std::ofstream(run_ + "/metrics.jsonl", std::ios::app)
      << std::string(100, '\0') << "\n{\"step\":";
  ExpectToGoOnAsIfNothingHadBeen();
  EXPECT_TRUE(
      absl::StrContains(said_, "warning: " + run_ + "/metrics.jsonl: line "))
      << said_;
}

TEST_F(BrokenRun, SaysThatThereIsNothingToResume) {
  EXPECT_EQ(Call({"--resume=" + run_}), 1);
  EXPECT_TRUE(absl::StrContains(
      said_, "--resume=" + run_ + ": there is no such folder"))
      << said_;
  EXPECT_FALSE(fs::exists(run_));

  fs::create_directory(run_);
  EXPECT_EQ(Call({"--resume=" + run_}), 1);
  EXPECT_TRUE(absl::StrContains(
      said_, "--resume=" + run_ + " is no run's folder: it has no config.json"))
      << said_;

  StopInTheMiddle();
  fs::remove_all(run_ + "/checkpoints");
  EXPECT_EQ(Call({"--resume=" + run_}), 1);
  EXPECT_TRUE(absl::StrContains(
      said_, run_ + "/checkpoints: there is no checkpoint to go on from"))
      << said_;
  // Nothing was saved, so nothing is lost by beginning.
  EXPECT_EQ(Call({"--run_dir=" + run_, "--resume=auto"}), 0) << said_;
}

TEST_F(BrokenRun, NamesAFolderThatCannotBeMade) {
  data::WriteBytes(run_, "a file");
  EXPECT_EQ(Call({"--run_dir=" + run_ + "/below"}), 1);
  EXPECT_TRUE(absl::StrContains(
      said_, "cannot make directory " + run_ + "/below: Not a directory"))
      << said_;
  // Nobody, not even root, makes folders there.
  EXPECT_EQ(Call({"--run_dir=/proc/run"}), 1);
  EXPECT_TRUE(absl::StrContains(said_, "cannot make directory /proc/run: "))
      << said_;
}

TEST_F(BrokenRun, NamesAFolderThatCannotBeWritten) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  fs::create_directory(run_);
  fs::permissions(run_, fs::perms(0555));
  EXPECT_EQ(Call({"--run_dir=" + run_}), 1);
  EXPECT_TRUE(absl::StrContains(said_, "cannot create " + run_ + "/")) << said_;
  EXPECT_TRUE(absl::StrContains(said_, ": Permission denied")) << said_;
}

TEST_F(BrokenRun, IsRefusedToASecondProcess) {
  // Ends by itself should it not be refused.
  const std::string epochs = "--epochs=1000000", limit = "--max_seconds=20";
  const pid_t first =
      Start(Command({"--run_dir=" + run_, epochs, limit}), output_);
  while (!fs::exists(run_ + "/checkpoints/best.safetensors")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const std::string output = root_ + "/second";
  EXPECT_EQ(Wait(Start(Command({"--resume=" + run_, epochs, limit}), output)),
            1);
  const std::string said = ReadFile(output).value();
  EXPECT_TRUE(
      absl::StrContains(said, run_ + ": another process is in this run"))
      << said;
  kill(first, SIGKILL);
  EXPECT_EQ(Wait(first), 128 + SIGKILL);
}

TEST_F(BrokenRun, ThatWasOverIsShownAgainAsItWas) {
  // What the page shows of the test's examples.
  const auto shown = [this] {
    const std::string page = ReadFile(run_ + "/report.html").value();
    const size_t begin = page.find("\"classification\":");
    EXPECT_NE(begin, page.npos);
    return page.substr(begin, page.find("\"pictures\":", begin) - begin);
  };
  ASSERT_EQ(Call({"--run_dir=" + run_}), 0) << said_;
  const std::string before = shown();
  ASSERT_EQ(Call({"--resume=" + run_}), 0) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "after step 40, which was the last\n"))
      << said_;
  EXPECT_EQ(shown(), before);
}

TEST_F(BrokenRun, GoesOnByTheCommandThatItPrints) {
  run_ = root_ + "/it's a run";
  ASSERT_EQ(Call({"--run_dir", run_, "--max_seconds", "1e-9"}), 0) << said_;
  const size_t at = said_.find("resume: ");
  ASSERT_NE(at, said_.npos) << said_;
  const std::string command =
      said_.substr(at + 8, said_.find('\n', at) - at - 8);
  ASSERT_EQ(std::system((command + " >/dev/null 2>&1").c_str()), 0) << command;
  const std::string expected = HashOfAWholeRun();
  EXPECT_EQ(Summary(run_)["weights_sha256"], expected);
  EXPECT_FALSE(absl::StrContains(said_, "resume: "));
}

}  // namespace
}  // namespace adjoint
