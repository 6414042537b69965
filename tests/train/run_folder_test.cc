#include "framework/train/run_folder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "framework/adjoint.h"
#include "framework/base/file.h"

namespace adjoint::train {
namespace {

namespace fs = std::filesystem;

// An empty folder for this test alone.
std::string TestFolder() {
  const std::string folder =
      testing::TempDir() + "/" +
      testing::UnitTest::GetInstance()->current_test_info()->name();
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

// Why the run in `folder` cannot go on.
std::string Refusal(const std::string& folder) {
  Rng rng(1);
  const nn::Linear model(1, 1, rng);
  optim::Sgd sgd;
  SharedFlags flags;
  flags.resume = flags.run_dir = folder;
  const auto opened = RunFolder::Open(flags, {}, {model, sgd}, {});
  return std::string(opened.status().message());
}

TEST(RunFolder, NamesTheNewestRunInAFolderThatIsNone) {
  const std::string folder = TestFolder();
  EXPECT_EQ(Refusal(folder), "--resume=" + folder +
                                 " is no run's folder: it has no config.json");
  EXPECT_TRUE(fs::is_empty(folder));
  const auto now = fs::file_time_type::clock::now();
  for (const auto& [name, hours] :
       {std::pair("first", 1), {"last", 3}, {"middle", 2}}) {
    const std::string run = folder + "/" + name;
    ASSERT_TRUE(MakeDirectories(run).ok());
    ASSERT_TRUE(WriteFileAtomically(run + "/config.json", "{}").ok());
    fs::last_write_time(run + "/config.json", now + std::chrono::hours(hours));
  }
  fs::create_directory(folder + "/none");
  EXPECT_EQ(Refusal(folder), "--resume=" + folder +
                                 " is no run's folder: it has no config.json; "
                                 "the newest run in it is " +
                                 folder + "/last");
  EXPECT_EQ(Refusal(folder + "/nowhere"),
            "--resume=" + folder + "/nowhere: there is no such folder");
}

// Begins a run of these flags and saves a checkpoint; or goes on with it.
absl::Status OpenRun(const std::string& folder, const std::string& resume,
                     const std::map<std::string, std::string>& flag_values) {
  Rng rng(1);
  const nn::Linear model(1, 1, rng);
  optim::Sgd sgd;
  SharedFlags flags;
  flags.run_dir = folder;
  flags.resume = resume;
  const RunConfig config = {.model = "line", .flags = flag_values};
  const auto opened = RunFolder::Open(flags, config, {model, sgd}, {});
  if (!opened.ok() || !resume.empty()) return opened.status();
  absl::Status status = (*opened)->Save({model, sgd}, {}, /*is_best=*/false);
  status.Update((*opened)->Flush());
  return status;
}

TEST(RunFolder, LetsARunAtAConstantRateGoOnForMoreEpochs) {
  const std::string folder = TestFolder() + "/constant";
  const std::string other = fs::path(folder).parent_path() / "cosine";
  for (const auto& [run, schedule] :
       {std::pair(folder, "constant"), {other, "cosine"}}) {
    const absl::Status begun =
        OpenRun(run, "", {{"schedule", schedule}, {"epochs", "3"}});
    ASSERT_TRUE(begun.ok()) << begun;
    const absl::Status resumed =
        OpenRun(run, run, {{"schedule", schedule}, {"epochs", "5"}});
    EXPECT_EQ(resumed.ok(), run == folder) << resumed;
    if (run == other) {
      EXPECT_EQ(resumed.message(),
                run +
                    " was another run, which cannot go on as this one:\n"
                    "  --epochs was 3, is 5\n"
                    "its learning rate follows from --epochs, unless "
                    "--schedule is constant; --init=" +
                    run + " begins another run with its weights");
    }
    EXPECT_EQ(ReadConfig(run)->flags["epochs"], run == folder ? "5" : "3");
  }
}

TEST(RunFolder, LetsARunGoOnWithAnotherPatience) {
  const std::string folder = TestFolder() + "/run";
  std::map<std::string, std::string> flags = {{"patience", "3"}};
  ASSERT_TRUE(OpenRun(folder, "", flags).ok());
  flags["patience"] = "9";
  const absl::Status resumed = OpenRun(folder, folder, flags);
  EXPECT_TRUE(resumed.ok()) << resumed;
  EXPECT_EQ(ReadConfig(folder)->flags["patience"], "9");
}

TEST(RunFolder, LetsARunGoBackMoreOften) {
  const std::string folder = TestFolder() + "/run";
  std::map<std::string, std::string> flags = {{"rollbacks", "0"}};
  ASSERT_TRUE(OpenRun(folder, "", flags).ok());
  flags["rollbacks"] = "3";
  const absl::Status resumed = OpenRun(folder, folder, flags);
  EXPECT_TRUE(resumed.ok()) << resumed;
  EXPECT_EQ(ReadConfig(folder)->flags["rollbacks"], "3");
}

// What a run trains.
struct Training {
  Rng rng{1};
  nn::Linear model{1, 1, rng};
  optim::Sgd sgd;
  TrainState state = {model, sgd};
};

TEST(RunFolder, GoesFurtherBackWhereItWasBackLastTime) {
  Training training;
  const TrainState& state = training.state;
  SharedFlags flags;
  flags.run_dir = TestFolder() + "/run";
  const auto folder = RunFolder::Open(flags, {.model = "line"}, state, {});
  ASSERT_TRUE(folder.ok()) << folder.status();
  const auto save = [&](int64_t step) {
    Progress progress;
    progress.step = step;
    const absl::Status status = (*folder)->Save(state, progress, false);
    EXPECT_TRUE(status.ok()) << status;
  };
  const auto back = [&] { return (*folder)->GoBack(state)->step; };
  save(1);
  save(2);
  EXPECT_EQ(back(), 2);
  EXPECT_EQ(back(), 1);
  EXPECT_EQ(back(), 1);  // There is nothing before.
  save(2);
  EXPECT_EQ(back(), 2);  // Another one than that of before.
  save(3);
  EXPECT_EQ(back(), 3);
  EXPECT_EQ(back(), 2);
}

TEST(RunFolder, GoesFurtherBackThanACheckpointBelowADamagedOne) {
  Training training;
  const TrainState& state = training.state;
  SharedFlags flags;
  flags.run_dir = TestFolder() + "/run";
  flags.keep_checkpoints = 3;
  const auto folder = RunFolder::Open(flags, {.model = "line"}, state, {});
  ASSERT_TRUE(folder.ok()) << folder.status();
  for (int64_t step = 1; step <= 3; ++step) {
    Progress progress;
    progress.step = step;
    ASSERT_TRUE((*folder)->Save(state, progress, false).ok());
  }
  ASSERT_TRUE((*folder)->Flush().ok());
  fs::resize_file(flags.run_dir + "/checkpoints/step-00000003.safetensors", 9);
  EXPECT_EQ((*folder)->GoBack(state)->step, 2);
  EXPECT_EQ((*folder)->GoBack(state)->step, 1);
}

TEST(CheckpointFolder, DoesNotBringBackARunThatWasRemoved) {
  const std::string run = TestFolder();
  Rng rng(1);
  const nn::Linear model(1, 1, rng);
  optim::Sgd sgd;
  CheckpointFolder checkpoints(run + "/checkpoints");
  ASSERT_TRUE(checkpoints.Save({model, sgd}, {}, /*is_best=*/false).ok());
  fs::remove_all(run);
  EXPECT_FALSE(checkpoints.Save({model, sgd}, {}, /*is_best=*/false).ok());
  EXPECT_FALSE(fs::exists(run));
}

}  // namespace
}  // namespace adjoint::train
