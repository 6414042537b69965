#include "framework/train/evaluation.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "framework/base/vectorize.h"
#include "framework/core/dtype.h"
#include "framework/kernels/lanes.h"
#include "framework/kernels/math.h"
#include "framework/train/arg_max.h"
#include "framework/train/mean.h"

namespace adjoint::train {
namespace {

// How many of x[0] to x[n - 1] are before x[label] where the largest is first.
template <class T>
int64_t Rank(const T* x, int64_t n, int64_t label) {
  const T value = x[label];
  int64_t rank = 0;
  for (int64_t i = 0; i < n; ++i) {
    rank += !(x[i] <= value) || (x[i] == value && i < label);
  }
  return std::isnan(value) ? 0 : rank;
}

// Softmax of the logits of one example, divided by none yet.
template <class T>
struct Row {
  const T* e;  // e^(x - max).
  int64_t classes;
  double sum;

  double Probability(int64_t c) const {
    return static_cast<double>(e[c]) / sum;
  }
};

template <class T>
Mistake MakeMistake(const Row<T>& row, int64_t example, int64_t truth) {
  Mistake mistake = {.example = example,
                     .truth = truth,
                     .truth_probability = row.Probability(truth)};
  for (int64_t c = 0; c < row.classes; ++c) {
    const Mistake::Guess guess = {c, row.Probability(c)};
    const auto place = std::find_if(
        mistake.guesses.begin(), mistake.guesses.end(), [&](const auto& other) {
          return other.probability < guess.probability;
        });
    mistake.guesses.insert(place, guess);
    if (mistake.guesses.size() > 3) mistake.guesses.pop_back();
  }
  return mistake;
}

// Whether a mistake made with `probability`, later than all of `worst`, is one
// of the worst.
bool IsAmongWorst(const std::vector<Mistake>& worst, double probability) {
  return static_cast<int64_t>(worst.size()) < Evaluation::kMaxMistakes ||
         probability > worst.back().guesses[0].probability;
}

void Insert(Mistake mistake, std::vector<Mistake>& worst) {
  const auto place =
      std::find_if(worst.begin(), worst.end(), [&](const Mistake& other) {
        return other.guesses[0].probability < mistake.guesses[0].probability;
      });
  worst.insert(place, std::move(mistake));
  if (static_cast<int64_t>(worst.size()) > Evaluation::kMaxMistakes) {
    worst.pop_back();
  }
}

}  // namespace

void Evaluation::Add(const data::Batch& batch, const Outcome& outcome) {
  if (batch.index == 0) *this = Evaluation();
  const Tensor& output = outcome.output;
  const Tensor& target = outcome.target;
  const int64_t n = output.rank() == 0 ? 1 : output.shape()[0];
  if (target.defined() && IsFloat(output.dtype())) {
    VisitFloat(output.dtype(), [&](auto zero) {
      using T = decltype(zero);
      if (target.dtype() == DType::kI32 && output.rank() == 2 &&
          target.shape() == Shape({n}) && output.shape()[1] > 0) {
        AddClassified<T>(output, target, n == batch.size());
      } else if (target.dtype() == output.dtype() &&
                 target.shape() == output.shape()) {
        AddPredicted(output.data<T>().data(), target.data<T>().data(),
                     output.size());
      }
    });
  }
  loss_sum_ += outcome.loss.item() * static_cast<double>(n);
  examples_ += n;
}

template <class T>
void Evaluation::AddClassified(const Tensor& output, const Tensor& target,
                               bool examples) {
  const int64_t n = output.shape()[0], classes = output.shape()[1];
  if (classes <= kMaxClasses && confusion_.classes != classes) {
    confusion_ = {classes, std::vector<int64_t>(classes * classes)};
  }
  const T* x = output.data<T>().data();
  const absl::Span<const int32_t> labels = target.data<int32_t>();
  std::vector<int64_t> found(n);
  std::vector<T> e(n * classes);
  WithWidestVectors([&] {
    for (int64_t i = 0; i < n; ++i) {
      const T* row = x + i * classes;
      found[i] = ArgMax(row, classes);
      const T max = row[found[i]];
      for (int64_t c = 0; c < classes; ++c) e[i * classes + c] = row[c] - max;
    }
    T* all = e.data();
    for (int64_t i = 0; i < n * classes; ++i) all[i] = kernels::Exp(all[i]);
  });
  for (int64_t i = 0; i < n; ++i) {
    const int64_t truth = labels[i], guess = found[i];
    if (truth < 0 || truth >= classes) continue;
    const bool is_right = guess == truth;
    ++classified_;
    right_ += is_right;
    right_in_five_ += is_right || Rank(x + i * classes, classes, truth) < 5;
    if (classes <= kMaxClasses) ++confusion_.counts[truth * classes + guess];

    Row<T> row = {e.data() + i * classes, classes, 0};
    for (int64_t c = 0; c < classes; ++c) row.sum += row.e[c];
    if (!std::isfinite(row.sum)) continue;
    const double confidence = row.Probability(guess);
    const auto bin = static_cast<int64_t>(std::ceil(confidence * 10)) - 1;
    CalibrationBin& in = calibration_[std::clamp<int64_t>(bin, 0, 9)];
    ++in.count;
    in.right += is_right;
    in.confidence_sum += confidence;
    if (examples && !is_right && IsAmongWorst(mistakes_, confidence)) {
      Insert(MakeMistake(row, examples_ + i, truth), mistakes_);
    }
  }
}

template <class T>
void Evaluation::AddPredicted(const T* output, const T* target, int64_t n) {
  if (n == 0) return;
  if (predicted_ == 0) first_target_ = static_cast<double>(target[0]);
  const double first = first_target_;
  WithWidestVectors([&] {
    const auto sum = [n](auto term) {
      return kernels::CombineInLanes(n, 0., term, std::plus<double>());
    };
    const auto error = [=](int64_t i) {
      return static_cast<double>(output[i]) - static_cast<double>(target[i]);
    };
    const auto shifted = [=](int64_t i) {
      return static_cast<double>(target[i]) - first;
    };
    squared_error_ += sum([=](int64_t i) { return error(i) * error(i); });
    absolute_error_ += sum([=](int64_t i) { return std::abs(error(i)); });
    target_sum_ += sum(shifted);
    target_squares_ += sum([=](int64_t i) { return shifted(i) * shifted(i); });
  });
  // The multiples of pair_step_, counted through all batches.
  int64_t i = (pair_step_ - predicted_ % pair_step_) % pair_step_;
  for (; i < n; i += pair_step_) {
    if (static_cast<int64_t>(pairs_.size()) == kMaxPairs) {
      // Every other one goes; this one is at a multiple of the double step, for
      // kMaxPairs is even.
      for (size_t k = 0; k < pairs_.size() / 2; ++k) pairs_[k] = pairs_[2 * k];
      pairs_.resize(pairs_.size() / 2);
      pair_step_ *= 2;
    }
    pairs_.push_back(
        {static_cast<double>(target[i]), static_cast<double>(output[i])});
  }
  predicted_ += n;
}

double Evaluation::loss() const { return MeanOf(loss_sum_, examples_); }

double Evaluation::calibration_error() const {
  double distance = 0;
  int64_t count = 0;
  for (const CalibrationBin& bin : calibration_) {
    // count * |right / count - confidence_sum / count|.
    distance += std::abs(static_cast<double>(bin.right) - bin.confidence_sum);
    count += bin.count;
  }
  return MeanOf(distance, count);
}

double Evaluation::mean_squared_error() const {
  return MeanOf(squared_error_, predicted_);
}

double Evaluation::mean_absolute_error() const {
  return MeanOf(absolute_error_, predicted_);
}

double Evaluation::r_squared() const {
  const double variance =
      target_squares_ - target_sum_ * MeanOf(target_sum_, predicted_);
  return 1 - squared_error_ / variance;  // NaN of nothing, as the mean is.
}

}  // namespace adjoint::train
