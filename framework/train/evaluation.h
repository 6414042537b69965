// What an evaluation shows besides its means: which examples a model gets
// wrong, how sure it is, how its predictions lie about the truth.
//
//   Evaluation evaluation;
//   TrainOptions options = {
//       .on_evaluated = [&](const data::Batch& batch, const Outcome& outcome) {
//         evaluation.Add(batch, outcome);
//       }};
#ifndef ADJOINT_FRAMEWORK_TRAIN_EVALUATION_H_
#define ADJOINT_FRAMEWORK_TRAIN_EVALUATION_H_

#include <array>
#include <cstdint>
#include <vector>

#include "framework/data/dataset.h"
#include "framework/train/classification.h"
#include "framework/train/objective.h"

namespace adjoint::train {

// An example whose class the model did not find.
struct Mistake {
  struct Guess {
    int64_t label = 0;
    double probability = 0;
  };
  int64_t example = 0;  // Its index in the data set.
  int64_t truth = 0;
  double truth_probability = 0;
  std::vector<Guess> guesses = {};  // The likeliest classes, at most three.
};

// The examples of which the likeliest class has a probability in one tenth of
// [0, 1]; its upper end belongs to it.
struct CalibrationBin {
  int64_t count = 0;
  int64_t right = 0;
  double confidence_sum = 0;  // Of the probabilities.
};

// True and predicted.
struct Pair {
  double truth = 0, predicted = 0;
};

// The outcomes of one evaluation, example by example.
class Evaluation {
 public:
  static constexpr int64_t kMaxClasses = 1000;  // Of the confusion matrix.
  static constexpr int64_t kMaxMistakes = 25;
  static constexpr int64_t kMaxPairs = 500;

  // Adds a batch of the data set, in its order; that of index 0 begins a new
  // evaluation. Outputs [n, classes] with targets i32 [n] are taken for logits,
  // and of equal ones the first is the largest and NaN larger than any number
  // as in Metrics; outputs of a float dtype with targets of their shape and
  // dtype for numbers to be predicted. Of others only the loss counts.
  void Add(const data::Batch& batch, const Outcome& outcome);

  int64_t examples() const { return examples_; }  // Rows of outputs.
  double loss() const;                            // The mean; NaN without any.

  // Classification; targets out of range are left out.
  int64_t classified() const { return classified_; }
  int64_t right() const { return right_; }
  int64_t right_in_five() const { return right_in_five_; }
  // Of no class if there are more than kMaxClasses.
  const ConfusionMatrix& confusion() const { return confusion_; }
  // Those that were made with the greatest probability, the worst first; of
  // equals the first example. Examples whose logits are not finite have no
  // probabilities, nor have outputs that are not one a row of the batch an
  // example; neither are here.
  const std::vector<Mistake>& mistakes() const { return mistakes_; }
  const std::array<CalibrationBin, 10>& calibration() const {
    return calibration_;
  }
  // The expected calibration error, the mean distance of a bin's accuracy from
  // its confidence (Guo, Pleiss, Sun and Weinberger 2017, "On calibration of
  // modern neural networks", equation 3). NaN without any example.
  double calibration_error() const;

  // Regression, over the elements of the targets. NaN without any.
  int64_t predicted() const { return predicted_; }
  double mean_squared_error() const;
  double mean_absolute_error() const;
  double r_squared() const;  // 1 - squared error / variance of the targets.
  // Every so many elements one, at most kMaxPairs.
  const std::vector<Pair>& pairs() const { return pairs_; }

 private:
  template <class T>
  void AddClassified(const Tensor& output, const Tensor& target, bool examples);
  template <class T>
  void AddPredicted(const T* output, const T* target, int64_t n);

  int64_t examples_ = 0;
  double loss_sum_ = 0;

  int64_t classified_ = 0, right_ = 0, right_in_five_ = 0;
  ConfusionMatrix confusion_;
  std::vector<Mistake> mistakes_;
  std::array<CalibrationBin, 10> calibration_ = {};

  int64_t predicted_ = 0;
  double squared_error_ = 0, absolute_error_ = 0;
  // Of the targets, less the first one: sums lose less so.
  double first_target_ = 0, target_sum_ = 0, target_squares_ = 0;
  std::vector<Pair> pairs_;
  int64_t pair_step_ = 1;  // One of so many elements is in pairs_.
};

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_EVALUATION_H_
