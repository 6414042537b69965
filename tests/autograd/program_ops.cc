#include "tests/autograd/program_ops.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "framework/ops/activation.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/math.h"
#include "framework/ops/reduce.h"
#include "framework/ops/select.h"
#include "framework/ops/softmax.h"
#include "framework/ops/statistics.h"

namespace adjoint {
namespace {

using Doubles = std::vector<double>;

constexpr double kMargin = 0.05;  // To where an op is not smooth.

double Sigma(double x) { return 1 / (1 + std::exp(-x)); }

bool NotNearZero(double x) { return std::abs(x) > kMargin; }
bool Positive(double x) { return x > 0.2; }

const Unary kUnary[] = {
    {"neg", [](const Tensor& x) { return -x; }, [](double x) { return -x; }},
    {"3x-1", [](const Tensor& x) { return 3 * x - 1; },
     [](double x) { return 3 * x - 1; }},
    {"exp", [](const Tensor& x) { return Exp(x); },
     [](double x) { return std::exp(x); }},
    {"log", [](const Tensor& x) { return Log(x); },
     [](double x) { return std::log(x); }, Positive},
    {"sqrt", [](const Tensor& x) { return Sqrt(x); },
     [](double x) { return std::sqrt(x); }, Positive},
    {"square", [](const Tensor& x) { return Square(x); },
     [](double x) { return x * x; }},
    {"pow", [](const Tensor& x) { return Pow(x, 1.7); },
     [](double x) { return std::pow(x, 1.7); }, Positive},
    {"sin", [](const Tensor& x) { return Sin(x); },
     [](double x) { return std::sin(x); }},
    {"cos", [](const Tensor& x) { return Cos(x); },
     [](double x) { return std::cos(x); }},
    {"tanh", [](const Tensor& x) { return Tanh(x); },
     [](double x) { return std::tanh(x); }},
    {"sigmoid", [](const Tensor& x) { return Sigmoid(x); }, Sigma},
    {"log_sigmoid", [](const Tensor& x) { return LogSigmoid(x); },
     [](double x) { return std::log(Sigma(x)); }},
    {"softplus", [](const Tensor& x) { return Softplus(x); },
     [](double x) { return std::log(1 + std::exp(x)); }},
    {"silu", [](const Tensor& x) { return Silu(x); },
     [](double x) { return x * Sigma(x); }},
    {"gelu", [](const Tensor& x) { return Gelu(x); },
     [](double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }},
    {"abs", [](const Tensor& x) { return Abs(x); },
     [](double x) { return std::abs(x); }, NotNearZero},
    {"relu", [](const Tensor& x) { return Relu(x); },
     [](double x) { return x > 0 ? x : 0; }, NotNearZero},
    {"leaky_relu", [](const Tensor& x) { return LeakyRelu(x, 0.1); },
     [](double x) { return x > 0 ? x : 0.1 * x; }, NotNearZero},
    {"clamp", [](const Tensor& x) { return Clamp(x, -1, 1); },
     [](double x) { return x < -1  ? -1
                           : x > 1 ? 1
                                   : x; },
     [](double x) { return NotNearZero(std::abs(x) - 1); }},
};

bool NotNear(double a, double b) { return NotNearZero(a - b); }

const Binary kBinary[] = {
    {"add", Add, [](double a, double b) { return a + b; }},
    {"sub", Sub, [](double a, double b) { return a - b; }},
    {"mul", Mul, [](double a, double b) { return a * b; }},
    {"div", Div, [](double a, double b) { return a / b; },
     [](double, double b) { return std::abs(b) > 0.3; }},
    {"maximum", Maximum, [](double a, double b) { return a > b ? a : b; },
     NotNear},
    {"minimum", Minimum, [](double a, double b) { return a > b ? b : a; },
     NotNear},
};

double SumOf(const Doubles& x) {
  return std::accumulate(x.begin(), x.end(), 0.0);
}
double MeanOf(const Doubles& x) {
  return SumOf(x) / static_cast<double>(x.size());
}

const Reduction kReductions[] = {
    {"sum",
     [](const Tensor& x, absl::Span<const int> axes, bool keepdims) {
       return Sum(x, axes, {.keepdims = keepdims});
     },
     SumOf},
    {"mean",
     [](const Tensor& x, absl::Span<const int> axes, bool keepdims) {
       return Mean(x, axes, {.keepdims = keepdims});
     },
     MeanOf},
    {"max",
     [](const Tensor& x, absl::Span<const int> axes, bool keepdims) {
       return Max(x, axes, {.keepdims = keepdims});
     },
     [](const Doubles& x) { return *std::max_element(x.begin(), x.end()); },
     [](const Doubles& x) {
       Doubles sorted = x;
       std::sort(sorted.rbegin(), sorted.rend());
       return sorted.size() < 2 || NotNear(sorted[0], sorted[1]);
     }},
    {"log_sum_exp",
     [](const Tensor& x, absl::Span<const int> axes, bool keepdims) {
       return LogSumExp(x, axes, {.keepdims = keepdims});
     },
     [](const Doubles& x) {
       double sum = 0;
       for (const double e : x) sum += std::exp(e);
       return std::log(sum);
     }},
    {"variance",
     [](const Tensor& x, absl::Span<const int> axes, bool keepdims) {
       return Variance(x, axes, {.keepdims = keepdims, .correction = 0});
     },
     [](const Doubles& x) {
       double sum = 0;
       for (const double e : x) sum += (e - MeanOf(x)) * (e - MeanOf(x));
       return sum / static_cast<double>(x.size());
     }},
};

Doubles SoftmaxOf(const Doubles& x) {
  double sum = 0;
  for (const double e : x) sum += std::exp(e);
  Doubles y;
  for (const double e : x) y.push_back(std::exp(e) / sum);
  return y;
}

Doubles LogSoftmaxOf(const Doubles& x) {
  Doubles y = SoftmaxOf(x);
  for (double& e : y) e = std::log(e);
  return y;
}

const AlongAxis kAlongAxis[] = {
    {"softmax", [](const Tensor& x, int axis) { return Softmax(x, axis); },
     SoftmaxOf},
    {"log_softmax",
     [](const Tensor& x, int axis) { return LogSoftmax(x, axis); },
     LogSoftmaxOf},
};

}  // namespace

absl::Span<const Unary> UnaryOps() { return kUnary; }
absl::Span<const Binary> BinaryOps() { return kBinary; }
absl::Span<const Reduction> Reductions() { return kReductions; }
absl::Span<const AlongAxis> AlongAxisOps() { return kAlongAxis; }

}  // namespace adjoint
