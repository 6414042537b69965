#include "framework/train/objective.h"

#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/base/vectorize.h"
#include "framework/core/dtype.h"
#include "framework/kernels/lanes.h"
#include "framework/ops/elementwise_loss.h"
#include "framework/ops/loss.h"

namespace adjoint::train {
namespace {

constexpr char kRegression[] =
    "for regression name a loss, such as MeanSquaredError";

// The first of the rows [classes] that has finite numbers, but no
// probabilities; `rows` if there is none. Of numbers that are not finite the
// loss is neither, and a training then tells which example they are in.
template <class T>
int64_t FirstWithoutProbabilities(const T* data, int64_t rows,
                                  int64_t classes) {
  constexpr T kTolerance = T(1e-3);
  int64_t row = 0;
  WithWidestVectors([&] {
    // A short row ends before its lanes pay.
    const auto total = [classes](auto at) {
      const auto add = [](T a, T b) { return a + b; };
      if (classes >= kernels::kLanes) {
        return kernels::CombineInLanes(classes, T(0), at, add);
      }
      T sum = 0;
      for (int64_t c = 0; c < classes; ++c) sum += at(c);
      return sum;
    };
    for (const T* p = data; row < rows; ++row, p += classes) {
      const T sum = total([p](int64_t c) { return p[c]; });
      const T size = total([p](int64_t c) { return std::abs(p[c]); });
      const bool right = sum >= 1 - kTolerance && size <= 1 + kTolerance;
      if (!right && std::isfinite(size)) return;
    }
  });
  return row;
}

void CheckProbabilities(const Tensor& target) {
  const int64_t classes = target.shape()[-1];
  const int64_t rows = target.shape().Without(-1).size();
  const int64_t row = VisitFloat(target.dtype(), [&](auto zero) {
    return FirstWithoutProbabilities(target.data<decltype(zero)>().data(), rows,
                                     classes);
  });
  if (row == rows) return;
  throw ValueError(absl::StrCat(
      "ClassificationLoss: row ", row,
      " of the targets is no probabilities: they are at least 0 and sum to 1; ",
      kRegression));
}

}  // namespace

Tensor ClassificationLoss(const Tensor& output, const Tensor& target) {
  if (output.rank() > 0 && output.shape()[-1] == 1) {
    throw ValueError(absl::StrCat(
        "ClassificationLoss: one class: nothing to learn; ", kRegression));
  }
  Tensor loss = SoftmaxCrossEntropy(output, target);
  if (IsFloat(target.dtype())) CheckProbabilities(target);
  return loss;
}

Objective Supervised(const nn::Layer& model, LossFunction loss) {
  return [&model, loss = std::move(loss)](const data::Batch& batch,
                                          const nn::Pass& pass) {
    const Tensor output = model(batch.x, pass);
    return Outcome{loss(output, batch.y), output, batch.y};
  };
}

}  // namespace adjoint::train
