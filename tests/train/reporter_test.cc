#include "framework/train/reporter.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"

namespace adjoint::train {
namespace {

namespace fs = std::filesystem;

SupervisedTask OneWeight() {
  Rng rng(1);
  const auto examples = [] {
    return std::make_unique<data::TensorDataset>(Ones({2, 1}), Ones({2, 1}));
  };
  return SupervisedTask(std::make_unique<nn::Linear>(1, 1, rng), examples(),
                        examples(), MeanSquaredError);
}

TEST(Reporter, UpdatesThePageAtOnceAndThenNotTooOften) {
  const SupervisedTask task = OneWeight();
  const std::string folder = absl::StrCat(testing::TempDir(), "/reporter");
  fs::create_directories(folder);
  Reporter reporter(task, folder, "{}");
  const auto writes = [&](double seconds) {
    fs::remove(reporter.path());
    EXPECT_TRUE(reporter.Update({}, seconds).ok());
    return fs::exists(reporter.path());
  };
  EXPECT_TRUE(writes(10));
  EXPECT_FALSE(writes(10));
  EXPECT_FALSE(writes(11.9));
  EXPECT_TRUE(writes(1000));
  EXPECT_FALSE(writes(1001));
  EXPECT_TRUE(writes(500)) << "after a roll-back";
  EXPECT_FALSE(writes(501));
}

TEST(Reporter, SaysWhyItCannotWrite) {
  const SupervisedTask task = OneWeight();
  Reporter reporter(task, "/no/such/folder", "{}");
  const absl::Status status = reporter.Update({}, 0);
  EXPECT_EQ(status.message(),
            "cannot open /no/such/folder: No such file or directory");
}

}  // namespace
}  // namespace adjoint::train
