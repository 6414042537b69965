// The witness is itself examined, without the framework: its gradients against
// central differences, and its values against closed forms.
#include "tests/models/manual_mlp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace adjoint::testing {
namespace {

// Uniform over [low, high), the same on every machine: the standard fixes the
// bits of mt19937, though not those of its distributions. Drawn as float, so
// that a float and a double network can hold the very same values.
template <class T>
void Fill(std::vector<T>& out, double low, double high, std::mt19937& bits) {
  for (T& value : out) {
    const double uniform = static_cast<double>(bits()) / 4294967296.0;
    value = static_cast<float>(low + (high - low) * uniform);
  }
}

template <class T>
struct Problem {
  Problem(std::vector<int> sizes, Activation activation, Loss loss, int n)
      : mlp(sizes, activation, loss), x(n * sizes.front()) {
    std::mt19937 bits(7);
    for (int l = 1; l <= mlp.depth(); ++l) {
      const double bound = 1 / std::sqrt(sizes[l - 1]);
      Fill(mlp.w[l], -bound, bound, bits);
      Fill(mlp.b[l], -bound, bound, bits);
    }
    Fill(x, 0, 1, bits);
    for (int s = 0; s < n; ++s) labels.push_back(bits() % sizes.back());
  }
  double Forward() { return mlp.Forward(x, labels); }

  ManualMlp<T> mlp;
  std::vector<T> x;
  std::vector<int> labels;
};

struct Case {
  std::vector<int> sizes;
  Activation activation;
  Loss loss;
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const std::vector<int>& sizes :
       {std::vector<int>{4, 3}, {1, 1, 2}, {5, 4, 3, 2}, {3, 6, 2, 5, 4}}) {
    for (Activation activation : {Activation::kSigmoid, Activation::kRelu}) {
      for (Loss loss : {Loss::kCrossEntropy, Loss::kSquaredError}) {
        cases.push_back({sizes, activation, loss});
      }
    }
  }
  return cases;
}

// A central difference of step h errs by h^2 / 6 times the third derivative
// and by a rounding of the loss over h: less than 2e-10 in all, for h = 1e-5.
void ExpectIsDerivative(Problem<double>& problem, std::vector<double>& at,
                        const std::vector<double>& gradient) {
  constexpr double kStep = 1e-5;
  ASSERT_EQ(at.size(), gradient.size());
  for (size_t i = 0; i < at.size(); ++i) {
    const double kept = at[i];
    at[i] = kept + kStep;
    const double above = problem.Forward();
    at[i] = kept - kStep;
    const double below = problem.Forward();
    at[i] = kept;
    EXPECT_NEAR(gradient[i], (above - below) / (2 * kStep), 2e-10) << i;
  }
}

TEST(ManualMlp, GradientsAreTheDerivativesOfTheLoss) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(::testing::Message()
                 << "depth " << c.sizes.size() - 1 << ", activation "
                 << static_cast<int>(c.activation) << ", loss "
                 << static_cast<int>(c.loss));
    Problem<double> problem(c.sizes, c.activation, c.loss, /*n=*/6);
    ManualMlp<double>& mlp = problem.mlp;
    problem.Forward();
    ASSERT_GT(mlp.DistanceToKink(), 1e-4);
    mlp.Backward();
    for (int l = 1; l <= mlp.depth(); ++l) {
      ExpectIsDerivative(problem, mlp.w[l], mlp.dw[l]);
      ExpectIsDerivative(problem, mlp.b[l], mlp.db[l]);
    }
    ExpectIsDerivative(problem, problem.x, mlp.dx);
  }
}

// The figures of docs/tutorial/backprop_by_hand.md: with no weight but the
// biases, the outputs of one sample are (2, 1, 0.1).
TEST(ManualMlp, CrossEntropyMatchesTheExampleOfTheTutorial) {
  ManualMlp<double> mlp({1, 3}, Activation::kRelu, Loss::kCrossEntropy);
  mlp.b[1] = {2, 1, 0.1};
  EXPECT_NEAR(mlp.Forward({0}, {0}), 0.41703, 5e-6);
  mlp.Backward();
  EXPECT_NEAR(mlp.delta[1][0], -0.34100, 5e-6);
  EXPECT_NEAR(mlp.delta[1][1], 0.24243, 5e-6);
  EXPECT_NEAR(mlp.delta[1][2], 0.09857, 5e-6);
}

// A network of zeros gives each of ten classes the probability 1/10.
TEST(ManualMlp, ZeroWeightsGiveTheLossOfAGuess) {
  const std::vector<double> x(4 * 7, 0.5);
  const std::vector<int> labels = {3, 3, 3, 9};
  ManualMlp<double> mlp({7, 5, 10}, Activation::kSigmoid, Loss::kCrossEntropy);
  EXPECT_NEAR(mlp.Forward(x, labels), std::log(10.0), 1e-15);
  mlp.Backward();
  EXPECT_NEAR(mlp.db[2][3], 0.1 - 0.75, 1e-15);
  EXPECT_NEAR(mlp.db[2][9], 0.1 - 0.25, 1e-15);
  EXPECT_NEAR(mlp.db[2][0], 0.1, 1e-15);
  // Each hidden unit is sigmoid(0) = 1/2.
  EXPECT_NEAR(mlp.dw[2][3 * 5], 0.5 * (0.1 - 0.75), 1e-15);

  // All outputs are 0, and one of ten targets is 1.
  ManualMlp<double> squared({7, 5, 10}, Activation::kRelu, Loss::kSquaredError);
  EXPECT_NEAR(squared.Forward(x, labels), 0.1, 1e-15);
  squared.Backward();
  EXPECT_NEAR(squared.db[2][3], -2 * 0.75 / 10, 1e-15);
  EXPECT_EQ(squared.db[2][0], 0);
}

TEST(ManualMlp, HugeOutputsDoNotOverflow) {
  ManualMlp<float> mlp({1, 2}, Activation::kRelu, Loss::kCrossEntropy);
  mlp.b[1] = {1000, -1000};
  EXPECT_EQ(mlp.Forward({0, 0}, {0, 1}), 1000);  // (0 + 2000) / 2
  mlp.Backward();
  EXPECT_EQ(mlp.db[1], (std::vector<float>{0.5, -0.5}));
}

TEST(ManualMlp, ReluIsFlatAtZero) {
  ManualMlp<double> mlp({1, 1, 1}, Activation::kRelu, Loss::kSquaredError);
  mlp.w[2] = {1};
  mlp.Forward({1}, {0});
  EXPECT_EQ(mlp.DistanceToKink(), 0);
  mlp.Backward();
  EXPECT_EQ(mlp.db[2], std::vector<double>{-2});
  EXPECT_EQ(mlp.db[1], std::vector<double>{0});
}

// With the gradient 1 throughout: v is 1, 3/2, 7/4 and w falls by v / 2.
TEST(ManualMlp, SgdGathersMomentum) {
  ManualMlp<double> mlp({1, 1}, Activation::kRelu, Loss::kSquaredError);
  mlp.dw[1] = {1};
  mlp.db[1] = {-1};
  for (const double expected : {-0.5, -1.25, -2.125}) {
    mlp.Sgd(/*learning_rate=*/0.5, /*momentum=*/0.5);
    EXPECT_EQ(mlp.w[1][0], expected);
    EXPECT_EQ(mlp.b[1][0], -expected);
  }
}

// Equal to 2e-7 of the largest magnitude.
void ExpectClose(const std::vector<float>& a, const std::vector<double>& b) {
  ASSERT_EQ(a.size(), b.size());
  double scale = 0;
  for (const double value : b) scale = std::max(scale, std::abs(value));
  for (size_t i = 0; i < b.size(); ++i) {
    ASSERT_NEAR(a[i], b[i], 2e-7 * scale) << i;
  }
}

// A framework held to 1e-5 against the float network has all but 2e-7 of that
// to itself.
TEST(ManualMlp, FloatGradientsErrByLittleMoreThanTheirLastRounding) {
  for (Activation activation : {Activation::kSigmoid, Activation::kRelu}) {
    const std::vector<int> sizes = {784, 128, 64, 10};
    Problem<float> narrow(sizes, activation, Loss::kCrossEntropy, /*n=*/32);
    Problem<double> wide(sizes, activation, Loss::kCrossEntropy, /*n=*/32);
    EXPECT_NEAR(narrow.Forward(), wide.Forward(), 2e-7);
    ASSERT_GT(wide.mlp.DistanceToKink(), 1e-6);
    narrow.mlp.Backward();
    wide.mlp.Backward();
    for (int l = 1; l <= 3; ++l) {
      ExpectClose(narrow.mlp.dw[l], wide.mlp.dw[l]);
      ExpectClose(narrow.mlp.db[l], wide.mlp.db[l]);
    }
    ExpectClose(narrow.mlp.dx, wide.mlp.dx);
  }
}

}  // namespace
}  // namespace adjoint::testing
