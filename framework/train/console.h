// The texts about a training run: its header, an epoch, and how it ended.
#ifndef ADJOINT_FRAMEWORK_TRAIN_CONSOLE_H_
#define ADJOINT_FRAMEWORK_TRAIN_CONSOLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "framework/train/display_text.h"
#include "framework/train/fields.h"
#include "framework/train/layer_table.h"
#include "framework/train/run.h"
#include "framework/train/task.h"
#include "framework/train/train.h"

namespace adjoint::train {

// What is said before the first step.
struct RunHeader {
  std::string model;
  uint64_t seed = 0;
  std::string commit = "";  // Of the program; "" if unknown.
  std::string run_dir;
  std::string data = "";    // DataLine.
  std::string layers = "";  // LayerTable.
};

// "adjoint 0.1  mnist_mlp  seed 42  cpu AVX-512, 2 threads  commit 1a2b3c4  run
// runs/...", the commit where it is known.
std::string HeaderLine(const std::string& model, uint64_t seed,
                       const std::string& run_dir,
                       const std::string& commit = "");

// "data   60,000 train / 10,000 test, x [784], y []": the shapes of an example;
// then `check`, "sha256 ok" say, if there is any.
std::string DataLine(const Task& task, const std::string& check = "");

// "resumed after step 469", or of a run that has all its epochs "resumed after
// step 4,690, which was the last".
std::string ResumedText(const Progress& progress, int64_t epochs);

// "epoch  1/10", "0.40 s", "0.800 ms/step", "150k/s", "loss 0.2961", "test
// 0.1312", "acc 91.20 %", "test 96.10 %", "*best": the time of the steps,
// examples a second, then loss and accuracy of training and of the test, the
// accuracies where there are any, the parts of the loss (of the test, or where
// it has none of training) and the test's metrics.
std::vector<Field> EpochFields(const EpochReport& report,
                               const std::vector<Metric>& metrics = {});

// They in one line.
std::string EpochLine(const EpochReport& report,
                      const std::vector<Metric>& metrics = {});

// Test examples of one class that were taken for another.
struct NamedConfusion {
  std::string truth, predicted;  // Names of classes.
  int64_t count = 0;
};

// What a run leaves to look at and to go on from; "" and none for what there is
// not.
struct RunEnding {
  std::vector<NamedConfusion> confusions = {};  // The worst, worst first.
  std::string report = "";                      // The path of report.html.
  std::string resume = "";                      // The command line.
  bool utf8 = false;  // Whether a terminal shows UTF-8.
};

// The last lines: where it ended if not after all epochs, train loss and the
// first metric of the test (else accuracy, else loss) over the epochs as
// sparklines, accuracy +- half the width of its WilsonInterval, the metrics,
// the best epoch where that is not the last, wall time and peak memory, and the
// ending.
std::string SummaryLines(const TrainResult& result, const RunFacts& facts,
                         const std::string& run_dir,
                         const RunEnding& ending = {});

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_CONSOLE_H_
