// What a training run shows on the terminal: progress for stderr, results for
// stdout. Plain text, a line an epoch.
#ifndef ADJOINT_FRAMEWORK_TRAIN_CONSOLE_H_
#define ADJOINT_FRAMEWORK_TRAIN_CONSOLE_H_

#include <string>
#include <vector>

#include "framework/core/tensor.h"
#include "framework/data/dataset.h"
#include "framework/nn/module.h"
#include "framework/train/objective.h"
#include "framework/train/run.h"
#include "framework/train/task.h"
#include "framework/train/train.h"

namespace adjoint::train {

// "adjoint 0.1  mnist_mlp  seed 42  cpu AVX-512, 2 threads  run runs/...".
std::string HeaderLine(const std::string& model, uint64_t seed,
                       const std::string& run_dir);

// "data   60,000 train / 10,000 test, x [784], y []": the shapes of an example.
std::string DataLine(const Task& task);

// The leaf modules of `model` with the shape that each puts out when the
// objective is evaluated for `batch` (its leading extent is shown as N) and
// their numbers of parameters, and the total:
//
//    layer       output    parameters
//    0 Linear    [N,128]      100,480
//    1 Relu      [N,128]
//    total                    109,386  (0.42 MiB)
std::string LayerTable(const nn::Module& model, const Objective& objective,
                       const data::Batch& batch);

// "epoch  1/10  0.40 s  0.800 ms/step  150k/s  loss 0.2961  test 0.1312
// acc 91.20 %  test 96.10 %  *best", in one line: the time of the steps,
// examples a second, then loss and accuracy of training and of the test, the
// accuracies where there are any, the parts of the loss (of the test, or where
// it has none of training) and the test's metrics.
std::string EpochLine(const EpochReport& report,
                      const std::vector<Metric>& metrics = {});

// The last lines: accuracy with its 95 % interval or the metrics, wall time and
// peak memory.
std::string SummaryLines(const TrainResult& result, const RunFacts& facts,
                         const std::string& run_dir);

// 109386 as "109,386".
std::string WithCommas(int64_t n);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_CONSOLE_H_
