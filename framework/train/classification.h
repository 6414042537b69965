// How well examples were classified, told from counts alone.
#ifndef ADJOINT_FRAMEWORK_TRAIN_CLASSIFICATION_H_
#define ADJOINT_FRAMEWORK_TRAIN_CLASSIFICATION_H_

#include <cstdint>
#include <vector>

namespace adjoint::train {

// How many examples of each class were taken for which.
struct ConfusionMatrix {
  int64_t classes = 0;
  std::vector<int64_t> counts = {};  // [classes, classes]; a row is a truth.

  int64_t at(int64_t truth, int64_t predicted) const {
    return counts[truth * classes + predicted];
  }
};

// How well one class was found; or averages over classes. A quotient of which
// the denominator is 0 is 0, as in scikit-learn.
struct ClassScores {
  int64_t examples = 0;   // Of this class,
  int64_t predicted = 0;  // and taken for it.
  double precision = 0;   // Of those taken for it, the part that was right.
  double recall = 0;      // Of its examples, the part that was found.
  double f1 = 0;          // The harmonic mean of the two.
};

// One for each class.
std::vector<ClassScores> ScoresByClass(const ConfusionMatrix& matrix);

// The means over the classes that occur, as truth or as prediction: each class
// counts alike.
ClassScores MacroAverage(const ConfusionMatrix& matrix);

// The scores of the classes' counts taken together: each example counts alike.
// As each has one class, all three are the accuracy.
ClassScores MicroAverage(const ConfusionMatrix& matrix);

// A pair of classes that were taken for each other.
struct Confusion {
  int64_t truth = 0, predicted = 0, count = 0;
};

// The `limit` most frequent mistakes, the worst first, of equals by truth and
// then by prediction.
std::vector<Confusion> WorstConfusions(const ConfusionMatrix& matrix,
                                       int64_t limit);

struct Interval {
  double low = 0, high = 0;
};

// Where the probability of success is with 95 % confidence, after `successes`
// of n trials: the score interval (Wilson 1927, "Probable inference, the law of
// succession, and statistical inference"). Unlike the normal approximation it
// stays in [0, 1] and is no point where all or none succeeded (Brown, Cai and
// DasGupta 2001). {0, 1} for n = 0.
Interval WilsonInterval(int64_t successes, int64_t n);

// e^loss, of a mean cross entropy in nats: between how many equally likely
// classes the model is as undecided.
double Perplexity(double loss);

}  // namespace adjoint::train

#endif  // ADJOINT_FRAMEWORK_TRAIN_CLASSIFICATION_H_
