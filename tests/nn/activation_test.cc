#include "framework/nn/activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <string>

namespace adjoint::nn {
namespace {

struct Case {
  std::shared_ptr<Layer> layer;
  std::string kind;
  std::function<double(double)> formula;
};

TEST(Activation, SmoothAndLeakyLayersAreTheirFormulas) {
  const Case cases[] = {
      {std::make_shared<Gelu>(), "Gelu",
       [](double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2))); }},
      {std::make_shared<Silu>(), "Silu",
       [](double x) { return x / (1 + std::exp(-x)); }},
      {std::make_shared<LeakyRelu>(), "LeakyRelu 0.01",
       [](double x) { return x > 0 ? x : 0.01 * x; }},
      {std::make_shared<LeakyRelu>(0.2), "LeakyRelu 0.2",
       [](double x) { return x > 0 ? x : 0.2 * x; }},
      {std::make_shared<Softplus>(), "Softplus",
       [](double x) { return std::log(1 + std::exp(x)); }},
  };
  const Tensor x = FromValues<double>({5}, {-3, -0.5, 0, 0.25, 2});
  for (const Case& c : cases) {
    EXPECT_EQ(c.layer->Kind(), c.kind);
    EXPECT_TRUE(Parameters(*c.layer).empty());
    const Tensor y = (*c.layer)(x);
    for (int i = 0; i < 5; ++i) {
      EXPECT_NEAR(y.data<double>()[i], c.formula(x.data<double>()[i]), 1e-15)
          << c.kind << " at " << x.data<double>()[i];
    }
  }
}

}  // namespace
}  // namespace adjoint::nn
