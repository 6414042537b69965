// What a profile tells of a training.

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <thread>

#include "framework/adjoint.h"

namespace adjoint::train {
namespace {

TEST(Train, NamesThePhasesOfATraining) {
  const data::TensorDataset data(Ones({40, 1}), Ones({40, 1}));
  Rng rng(1);
  const nn::Linear model(1, 1, rng);
  optim::Sgd sgd;
  inspect::Profiler profiler;
  Train(model, sgd, data, data,
        {.epochs = 2,
         .batch_size = 10,
         .loss = MeanSquaredError,
         .on_step =
             [](const StepReport&) {
               std::this_thread::sleep_for(std::chrono::milliseconds(1));
               return Next::kGoOn;
             },
         .on_epoch =
             [](const EpochReport&) {
               std::this_thread::sleep_for(std::chrono::milliseconds(1));
             },
         .profiler = &profiler});
  std::map<std::string, inspect::PhaseRow> phases;
  for (const inspect::PhaseRow& row : profiler.phases()) phases[row.name] = row;
  for (const char* phase : {"forward", "backward", "optimizer"}) {
    EXPECT_EQ(phases[phase].times, 8) << phase;
  }
  EXPECT_EQ(phases["evaluation"].times, 2);
  // Before each batch, and at the end of an epoch.
  EXPECT_EQ(phases["data"].times, 10);
  // After each step and each epoch; a sleep may only be longer.
  EXPECT_EQ(phases["saving"].times, 10);
  EXPECT_GE(phases["saving"].seconds, 0.010);
}

}  // namespace
}  // namespace adjoint::train
