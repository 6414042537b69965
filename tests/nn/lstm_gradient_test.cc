// The layer against PyTorch and its gradients against differences.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/core/random.h"
#include "framework/nn/lstm.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/reduce.h"

namespace adjoint::nn {
namespace {

using Doubles = std::vector<double>;

Doubles Values(const Tensor& x) {
  Doubles values;
  VisitFloat(x.dtype(), [&](auto zero) {
    const auto data = x.data<decltype(zero)>();
    values.assign(data.begin(), data.end());
  });
  return values;
}

void ExpectNear(const Tensor& actual, const Tensor& expected,
                double tolerance) {
  ASSERT_EQ(actual.shape(), expected.shape());
  const Doubles a = Values(actual), b = Values(expected);
  for (size_t i = 0; i < a.size(); ++i) {
    ASSERT_NEAR(a[i], b[i], tolerance * (1 + std::abs(b[i]))) << i;
  }
}

// The tensors of golden/lstm.txt, which golden/lstm.py describes.
std::map<std::string, Tensor> Golden(DType dtype) {
  std::map<std::string, Tensor> tensors;
  std::ifstream file("tests/nn/golden/lstm.txt");
  EXPECT_TRUE(file.good());
  for (std::string line; std::getline(file, line);) {
    std::istringstream header(line);
    std::string name;
    header >> name;
    Doubles dims(std::istream_iterator<double>(header), {});
    std::getline(file, line);
    std::istringstream elements(line);
    const Doubles values(std::istream_iterator<double>(elements), {});
    const Shape shape(std::vector<int64_t>(dims.begin(), dims.end()));
    VisitFloat(dtype, [&](auto zero) {
      using T = decltype(zero);
      tensors[name] =
          FromSpan<T>(shape, std::vector<T>(values.begin(), values.end()));
    });
  }
  return tensors;
}

TEST(Lstm, ComputesWhatPyTorchDoes) {
  for (const auto& [dtype, tolerance] :
       {std::pair(DType::kF64, 1e-12), std::pair(DType::kF32, 1e-5)}) {
    std::map<std::string, Tensor> golden = Golden(dtype);
    Rng rng(1);
    const Lstm layer(4, 6, rng, {.num_layers = 2, .dtype = dtype});
    std::vector<std::string> names = {"x", "h0", "c0"};
    std::vector<Tensor> variables;
    for (const std::string& name : names) {
      variables.push_back(Leaf(golden[name]));
    }
    for (const NamedParameter& p : Parameters(layer)) {
      p.parameter.Set(golden[p.name]);
      names.push_back(p.name);
      variables.push_back(p.parameter);
    }
    ASSERT_EQ(names.size(), 11u);

    const auto [y, state] =
        layer.Continue(variables[0], {variables[1], variables[2]});
    ExpectNear(y, golden["y"], tolerance);
    ExpectNear(state.h, golden["hn"], tolerance);
    ExpectNear(state.c, golden["cn"], tolerance);

    const Tensor loss = Sum(y * golden["by_y"]) +
                        Sum(state.h * golden["by_hn"]) +
                        Sum(state.c * golden["by_cn"]);
    for (bool create_graph : {false, true}) {
      const std::vector<Tensor> gradients =
          Grad(loss, variables, {.create_graph = create_graph});
      for (size_t i = 0; i < names.size(); ++i) {
        SCOPED_TRACE(names[i]);
        ExpectNear(gradients[i], golden["d_" + names[i]], tolerance);
      }
    }
  }
}

// Compares the gradient of the number `f`, which is computed from the values
// that `cells` have at the call, with central differences.
void ExpectGradient(const std::function<Tensor()>& f,
                    const std::vector<Parameter>& cells, double tolerance) {
  std::vector<Tensor> values(cells.begin(), cells.end());
  const std::vector<Tensor> gradients = Grad(f(), values);
  Rng rng(3);
  for (size_t i = 0; i < cells.size(); ++i) {
    const Tensor start = values[i].Detach();
    const Tensor u = RandomNormal(start.shape(), 0, 1, rng, DType::kF64);
    const auto at = [&](double step) {
      cells[i].Set(start + u * step);
      return f().item();
    };
    // Of fourth order.
    constexpr double kStep = 1e-3;
    const double slope =
        (8 * (at(kStep) - at(-kStep)) - (at(2 * kStep) - at(-2 * kStep))) /
        (12 * kStep);
    cells[i].Set(start);
    const double analytic = Sum(gradients[i] * u).item();
    EXPECT_NEAR(analytic, slope, tolerance * (1 + std::abs(slope))) << i;
  }
}

TEST(Lstm, GradientsToSecondOrderMatchDifferences) {
  Rng rng(1);
  const Lstm layer(2, 3, rng, {.num_layers = 2, .dtype = DType::kF64});
  const Tensor state = RandomNormal({2, 2, 3}, 0, 1, rng, DType::kF64);
  std::vector<Parameter> cells = {
      Parameter(RandomNormal({2, 3, 2}, 0, 1, rng, DType::kF64)),
      Parameter(state), Parameter(-state)};
  for (const NamedParameter& p : Parameters(layer)) {
    cells.push_back(p.parameter);
  }
  const Tensor by_y = RandomNormal({2, 3, 3}, 0, 1, rng, DType::kF64);
  const Tensor by_c = RandomNormal({2, 2, 3}, 0, 1, rng, DType::kF64);
  const auto first = [&] {
    const auto [y, end] = layer.Continue(cells[0], {cells[1], cells[2]});
    return Sum(y * by_y) + Sum(end.c * by_c) + Sum(Square(end.h));
  };
  ExpectGradient(first, cells, 1e-9);

  std::vector<Tensor> directions;
  for (const Parameter& cell : cells) {
    directions.push_back(
        RandomNormal(cell.value().shape(), 0, 1, rng, DType::kF64));
  }
  const auto second = [&] {
    const std::vector<Tensor> gradients =
        Grad(first(), std::vector<Tensor>(cells.begin(), cells.end()),
             {.create_graph = true});
    Tensor sum = Zeros({}, DType::kF64);
    for (size_t i = 0; i < cells.size(); ++i) {
      sum = sum + Sum(gradients[i] * directions[i]);
    }
    return sum;
  };
  ExpectGradient(second, cells, 1e-8);
}

}  // namespace
}  // namespace adjoint::nn
