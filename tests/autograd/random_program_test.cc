// A thousand random programs: what they compute against plain loops, in f64 and
// f32, and their first and second derivatives against differences of what the
// plain loops compute.

#include "tests/autograd/random_program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/cast.h"
#include "framework/ops/reduce.h"

namespace adjoint {
namespace {

using plain::Values;

constexpr int kPrograms = 1000;
constexpr int kSteps = 16;

std::vector<Tensor> Leaves(const std::vector<Values>& arrays, DType dtype) {
  std::vector<Tensor> leaves;
  for (const Values& a : arrays) {
    leaves.push_back(
        Leaf(Cast(FromSpan<double>(Shape(a.extents), a.x), dtype)));
  }
  return leaves;
}

// For each value the sum over its elements of how much the result depends on
// it: what an error of one in each element does to the result.
double Sensitivity(const std::vector<Tensor>& values) {
  const std::vector<Tensor> of(values.begin(), values.end() - 1);
  double sum = 0;
  for (const Tensor& g : Grad(values.back(), of)) {
    for (const double e : g.data<double>()) sum += std::abs(e);
  }
  return sum;
}

TEST(RandomProgram, ComputesWhatPlainLoopsCompute) {
  Rng rng(1);
  for (int i = 0; i < kPrograms; ++i) {
    const RandomProgram program = DrawProgram(kSteps, rng);
    const double want = program.Run(program.inputs).back().x[0];
    const std::vector<Tensor> values =
        program.Run(Leaves(program.inputs, DType::kF64));
    // Each step's error is a few units in the last place of numbers up to 5
    // or of sums of some of them.
    const double unit = 100 * Sensitivity(values);
    EXPECT_NEAR(values.back().item(), want,
                unit * std::numeric_limits<double>::epsilon())
        << i << "\n"
        << program.ToString();
    EXPECT_NEAR(program.Run(Leaves(program.inputs, DType::kF32)).back().item(),
                want, unit * std::numeric_limits<float>::epsilon())
        << i << "\n"
        << program.ToString();
  }
}

// Derivatives of the plain program along a direction, by five points.
struct Differences {
  double first, second;
};

Differences Differentiate(const RandomProgram& program,
                          const std::vector<Values>& direction, double h) {
  const auto at = [&](double t) {
    std::vector<Values> inputs = program.inputs;
    for (size_t i = 0; i < inputs.size(); ++i) {
      for (size_t j = 0; j < inputs[i].x.size(); ++j) {
        inputs[i].x[j] += t * direction[i].x[j];
      }
    }
    return program.Run(inputs).back().x[0];
  };
  const double a = at(-2 * h), b = at(-h), c = at(0), d = at(h), e = at(2 * h);
  return {(a - 8 * b + 8 * d - e) / (12 * h),
          (-a + 16 * b - 30 * c + 16 * d - e) / (12 * h * h)};
}

TEST(RandomProgram, HasTheDerivativesThatDifferencesGive) {
  Rng rng(2);
  std::map<std::string, int> used;
  for (int i = 0; i < kPrograms; ++i) {
    const RandomProgram program = DrawProgram(kSteps, rng);
    for (const Step& step : program.steps) ++used[step.name];
    std::vector<Values> direction = program.inputs;
    for (Values& u : direction) {
      for (double& e : u.x) e = 2 * rng.NextUniform() - 1;
    }

    const std::vector<Tensor> x = Leaves(program.inputs, DType::kF64);
    const std::vector<Tensor> u = Leaves(direction, DType::kF64);
    const auto along = [&](const std::vector<Tensor>& g) {
      Tensor sum = Zeros({}, DType::kF64);
      for (size_t j = 0; j < g.size(); ++j) {
        sum = sum + Sum(g[j] * u[j].Detach());
      }
      return sum;
    };
    const Tensor y = program.Run(x).back();
    const Tensor first = along(Grad(y, x, {.create_graph = true}));
    const Tensor second = along(Grad(first, x));

    double first_error = 1e300, second_error = 1e300;
    for (const double h : {1e-3, 3e-4, 1e-4}) {
      const Differences want = Differentiate(program, direction, h);
      first_error = std::min(first_error, std::abs(first.item() - want.first));
      second_error =
          std::min(second_error, std::abs(second.item() - want.second));
    }
    EXPECT_LE(first_error, 1e-7 + 1e-5 * std::abs(first.item()))
        << i << "\n"
        << program.ToString();
    EXPECT_LE(second_error, 1e-5 + 1e-4 * std::abs(second.item()))
        << i << "\n"
        << program.ToString();
  }
  for (const std::string& name : DrawnOps()) {
    EXPECT_GE(used[name], 20) << name;
  }
}

}  // namespace
}  // namespace adjoint
