#include "framework/train/classification.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace adjoint::train {
namespace {

double Ratio(double part, double whole) {
  return whole == 0 ? 0 : part / whole;
}

ClassScores Scores(int64_t right, int64_t examples, int64_t predicted) {
  const double hits = static_cast<double>(right);
  return {.examples = examples,
          .predicted = predicted,
          .precision = Ratio(hits, static_cast<double>(predicted)),
          .recall = Ratio(hits, static_cast<double>(examples)),
          .f1 = Ratio(2 * hits, static_cast<double>(examples + predicted))};
}

}  // namespace

std::vector<ClassScores> ScoresByClass(const ConfusionMatrix& matrix) {
  std::vector<ClassScores> scores;
  for (int64_t c = 0; c < matrix.classes; ++c) {
    int64_t examples = 0, predicted = 0;
    for (int64_t other = 0; other < matrix.classes; ++other) {
      examples += matrix.at(c, other);
      predicted += matrix.at(other, c);
    }
    scores.push_back(Scores(matrix.at(c, c), examples, predicted));
  }
  return scores;
}

ClassScores MacroAverage(const ConfusionMatrix& matrix) {
  ClassScores mean;
  double classes = 0;
  for (const ClassScores& scores : ScoresByClass(matrix)) {
    mean.examples += scores.examples;
    mean.predicted += scores.predicted;
    mean.precision += scores.precision;
    mean.recall += scores.recall;
    mean.f1 += scores.f1;
    classes += scores.examples + scores.predicted > 0;
  }
  mean.precision = Ratio(mean.precision, classes);
  mean.recall = Ratio(mean.recall, classes);
  mean.f1 = Ratio(mean.f1, classes);
  return mean;
}

ClassScores MicroAverage(const ConfusionMatrix& matrix) {
  int64_t right = 0, all = 0;
  for (int64_t c = 0; c < matrix.classes; ++c) right += matrix.at(c, c);
  for (const int64_t count : matrix.counts) all += count;
  return Scores(right, all, all);
}

std::vector<Confusion> WorstConfusions(const ConfusionMatrix& matrix,
                                       int64_t limit) {
  std::vector<Confusion> all;
  for (int64_t truth = 0; truth < matrix.classes; ++truth) {
    for (int64_t predicted = 0; predicted < matrix.classes; ++predicted) {
      const int64_t count = matrix.at(truth, predicted);
      if (truth != predicted && count > 0) {
        all.push_back({truth, predicted, count});
      }
    }
  }
  const auto worse = [](const Confusion& a, const Confusion& b) {
    return std::tuple(-a.count, a.truth, a.predicted) <
           std::tuple(-b.count, b.truth, b.predicted);
  };
  const int64_t n = std::min(limit, static_cast<int64_t>(all.size()));
  std::partial_sort(all.begin(), all.begin() + n, all.end(), worse);
  all.resize(n);
  return all;
}

Interval WilsonInterval(int64_t successes, int64_t n) {
  if (n == 0) return {0, 1};
  constexpr double kZ = 1.959963984540054;  // 97.5 % of normals are below.
  const double size = static_cast<double>(n);
  const double p = static_cast<double>(successes) / size;
  const double shrink = 1 + kZ * kZ / size;
  const double center = (p + kZ * kZ / (2 * size)) / shrink;
  const double half =
      kZ / shrink * std::sqrt(p * (1 - p) / size + kZ * kZ / (4 * size * size));
  return {std::max(0., center - half), std::min(1., center + half)};
}

double Perplexity(double loss) { return std::exp(loss); }

}  // namespace adjoint::train
