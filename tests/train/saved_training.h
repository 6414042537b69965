// A training whose checkpoints are tested.
#ifndef ADJOINT_TESTS_TRAIN_SAVED_TRAINING_H_
#define ADJOINT_TESTS_TRAIN_SAVED_TRAINING_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"
#include "framework/train/checkpoint.h"

namespace adjoint::train {

inline std::string NewFolder(const std::string& name) {
  const std::string folder = absl::StrCat(testing::TempDir(), "/", name);
  std::filesystem::remove_all(folder);
  return folder;
}

inline data::TensorDataset Points(uint64_t seed) {
  Rng rng(seed);
  const Tensor x = RandomUniform({46, 5}, -1, 1, rng);
  return {x, Square(Sum(x, {1}))};
}

// A training with all there is to save: dropout's random numbers, running
// statistics, two moments, averages.
struct Training {
  explicit Training(uint64_t seed = 1) : rng(seed) {}

  Rng rng;
  nn::Sequential model =
      nn::Sequential(nn::Linear(5, 12, rng), nn::BatchNorm(12), nn::Tanh(),
                     nn::Dropout(0.3), nn::Linear(12, 1, rng), nn::Flatten());
  optim::Adam adam = optim::Adam({.learning_rate = 0.01});
  optim::Ema ema = optim::Ema(model, {.decay = 0.9});
  const TrainState state = {model, adam, &ema};
  const data::TensorDataset train = Points(2), test = Points(3);

  TrainOptions Options() {
    return {.epochs = 3,
            .batch_size = 8,
            .accumulate = 2,
            .seed = 5,
            .loss =
                [](const Tensor& y, const Tensor& target) {
                  return MeanSquaredError(Reshape(y, {-1}), target);
                },
            .schedule = optim::CosineDecay(9),
            .clip_norm = 1,
            .ema = &ema,
            .skip_outliers = 3};
  }

  TrainResult Run(const TrainOptions& options) {
    return Train(model, adam, train, test, options);
  }

  // Of all that a training changes.
  std::vector<float> Values() {
    std::vector<float> values;
    for (const auto& list :
         {nn::Parameters(model), adam.State(model), ema.State()}) {
      for (const nn::NamedParameter& p : list) {
        for (float v : p.parameter.value().data<float>()) values.push_back(v);
      }
    }
    return values;
  }
};

}  // namespace adjoint::train

#endif  // ADJOINT_TESTS_TRAIN_SAVED_TRAINING_H_
