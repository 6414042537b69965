// Trains the multi-layer perceptron on MNIST or on a set in its format.

#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "framework/adjoint.h"
#include "framework/train/console.h"
#include "framework/train/flags.h"
#include "framework/train/run.h"
#include "framework/train/train.h"
#include "models/mnist_mlp/article.h"
#include "models/mnist_mlp/model.h"

ABSL_FLAG(std::string, hidden, "128,64",
          "The sizes of the hidden layers, with commas between");
ABSL_FLAG(std::string, activation, "relu", "One of relu, sigmoid, tanh");
ABSL_FLAG(std::string, preset, "default",
          "One of default, article (the tutorial's network, one image a step) "
          "and article_diagonal (with the tutorial's own gradient); a preset "
          "sets what is not set by flags of its own");

namespace ad = adjoint;

namespace {

constexpr char kModel[] = "mnist_mlp";

// Everything that a run needs to know.
struct Plan {
  ad::train::SharedFlags flags;
  ad::models::MlpOptions mlp;
  ad::train::TrainOptions train;
  bool article = false;
};

absl::StatusOr<Plan> MakePlan(const ad::train::CommandLine& line) {
  using ad::train::CheckChoice;
  const std::string preset = absl::GetFlag(FLAGS_preset);
  const std::string activation = absl::GetFlag(FLAGS_activation);
  for (const absl::Status& status :
       {CheckChoice("preset", preset,
                    {"default", "article", "article_diagonal"}),
        CheckChoice("activation", activation, {"relu", "sigmoid", "tanh"})}) {
    if (!status.ok()) return status;
  }
  absl::StatusOr<ad::train::SharedFlags> flags = ad::train::GetSharedFlags();
  if (!flags.ok()) return flags.status();
  absl::StatusOr<std::vector<int64_t>> hidden =
      ad::train::ParseSizes("hidden", absl::GetFlag(FLAGS_hidden));
  if (!hidden.ok()) return hidden.status();

  Plan plan = {.flags = *std::move(flags), .article = preset != "default"};
  if (plan.article) {
    plan.mlp = ad::models::ArticleOptions();
    plan.train.loss = preset == "article" ? ad::models::ArticleLoss
                                          : ad::models::ArticleDiagonalLoss;
    plan.train.shuffle = false;  // Once, before the split.
    if (!line.Has("batch_size")) plan.flags.batch_size = 1;
    if (!line.Has("learning_rate")) plan.flags.learning_rate = 0.001;
    if (!line.Has("momentum")) plan.flags.momentum = 0;
    if (!line.Has("schedule")) plan.flags.schedule = "constant";
  }
  plan.mlp.hidden = *std::move(hidden);
  if (!plan.article || line.Has("activation")) plan.mlp.activation = activation;
  plan.train.epochs = plan.flags.epochs;
  plan.train.batch_size = plan.flags.batch_size;
  plan.train.seed = plan.flags.seed;
  return plan;
}

absl::StatusOr<ad::data::Mnist> LoadData(const Plan& plan) {
  std::string directory = plan.flags.data_dir;
  if (directory.empty()) {
    absl::StatusOr<std::string> bundled = ad::train::FindBundledData("mnist");
    if (!bundled.ok()) return bundled.status();
    directory = *std::move(bundled);
  }
  absl::StatusOr<ad::data::MnistFiles> files = ad::data::ReadMnist(directory);
  if (!files.ok()) return files.status();
  if (plan.article) {
    return ad::models::ArticleSplit(*std::move(files), plan.flags.seed);
  }
  return ad::data::Mnist{ad::data::ImageDataset(std::move(files->train)),
                         ad::data::ImageDataset(std::move(files->test))};
}

// The tutorial's own line, or one of ours.
void PrintEpoch(const Plan& plan, const ad::train::EpochReport& report) {
  if (plan.article) {
    absl::PrintF("Epoch: %d, Time Spent: %.2fs, Accuracy: %.2f%%\n",
                 report.epoch, report.total_seconds,
                 100 * report.test.accuracy());
    std::fflush(stdout);
  } else {
    absl::FPrintF(stderr, "%s", ad::train::EpochLine(report));
  }
}

absl::Status Run(Plan plan) {
  const auto start = std::chrono::steady_clock::now();
  ad::SetNumThreads(plan.flags.threads);
  absl::StatusOr<ad::data::Mnist> data = LoadData(plan);
  if (!data.ok()) return data.status();
  absl::StatusOr<std::string> run_dir =
      ad::train::MakeRunDir(kModel, plan.flags.run_dir);
  if (!run_dir.ok()) return run_dir.status();

  ad::Rng rng(plan.flags.seed);
  plan.mlp.inputs = data->train.rows() * data->train.cols();
  const ad::nn::Sequential model = ad::models::MakeMlp(plan.mlp, rng);
  ad::optim::Sgd sgd({.learning_rate = plan.flags.learning_rate,
                      .momentum = plan.flags.momentum,
                      .nesterov = plan.flags.optimizer == "nesterov"});

  absl::FPrintF(stderr, "%sdata   %s train / %s test, %dx%d\n%s",
                ad::train::HeaderLine(kModel, plan.flags.seed, *run_dir),
                ad::train::WithCommas(data->train.size()),
                ad::train::WithCommas(data->test.size()), data->train.rows(),
                data->train.cols(),
                ad::train::LayerTable(model, ad::Zeros({1, plan.mlp.inputs})));
  const ad::data::Batches batches(data->train, {.size = plan.flags.batch_size});
  plan.train.schedule = ad::optim::ScheduleByName(
      plan.flags.schedule, plan.flags.epochs * batches.num_batches());
  plan.train.on_epoch = [&](const ad::train::EpochReport& report) {
    PrintEpoch(plan, report);
  };
  const ad::train::TrainResult result =
      ad::train::Train(model, sgd, data->train, data->test, plan.train);

  const double wall_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  absl::PrintF("%s", ad::train::SummaryLines(result, wall_seconds, *run_dir));
  absl::Status status = ad::train::WriteSummary(
      *run_dir,
      {.model = kModel,
       .seed = plan.flags.seed,
       .wall_seconds = wall_seconds,
       .weights_sha256 = ad::train::WeightsSha256(model)},
      result);
  if (!status.ok()) return status;
  if (result.exit_reason == "completed") return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat(result.exit_reason, ": ", result.message));
}

int Fail(const absl::Status& status) {
  absl::FPrintF(stderr, "%s: %s\n", kModel, status.message());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const absl::StatusOr<ad::train::CommandLine> line =
      ad::train::ParseFlags(argc, argv);
  if (!line.ok()) return Fail(line.status());
  if (line->help) {
    absl::PrintF(
        "Trains a multi-layer perceptron on MNIST or on data in its format.\n"
        "\n%s",
        ad::train::FlagsHelp());
    return 0;
  }
  absl::StatusOr<Plan> plan = MakePlan(*line);
  if (!plan.ok()) return Fail(plan.status());
  const absl::Status status = Run(*std::move(plan));
  return status.ok() ? 0 : Fail(status);
}
