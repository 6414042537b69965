// What every model must satisfy. They are found by their folders: a new one is
// proven without a line here.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "framework/adjoint.h"
#include "framework/train/checkpoint.h"
#include "framework/train/inspect_task.h"

namespace adjoint::train {

// How GoogleTest shows the parameter of a failed test.
static void PrintTo(const Program& program, std::ostream* out) {
  *out << program.name;
}

namespace {

class Model : public ::testing::TestWithParam<Program> {
 protected:
  static std::unique_ptr<Task> Make(const TaskOptions& options) {
    absl::StatusOr<std::unique_ptr<Task>> task = GetParam().make(options);
    EXPECT_TRUE(task.ok()) << task.status();
    (*task)->Prepare((*task)->train_data());
    return *std::move(task);
  }

  static data::Batch FirstBatch(const Task& task, int64_t size) {
    const data::Batches batches(task.train_data(),
                                {.size = size, .shuffle = false});
    return *batches.Epoch(0).begin();
  }

  // One step on `batch`, whose loss is returned.
  static double Step(const Task& task, optim::Optimizer& optimizer,
                     const data::Batch& batch, Rng& rng) {
    Tensor loss = task.Evaluate(batch, {.training = true, .rng = &rng}).loss;
    const double value = loss.item();
    optimizer.Step(task.model(), Grad(std::move(loss), task.model()));
    return value;
  }

  // The weights' digest after `steps` steps of the whole model.
  static std::string Digest(const TaskOptions& options, int steps) {
    const std::unique_ptr<Task> task = Make(options);
    const std::unique_ptr<optim::Optimizer> optimizer =
        MakeOptimizer(GetParam().recipe);
    const data::Batches batches(
        task->train_data(),
        {.size = GetParam().recipe.batch_size, .seed = options.seed});
    Rng rng(options.seed);
    int64_t epoch = 0;
    while (true) {
      for (const data::Batch& batch : batches.Epoch(epoch++)) {
        if (steps-- == 0) return WeightsSha256(task->model());
        Step(*task, *optimizer, batch, rng);
      }
    }
  }
};

TEST_P(Model, OverfitsASingleBatch) {
  const std::unique_ptr<Task> task = Make({.tiny = true});
  const std::unique_ptr<optim::Optimizer> optimizer =
      MakeOptimizer(GetParam().recipe);
  const data::Batch batch = FirstBatch(*task, 8);
  Rng rng(1);
  double least = Step(*task, *optimizer, batch, rng);
  ASSERT_GT(least, GetParam().overfit_loss) << "there is nothing to learn";
  for (int i = 0; i < 2000 && least > GetParam().overfit_loss; ++i) {
    least = std::min(least, Step(*task, *optimizer, batch, rng));
  }
  EXPECT_LE(least, GetParam().overfit_loss);
}

// Each parameter by itself along a random direction, against central
// differences, at the smallest error over several step sizes.
TEST_P(Model, GradientOfTheWholeLossMatchesDifferences) {
  const std::unique_ptr<Task> task = Make({.dtype = DType::kF64, .tiny = true});
  const data::Batch batch = FirstBatch(*task, 5);
  const auto loss = [&] {
    Rng rng(3);  // The same random numbers each time.
    return task->Evaluate(batch, {.training = true, .rng = &rng}).loss;
  };
  const Gradients gradients = Grad(loss(), task->model());
  Rng rng(4);
  bool any = false;
  for (const auto& [parameter, gradient] : gradients.items()) {
    const Tensor w = parameter.value().Detach();
    ASSERT_EQ(w.dtype(), DType::kF64);
    const Tensor u = RandomUniform(w.shape(), -1, 1, rng, DType::kF64);
    const double want = Sum(gradient * u).item();
    double error = 1e300;
    for (const double h : {1e-4, 1e-5, 1e-6}) {
      parameter.Set(w + h * u);
      const double right = loss().item();
      parameter.Set(w - h * u);
      const double left = loss().item();
      error = std::min(error, std::abs((right - left) / (2 * h) - want));
    }
    parameter.Set(w);
    EXPECT_LE(error, 1e-7 + 1e-5 * std::abs(want)) << Signature(w);
    any = any || std::abs(want) > 1e-3;
  }
  EXPECT_TRUE(any) << "no parameter has a gradient worth the name";
}

TEST_P(Model, WeightsAfterTwentyStepsDependOnTheSeedAndNotOnTheThreads) {
  SetNumThreads(1);
  const std::string want = Digest({.seed = 1}, 20);
  for (int threads : {2, 3, 4, 8}) {
    SetNumThreads(threads);
    EXPECT_EQ(Digest({.seed = 1}, 20), want) << threads << " threads";
  }
  SetNumThreads(0);
  EXPECT_EQ(Digest({.seed = 1}, 20), want) << "again";
  EXPECT_NE(Digest({.seed = 1}, 19), want);
  EXPECT_NE(Digest({.seed = 2}, 20), want);
}

// One training of the whole model by its own recipe, in two parts: stopped
// after `stop` steps, by then in the middle of an epoch, and gone on with by
// another task and optimizer that know only its checkpoint. 0: in one part.
std::string DigestOfTwoParts(const Program& program, int64_t stop) {
  Recipe recipe = program.recipe;
  recipe.batch_size = 3;  // The tiny tasks have some ten examples.
  const std::string path =
      absl::StrCat(testing::TempDir(), "/", program.name, ".safetensors");
  std::string digest;
  const auto train = [&](bool load, int64_t last) {
    const std::unique_ptr<Task> task = program.make({.tiny = true}).value();
    const std::unique_ptr<optim::Optimizer> optimizer = MakeOptimizer(recipe);
    const TrainState state = {task->model(), *optimizer};
    TrainOptions options = {
        .epochs = 1000,
        .batch_size = recipe.batch_size,
        .seed = 5,
        .shuffle = program.shuffle,
        .schedule = MakeSchedule(recipe, 100),
        .clip_norm = recipe.clip_norm,
        .on_step = [&](const StepReport& report) {
          if (report.step < last) return Next::kGoOn;
          EXPECT_TRUE(SaveCheckpoint(path, state, report.progress).ok());
          return Next::kStop;
        }};
    if (load) options.resume = LoadCheckpoint(path, state).value();
    Train(task->model(), ObjectiveOf(*task), *optimizer, task->train_data(),
          task->test_data(), options);
    digest = WeightsSha256(task->model());
  };
  constexpr int64_t kSteps = 25;
  if (stop > 0) train(/*load=*/false, stop);
  train(/*load=*/stop > 0, kSteps);
  return digest;
}

TEST_P(Model, GoesOnFromACheckpointAsIfItHadNotBeenStopped) {
  const std::string want = DigestOfTwoParts(GetParam(), 0);
  for (const int64_t stop : {1, 2, 7, 16, 24}) {
    EXPECT_EQ(DigestOfTwoParts(GetParam(), stop), want)
        << "stopped after step " << stop;
  }
}

TEST_P(Model, IsExplainedInLinesOfEightyColumns) {
  const std::string text =
      ExplainTask(*Make({.tiny = true}), GetParam().recipe, 80);
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  EXPECT_GT(lines.size(), 10u);
  for (const std::string& line : lines) EXPECT_LE(line.size(), 80u) << line;
}

// Other parts are those of another loss, of which a metric of the test says
// nothing.
TEST_P(Model, IsJudgedWhereItLearnsByTheLossThatItIsTestedBy) {
  const std::unique_ptr<Task> task = Make({.tiny = true});
  Rng rng(1);
  const auto parts = [&](bool training, const data::Dataset& data) {
    const data::Batch batch = data.Gather({0});
    std::vector<std::string> names;
    for (const LossPart& part :
         task->Evaluate(batch, {.training = training, .rng = &rng}).parts) {
      names.push_back(part.name);
    }
    return names;
  };
  if (parts(true, task->train_data()) == parts(false, task->test_data())) {
    return;
  }
  for (const Metric& metric : task->metrics()) {
    EXPECT_TRUE(metric.test_only) << metric.name;
  }
}

TEST_P(Model, TrainsAnEpochWithoutGrowingMemory) {
  const std::unique_ptr<Task> task = Make({.tiny = true});
  const std::unique_ptr<optim::Optimizer> optimizer =
      MakeOptimizer(GetParam().recipe);
  std::vector<int64_t> live;
  {
    const TrainResult result =
        Train(task->model(), ObjectiveOf(*task), *optimizer, task->train_data(),
              task->test_data(),
              {.epochs = 3, .batch_size = 4, .on_epoch = [&](const auto&) {
                 live.push_back(GetMemoryStats().live);
               }});
    EXPECT_EQ(result.exit_reason, "completed") << result.message;
  }
  ASSERT_EQ(live.size(), 3u);
  EXPECT_EQ(live[1], live[0]);
  EXPECT_EQ(live[2], live[0]);
}

INSTANTIATE_TEST_SUITE_P(All, Model, ::testing::ValuesIn(ListedPrograms()),
                         [](const ::testing::TestParamInfo<Program>& info) {
                           return info.param.name;
                         });

}  // namespace
}  // namespace adjoint::train
