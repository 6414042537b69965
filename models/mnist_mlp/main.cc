// Trains the multi-layer perceptron on MNIST or on a set in its format.

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_format.h"
#include "framework/adjoint.h"
#include "framework/train/flags.h"
#include "framework/train/train_main.h"
#include "models/mnist_mlp/article.h"
#include "models/mnist_mlp/program.h"

ABSL_FLAG(std::string, hidden, "128,64",
          "The sizes of the hidden layers, with commas between");
ABSL_FLAG(std::string, activation, "relu", "One of relu, sigmoid, tanh");
ABSL_FLAG(std::string, preset, "default",
          "One of default, article (the tutorial's network, one image a step) "
          "and article_diagonal (with the tutorial's own gradient); a preset "
          "sets what is not set by flags of its own");

namespace ad = adjoint;

namespace {

// The tutorial's own line.
void PrintEpoch(const ad::train::EpochReport& report) {
  absl::PrintF("Epoch: %d, Time Spent: %.2fs, Accuracy: %.2f%%\n", report.epoch,
               report.total_seconds, 100 * report.test.accuracy());
  std::fflush(stdout);
}

absl::Status Configure(const ad::train::CommandLine& line,
                       ad::train::Program& program) {
  using ad::train::CheckChoice;
  const std::string preset = absl::GetFlag(FLAGS_preset);
  const std::string activation = absl::GetFlag(FLAGS_activation);
  for (const absl::Status& status :
       {CheckChoice("preset", preset,
                    {"default", "article", "article_diagonal"}),
        CheckChoice("activation", activation, {"relu", "sigmoid", "tanh"})}) {
    if (!status.ok()) return status;
  }
  absl::StatusOr<std::vector<int64_t>> hidden =
      ad::train::ParseSizes("hidden", absl::GetFlag(FLAGS_hidden));
  if (!hidden.ok()) return hidden.status();

  ad::models::MnistMlpOptions options;
  const bool article = preset != "default";
  if (article) {
    options = {.mlp = ad::models::ArticleOptions(),
               .loss = preset == "article" ? ad::models::ArticleLoss
                                           : ad::models::ArticleDiagonalLoss,
               .article_split = true};
    program.recipe = {.batch_size = 1,
                      .learning_rate = 0.001,
                      .momentum = 0,
                      .schedule = "constant"};
    program.shuffle = false;  // Once, before the split.
    program.on_epoch = PrintEpoch;
  }
  options.mlp.hidden = *std::move(hidden);
  if (!article || line.Has("activation")) options.mlp.activation = activation;
  program.make = [options](const ad::train::TaskOptions& task) {
    return ad::models::MakeMnistMlp(options, task);
  };
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  return ad::train::TrainMain(argc, argv, Configure);
}
