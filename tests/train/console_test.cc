#include "framework/train/console.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"
#include "framework/kernels/instruction_set.h"

namespace adjoint::train {
namespace {

TEST(WithCommas, SeparatesThousands) {
  EXPECT_EQ(WithCommas(0), "0");
  EXPECT_EQ(WithCommas(999), "999");
  EXPECT_EQ(WithCommas(1000), "1,000");
  EXPECT_EQ(WithCommas(109386), "109,386");
  EXPECT_EQ(WithCommas(1234567), "1,234,567");
  EXPECT_EQ(WithCommas(-999), "-999");
  EXPECT_EQ(WithCommas(-1000), "-1,000");
  EXPECT_EQ(WithCommas(-123456), "-123,456");
  EXPECT_EQ(WithCommas(std::numeric_limits<int64_t>::min()),
            "-9,223,372,036,854,775,808");
}

// The table of `model` for an input like `x`.
std::string Table(const nn::Layer& model, const Tensor& x) {
  const Objective forward = [&](const data::Batch& batch,
                                const nn::Pass& pass) {
    return Outcome{Tensor(), model(batch.x, pass), Tensor()};
  };
  return LayerTable(model, forward, {x, x});
}

TEST(LayerTable, ShowsLayersShapesAndParameters) {
  Rng rng(1);
  const nn::Sequential mlp(nn::Linear(784, 128, rng), nn::Relu(),
                           nn::Linear(128, 64, rng), nn::Relu(),
                           nn::Linear(64, 10, rng));
  EXPECT_EQ(Table(mlp, Zeros({1, 784})),
            " layer     output   parameters\n"
            " 0 Linear  [N,128]     100,480\n"
            " 1 Relu    [N,128]\n"
            " 2 Linear  [N,64]        8,256\n"
            " 3 Relu    [N,64]\n"
            " 4 Linear  [N,10]          650\n"
            " total                 109,386  (0.42 MiB)\n");
}

TEST(LayerTable, ShowsLayersWithoutAnOpAndNestedOnes) {
  Rng rng(1);
  nn::Sequential head(nn::Dropout(0.5), nn::Linear(6, 2, rng));
  const nn::Sequential model(nn::Flatten(), std::move(head));
  EXPECT_EQ(Table(model, Zeros({5, 2, 3})),
            " layer            output  parameters\n"
            " 0 Flatten        [N,6]\n"
            " 1.0 Dropout 0.5  [N,6]\n"
            " 1.1 Linear       [N,2]           14\n"
            " total                            14  (56 B)\n");
}

TEST(LayerTable, ShowsASingleLayer) {
  Rng rng(1);
  EXPECT_EQ(Table(nn::Linear(3, 2, rng, {.bias = false}), Zeros({1, 3})),
            " layer   output  parameters\n"
            " Linear  [N,2]            6\n"
            " total                    6  (24 B)\n");
}

TEST(HeaderLine, TellsWhatRunsWhereAndHow) {
  SetNumThreads(2);
  EXPECT_EQ(
      HeaderLine("mnist_mlp", 42, "runs/a"),
      absl::StrCat("adjoint 0.1  mnist_mlp  seed 42  cpu ",
                   kernels::InstructionSet(), ", 2 threads  run runs/a\n"));
  SetNumThreads(1);
  EXPECT_TRUE(
      absl::EndsWith(HeaderLine("m", 1, "runs/a"), ", 1 thread  run runs/a\n"));
  SetNumThreads(0);
}

// n examples of two classes of which the first `correct` are right.
Metrics MetricsOf(int64_t n, int64_t correct, double loss) {
  std::vector<int32_t> labels(n, 1);
  std::fill_n(labels.begin(), correct, 0);
  Metrics metrics;
  metrics.Add({Full({}, loss, DType::kF64), Zeros({n, 2}),
               FromSpan<int32_t>({n}, labels)});
  return metrics;
}

EpochReport Report() {
  return {.epoch = 1,
          .epochs = 10,
          .steps = 469,
          .train_seconds = 0.4,
          .step_seconds = 0.0008,
          .train = MetricsOf(60000, 54720, 0.2961),
          .test = MetricsOf(10000, 9610, 0.1312),
          .best = true};
}

TEST(EpochLine, TellsSpeedAndProgressInOneLine) {
  EXPECT_EQ(EpochLine(Report()),
            "epoch  1/10  0.40 s  0.800 ms/step  150k/s  loss 0.2961  "
            "test 0.1312  acc 91.20 %  test 96.10 %  *best\n");
}

TEST(EpochLine, LeavesOutWhatThereIsNot) {
  EpochReport report = Report();
  report.epoch = 10;
  report.best = false;
  report.train_seconds = 60;
  report.test = Metrics();
  report.test.Add({Full({}, 0.5), Ones({4, 1}), Ones({4, 1})});
  EXPECT_EQ(EpochLine(report),
            "epoch 10/10  60.00 s  0.800 ms/step  1000/s  loss 0.2961  "
            "test 0.5\n");
}

TEST(SummaryLines, TellTheAccuracyWithIts95PercentInterval) {
  TrainResult result;
  result.epochs.push_back(Report());
  result.epochs.push_back(Report());
  result.epochs[1].test = MetricsOf(10000, 5000, 0.6931);
  const std::string lines =
      SummaryLines(result, {.wall_seconds = 1.5}, "runs/a");
  // 0.5 +- 1.96 / sqrt(10000 + 1.96^2) / 2
  EXPECT_TRUE(absl::StartsWith(
      lines,
      "train loss ..   test acc #_\n"
      "test accuracy 50.00 % +- 0.98   test loss 0.6931\nwall 1.50 s   peak "
      "memory "))
      << lines;
  EXPECT_TRUE(absl::EndsWith(lines, " MiB   summary runs/a/summary.json\n"))
      << lines;
}

TEST(SummaryLines, TellThatAllRightIsNoCertainty) {
  TrainResult result;
  result.epochs.push_back(Report());
  result.epochs[0].test = MetricsOf(100, 100, 0.1);
  // Half of 1 - 1 / (1 + 1.96^2 / 100).
  EXPECT_TRUE(absl::StartsWith(SummaryLines(result, {}, "runs/a"),
                               "test accuracy 100.00 % +- 1.85   "));
}

TEST(EpochLine, TellsThePartsOfTheLossAndTheModelsOwnMetrics) {
  EpochReport report = Report();
  report.train = Metrics();
  report.train.Add({Full({}, 3), Ones({60000, 4}), Tensor()});
  report.test = Metrics();
  report.test.Add({Full({}, 2),
                   Ones({4, 1}),
                   Tensor(),
                   {{"near", Full({}, 0.5)}, {"far", Full({}, 1.5)}}});
  const Metric doubled = {
      .name = "twice", .unit = "nats", .value = [](const Metrics& m) {
        return 2 * m.loss();
      }};
  EXPECT_EQ(EpochLine(report, {doubled}),
            "epoch  1/10  0.40 s  0.800 ms/step  150k/s  loss 3  "
            "test 2  near 0.5  far 1.5  twice 4 nats  *best\n");
  TrainResult result;
  result.epochs.push_back(report);
  EXPECT_TRUE(
      absl::StartsWith(SummaryLines(result, {.metrics = {doubled}}, "runs/a"),
                       "test twice 4 nats   test loss 2\nwall "));
}

TEST(SummaryLines, TellWhereARunEndedBeforeItsLastEpoch) {
  TrainResult result = {.steps = 311};
  for (const auto& [reason, line] :
       {std::pair("stopped", "stopped after step 311\nwall "),
        {"time", "time is up after step 311\nwall "},
        {"early_stopping",
         "ended after epoch 0: the last ones were no "
         "better\nwall "},
        {"completed", "wall "}}) {
    result.exit_reason = reason;
    EXPECT_TRUE(absl::StartsWith(SummaryLines(result, {}, "runs/a"), line))
        << reason;
  }
}

TEST(SummaryLines, TellTheBestEpochWhereItIsNotTheLast) {
  TrainResult result;
  for (const double loss : {2., 1.5, 1.75}) {
    EpochReport report = {
        .epoch = static_cast<int64_t>(result.epochs.size()) + 1,
        .best = loss < 1.75 || result.epochs.empty()};
    report.test.Add({Full({}, loss), Ones({4, 1}), Ones({4, 1})});
    result.epochs.push_back(report);
  }
  const auto lines = [&](const std::vector<Metric>& metrics) {
    return SummaryLines(result, {.metrics = metrics}, "runs/a");
  };
  EXPECT_TRUE(absl::StrContains(
      lines({}), "test loss 1.75\nbest test loss 1.5 in epoch 2\nwall "))
      << lines({});
  const Metric doubled = {
      .name = "twice", .unit = "nats", .value = [](const Metrics& m) {
        return 2 * m.loss();
      }};
  EXPECT_TRUE(absl::StrContains(lines({doubled}),
                                "\nbest test twice 3 nats in epoch 2\nwall "))
      << lines({doubled});
  result.epochs[1].test = MetricsOf(10000, 9610, 0.1312);
  result.epochs[2].test = MetricsOf(10000, 9609, 0.1312);
  EXPECT_TRUE(absl::StrContains(
      lines({}), "\nbest test accuracy 96.10 % in epoch 2\nwall "))
      << lines({});
  // Nor is there more to tell where the last is as good.
  result.epochs[2].test = MetricsOf(10000, 9610, 0.1);
  EXPECT_FALSE(absl::StrContains(lines({}), "best")) << lines({});
  result.epochs.pop_back();
  EXPECT_FALSE(absl::StrContains(lines({}), "best")) << lines({});
}

TEST(SummaryLines, TellNoAccuracyOfARunWithoutAnEpoch) {
  EXPECT_TRUE(absl::StartsWith(
      SummaryLines({}, {.wall_seconds = 1.5}, "runs/a"), "wall 1.50 s"));
}

TEST(SummaryLines, DrawTheCurvesAndNameWhatWasMistaken) {
  TrainResult result;
  result.epochs = {Report(), Report()};
  result.epochs[1].train = MetricsOf(60000, 54720, 0.1);
  result.epochs[1].test = MetricsOf(10000, 9900, 0.05);
  const RunEnding ending = {
      .confusions = {{"4", "9", 11}, {"a\033[2J", "b", 7}},
      .report = "runs/a/report.html",
      .resume = "./bazelw run //models/m -- --resume=runs/a",
      .utf8 = true};
  const std::string lines = SummaryLines(result, {}, "runs/a", ending);
  // By R: binom::binom.wilson(9900, 10000), 0.98785 to 0.99177
  EXPECT_TRUE(absl::StartsWith(lines,
                               "train loss █▁   test acc ▁█\n"
                               "test accuracy 99.00 % ± 0.20   "))
      << lines;
  EXPECT_TRUE(
      absl::EndsWith(lines,
                     "\nworst confusions  4→9 (11)  a\\x1b[2J→b (7)\n"
                     "report runs/a/report.html\n"
                     "resume: ./bazelw run //models/m -- --resume=runs/a\n"))
      << lines;
}

TEST(HeaderLine, TellsTheCommitWhereItIsKnown) {
  EXPECT_TRUE(absl::EndsWith(HeaderLine("m", 1, "runs/a", "1a2b3c4"),
                             "  commit 1a2b3c4  run runs/a\n"));
}

}  // namespace
}  // namespace adjoint::train
