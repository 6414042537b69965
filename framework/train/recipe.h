// How to train: the numbers that a program's flags set.
#ifndef ADJOINT_FRAMEWORK_TRAIN_RECIPE_H_
#define ADJOINT_FRAMEWORK_TRAIN_RECIPE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "framework/optim/optimizer.h"
#include "framework/optim/schedule.h"

namespace adjoint::train {

// A model's own values are its defaults on the command line, where each has a
// flag of its name.
struct Recipe {
  int64_t epochs = 10;            // >= 1
  int64_t batch_size = 128;       // >= 1
  std::string optimizer = "sgd";  // Or nesterov, adagrad, rmsprop, adam, adamw.
  double learning_rate = 0.1;     // >= 0
  double momentum = 0.9;          // In [0, 1); of sgd, nesterov, rmsprop.
  double weight_decay = 0;        // >= 0
  std::string schedule = "cosine";  // Or constant, linear.
  int64_t warmup_steps = 0;         // >= 0, before the schedule.
  double clip_norm = 0;             // >= 0; 0 clips nothing.
  int64_t accumulate = 1;           // >= 1; batches a step learns from.
  double ema_decay = 0;             // In [0, 1); 0 averages no weights.
  int64_t patience = 0;             // >= 0 epochs; 0 never stops early.
  double skip_outliers = 0;         // 0, or > 1: as TrainOptions says.
};

// InvalidArgument, naming flag, value and what is allowed, for a value out of
// range.
absl::Status Check(const Recipe& recipe);

// The optimizer that the recipe names. REQUIRES: Check(recipe) is OK.
std::unique_ptr<optim::Optimizer> MakeOptimizer(const Recipe& recipe);

// The recipe's schedule for epochs of `batches` batches. REQUIRES: the same.
optim::Schedule MakeSchedule(const Recipe& recipe, int64_t batches);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_RECIPE_H_
