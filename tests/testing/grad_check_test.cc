#include "framework/testing/grad_check.h"

#include <gtest/gtest.h>

#include "framework/autograd/custom_vjp.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"

namespace adjoint::testing {
namespace {

const Tensor& Point() {
  static const Tensor x = FromValues<double>({3}, {0.3, -1.2, 0.9});
  return x;
}

TEST(CheckGrad, AcceptsARightRule) {
  const Function f = [](auto xs) { return Exp(xs[0]) * xs[0]; };
  EXPECT_TRUE(CheckGrad(f, {Point()}).ok());
  EXPECT_TRUE(CheckForwardMode(f, {Point()}).ok());
}

// A rule may be right where it is read and wrong where it is differentiated.
TEST(CheckGrad, CatchesARuleThatIsWrongOnlyToSecondOrder) {
  const Function f = [](absl::Span<const Tensor> xs) {
    return CustomVjp([](auto x) { return Square(x[0]); },
                     [](const Tensor& dy, const Tensor&, auto x) {
                       return std::vector<Tensor>{dy * x[0].Detach() * 2.0};
                     },
                     xs);
  };
  EXPECT_TRUE(CheckGrad(f, {Point()}, {.order = 1}).ok());
  EXPECT_FALSE(CheckGrad(f, {Point()}, {.order = 2}).ok());
}

TEST(CheckGrad, NamesOrderAndInput) {
  const Function f = [](absl::Span<const Tensor> xs) {
    return CustomVjp([](auto x) { return x[0] * x[1]; },
                     [](const Tensor& dy, const Tensor&, auto x) {
                       return std::vector<Tensor>{dy * x[1], dy * x[0] * 1.01};
                     },
                     xs);
  };
  const absl::Status status = CheckGrad(f, {Point(), Point()});
  EXPECT_NE(status.message().find("order 1 by input 1"), std::string::npos)
      << status;
}

TEST(CheckForwardMode, CatchesARuleThatIsNotLinear) {
  const Function f = [](absl::Span<const Tensor> xs) {
    return CustomVjp([](auto x) { return x[0] * 1.0; },
                     [](const Tensor& dy, const Tensor&, auto) {
                       return std::vector<Tensor>{Square(dy)};
                     },
                     xs);
  };
  EXPECT_FALSE(CheckForwardMode(f, {Point()}).ok());
}

}  // namespace
}  // namespace adjoint::testing
