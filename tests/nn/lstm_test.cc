#include "framework/nn/lstm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/core/random.h"
#include "framework/nn/sequential.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/reduce.h"
#include "framework/ops/shape.h"

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

// The parameters of a layer, by name.
std::map<std::string, Doubles> ParameterValues(const Lstm& layer) {
  std::map<std::string, Doubles> values;
  for (const NamedParameter& p : Parameters(layer)) {
    values[p.name] = Values(p.parameter);
  }
  return values;
}

// One layer from a state of zeros, element by element from the formulas:
// x [batch, time, in] -> [batch, time, hidden].
Doubles PlainLstm(std::map<std::string, Doubles> p, const Tensor& x,
                  size_t hidden) {
  const size_t batch = x.shape()[0], time = x.shape()[1], in = x.shape()[2];
  const Doubles xs = Values(x);
  const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
  Doubles y;
  for (size_t b = 0; b < batch; ++b) {
    Doubles h(hidden), c(hidden);
    for (size_t t = 0; t < time; ++t) {
      Doubles a(4 * hidden);
      for (size_t k = 0; k < a.size(); ++k) {
        if (p.count("bias_ih_l0")) {
          a[k] += p["bias_ih_l0"][k] + p["bias_hh_l0"][k];
        }
        for (size_t j = 0; j < in; ++j) {
          a[k] += p["weight_ih_l0"][k * in + j] * xs[(b * time + t) * in + j];
        }
        for (size_t j = 0; j < hidden; ++j) {
          a[k] += p["weight_hh_l0"][k * hidden + j] * h[j];
        }
      }
      for (size_t j = 0; j < hidden; ++j) {
        c[j] = sigmoid(a[hidden + j]) * c[j] +
               sigmoid(a[j]) * std::tanh(a[2 * hidden + j]);
        h[j] = sigmoid(a[3 * hidden + j]) * std::tanh(c[j]);
        y.push_back(h[j]);
      }
    }
  }
  return y;
}

TEST(Lstm, IsAPlainLoop) {
  Rng rng(1);
  for (const Shape& shape : {Shape({2, 7, 3}), Shape({5, 1, 3})}) {
    for (bool bias : {true, false}) {
      const Lstm layer(3, 4, rng, {.bias = bias, .dtype = DType::kF64});
      const Tensor x = RandomNormal(shape, 0, 2, rng, DType::kF64);
      const Doubles plain = PlainLstm(ParameterValues(layer), x, 4);
      ExpectNear(layer(x), FromSpan<double>(shape.With(2, 4), plain), 1e-14);
    }
  }
}

TEST(Lstm, GoesOnFromTheStateThatItLeft) {
  Rng rng(1);
  const Lstm layer(3, 4, rng, {.num_layers = 2, .dtype = DType::kF64});
  const Tensor x = RandomNormal({2, 9, 3}, 0, 1, rng, DType::kF64);
  const auto whole = layer.Continue(x, {});
  ExpectNear(layer(x), whole.y, 0);
  for (int64_t part : {1, 4}) {
    LstmState state;
    std::vector<Tensor> parts;
    for (int64_t t = 0; t < 9; t += part) {
      auto next =
          layer.Continue(Slice(x, 1, t, std::min<int64_t>(t + part, 9)), state);
      parts.push_back(next.y);
      state = next.state;
    }
    ExpectNear(Concat(parts, 1), whole.y, 1e-14);
    ExpectNear(state.h, whole.state.h, 1e-14);
    ExpectNear(state.c, whole.state.c, 1e-14);
  }
}

TEST(Lstm, StateWithoutItsHistoryCarriesNoGradient) {
  Rng rng(1);
  const Lstm layer(3, 4, rng);
  const Tensor x = Leaf(RandomNormal({2, 3, 3}, 0, 1, rng));
  const LstmState state = layer.Continue(x, {}).state;
  const auto gradient = [&](const LstmState& from) {
    return Grad(Sum(layer.Continue(Ones({2, 1, 3}), from).y), {x})[0];
  };
  for (double g : Values(gradient(state))) EXPECT_NE(g, 0);
  for (double g : Values(gradient(state.Detach()))) EXPECT_EQ(g, 0);
}

TEST(Lstm, NamesAndShapesAreThoseOfPyTorch) {
  Rng rng(1);
  const auto list = [](const Lstm& layer) {
    std::string text;
    for (const NamedParameter& p : Parameters(layer)) {
      absl::StrAppend(&text, p.name, " ",
                      p.parameter.value().shape().ToString(), "\n");
    }
    return text;
  };
  EXPECT_EQ(list(Lstm(3, 5, rng, {.num_layers = 2})),
            "weight_ih_l0 [20,3]\nweight_hh_l0 [20,5]\n"
            "bias_ih_l0 [20]\nbias_hh_l0 [20]\n"
            "weight_ih_l1 [20,5]\nweight_hh_l1 [20,5]\n"
            "bias_ih_l1 [20]\nbias_hh_l1 [20]\n");
  EXPECT_EQ(list(Lstm(3, 5, rng, {.bias = false})),
            "weight_ih_l0 [20,3]\nweight_hh_l0 [20,5]\n");
  EXPECT_EQ(Lstm(3, 5, rng).Kind(), "Lstm");
  EXPECT_EQ(Lstm(3, 5, rng, {.num_layers = 2}).Kind(), "Lstm 2 layers");
}

TEST(Lstm, BeginsUniformWithinOneOverTheRootOfItsWidth) {
  Rng rng(1);
  const Lstm layer(30, 100, rng);
  for (const NamedParameter& p : Parameters(layer)) {
    double largest = 0;
    for (double w : Values(p.parameter)) {
      largest = std::max(largest, std::abs(w));
    }
    EXPECT_LE(largest, 0.1) << p.name;
    EXPECT_GT(largest, 0.095) << p.name;
  }
}

TEST(Lstm, DropsOutBetweenLayersInTraining) {
  const auto run = [](int64_t num_layers, bool training) {
    Rng rng(1);
    const Lstm layer(3, 8, rng, {.num_layers = num_layers, .dropout = 0.5});
    return Values(layer(Ones({2, 4, 3}), {.training = training, .rng = &rng}));
  };
  EXPECT_EQ(run(1, true), run(1, false));
  EXPECT_NE(run(2, true), run(2, false));
  // What the last layer gives is never zeroed.
  for (double h : run(2, true)) EXPECT_NE(h, 0);
}

// The text of the error that `fn` throws.
template <class E, class Fn>
std::string ErrorOf(const Fn& fn) {
  try {
    fn();
  } catch (const E& error) {
    return error.what();
  }
  return "none";
}

TEST(Lstm, ThrowsForWhatDoesNotFit) {
  Rng rng(1);
  EXPECT_EQ(ErrorOf<ShapeError>([&] { Lstm(0, 5, rng); }),
            "Lstm: sizes must be >= 1: input 0, hidden 5, layers 1");
  EXPECT_THROW(Lstm(3, 0, rng), ShapeError);
  EXPECT_THROW(Lstm(3, 5, rng, {.num_layers = 0}), ShapeError);
  EXPECT_THROW(Lstm(3, 5, rng, {.dropout = 1}), ValueError);

  const Lstm layer(3, 5, rng, {.num_layers = 2, .dropout = 0.5});
  EXPECT_EQ(ErrorOf<ShapeError>([&] {
              layer(Ones({2, 3}));
            }),
            "Lstm: x [batch,time,3] wanted: f32 [2,3]");
  EXPECT_EQ(ErrorOf<ShapeError>([&] {
              layer(Ones({2, 3, 4}));
            }),
            "Lstm: x [batch,time,3] wanted: f32 [2,3,4]");
  EXPECT_EQ(ErrorOf<ShapeError>([&] {
              layer.Continue(Ones({4, 1, 3}), {.c = Ones({2, 3, 5})});
            }),
            "Lstm: a state [2,4,5] wanted: f32 [4,1,3], f32 [2,3,5]");
  EXPECT_TRUE(absl::StrContains(ErrorOf<ShapeError>([&] {
                                  layer(Ones({2, 0, 3}));
                                }),
                                "lstm: there is no step"));
  EXPECT_EQ(ErrorOf<ValueError>([&] {
              layer(Ones({2, 1, 3}), {.training = true});
            }),
            "Dropout: training needs Pass::rng");
  EXPECT_THROW(layer(Ones({2, 1, 3}, DType::kF64)), DTypeError);
}

TEST(Lstm, ErrorsTellWhereInTheModel) {
  Rng rng(1);
  const Sequential model(Lstm(3, 4, rng), Lstm(5, 4, rng));
  EXPECT_EQ(ErrorOf<ShapeError>([&] {
              model(Ones({2, 1, 3}));
            }),
            "Lstm: x [batch,time,5] wanted: f32 [2,1,4] (in 1)");
}

TEST(Lstm, TakesAnEmptyBatch) {
  Rng rng(1);
  const Lstm layer(3, 4, rng, {.num_layers = 2});
  const Tensor y = layer(Ones({0, 5, 3}));
  EXPECT_EQ(y.shape(), Shape({0, 5, 4}));
  const Gradients gradients = Grad(Sum(y), layer);
  for (const auto& [parameter, gradient] : gradients.items()) {
    for (double g : Values(gradient)) EXPECT_EQ(g, 0);
  }
}

TEST(Lstm, IsBitwiseEqualForAnyNumberOfThreads) {
  std::vector<Doubles> expected;
  for (int threads : {1, 2, 3, 4, 8}) {
    SetNumThreads(threads);
    Rng rng(1);
    const Lstm layer(20, 100, rng, {.num_layers = 2});
    const Tensor x = Leaf(RandomNormal({50, 6, 20}, 0, 1, rng));
    const Tensor y = layer(x);
    std::vector<Doubles> results = {Values(y)};
    const Tensor loss = Sum(Square(y));
    results.push_back(Values(Grad(loss, {x})[0]));
    const Gradients gradients = Grad(loss, layer);
    for (const auto& [parameter, gradient] : gradients.items()) {
      results.push_back(Values(gradient));
    }
    if (expected.empty()) expected = results;
    EXPECT_EQ(results, expected) << threads << " threads";
  }
  SetNumThreads(0);
}

}  // namespace
}  // namespace adjoint::nn
