#include "framework/train/reporter.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"

namespace adjoint::train {
namespace {

namespace fs = std::filesystem;

// A task, or one derived from it, of one weight and two examples.
template <class TaskT = SupervisedTask>
TaskT OneWeight() {
  Rng rng(1);
  const auto examples = [] {
    return std::make_unique<data::TensorDataset>(Ones({2, 1}), Ones({2, 1}));
  };
  return TaskT(std::make_unique<nn::Linear>(1, 1, rng), examples(), examples(),
               MeanSquaredError);
}

TEST(Reporter, UpdatesThePageAtOnceAndThenNotTooOften) {
  const auto task = OneWeight();
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

TEST(Reporter, TellsThePageInWhatMetricsAreMeasured) {
  class WithMetrics : public SupervisedTask {
   public:
    using SupervisedTask::SupervisedTask;
    std::vector<Metric> metrics() const override {
      const auto loss = [](const Metrics& metrics) { return metrics.loss(); };
      return {{.name = "error", .unit = "%", .value = loss},
              {.name = "score", .value = loss}};
    }
  };
  const auto task = OneWeight<WithMetrics>();
  const std::string folder = absl::StrCat(testing::TempDir(), "/units");
  fs::create_directories(folder);
  Reporter reporter(task, folder, "{}");
  const auto tells = [&] {
    const absl::StatusOr<std::string> page = ReadFile(reporter.path());
    return page.ok() && absl::StrContains(*page, R"("units":{"error":"%"})");
  };
  ASSERT_TRUE(reporter.Update({}, 0).ok());
  EXPECT_TRUE(tells());
  ASSERT_TRUE(reporter.Finish({}, "{}", "", nullptr).ok());
  EXPECT_TRUE(tells());
}

TEST(Reporter, SaysWhyItCannotWrite) {
  const auto task = OneWeight();
  Reporter reporter(task, "/no/such/folder", "{}");
  const absl::Status status = reporter.Update({}, 0);
  EXPECT_EQ(status.message(),
            "cannot open /no/such/folder: No such file or directory");
}

}  // namespace
}  // namespace adjoint::train
