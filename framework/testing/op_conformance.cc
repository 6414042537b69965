// What every op must satisfy, proven on the examples that it carries. Linking
// this file into a test proves all ops of the catalogue, a user's included.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/autograd/custom_vjp.h"
#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/core/catalog.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/cast.h"
#include "framework/ops/reduce.h"
#include "framework/testing/example_runs.h"
#include "framework/testing/grad_check.h"

namespace adjoint {

// How GoogleTest shows the parameter of a failed test.
static void PrintTo(const CatalogEntry& entry, std::ostream* out) {
  *out << entry.name;
}

namespace testing {
namespace {

class OpConformance : public ::testing::TestWithParam<CatalogEntry> {
 protected:
  // Calls `check(example, description)` for the examples that must succeed.
  template <class Check>
  void ForEachExample(Check check) {
    const std::vector<CatalogExample> examples = GetParam().examples();
    int checked = 0;
    for (size_t i = 0; i < examples.size(); ++i) {
      if (!examples[i].error.empty()) continue;
      SCOPED_TRACE(absl::StrCat(GetParam().name, ", example ", i));
      check(examples[i]);
      ++checked;
    }
    EXPECT_GT(checked, 0) << GetParam().name << " has no example";
  }
};

TEST_P(OpConformance, GradientsToSecondOrderMatchDifferences) {
  if (!GetParam().differentiable) return;
  ForEachExample([](const CatalogExample& example) {
    if (example.timed) return;
    for (uint64_t seed : {1, 2, 3}) {
      EXPECT_EQ(
          CheckGrad(example.apply, DrawAll(example, DType::kF64),
                    {.rtol = example.rtol, .atol = example.atol, .seed = seed}),
          absl::OkStatus());
    }
  });
}

TEST_P(OpConformance, ForwardModeAgreesWithReverseMode) {
  if (!GetParam().differentiable) return;
  ForEachExample([](const CatalogExample& example) {
    if (example.timed) return;
    EXPECT_EQ(CheckForwardMode(example.apply, DrawAll(example, DType::kF64)),
              absl::OkStatus());
  });
}

TEST_P(OpConformance, F32AgreesWithF64) {
  ForEachExample([](const CatalogExample& example) {
    const std::vector<Tensor> single = DrawAll(example, DType::kF32);
    std::vector<Tensor> wide;
    for (const Tensor& x : single) {
      wide.push_back(IsFloat(x.dtype()) ? Cast(x, DType::kF64) : x);
    }
    const std::vector<Tensor> got = ForwardAndBackward(example, single);
    const std::vector<Tensor> want = ForwardAndBackward(example, wide);
    ASSERT_EQ(got.size(), want.size());
    for (size_t i = 0; i < got.size(); ++i) {
      ASSERT_EQ(got[i].shape(), want[i].shape());
      const Tensor exact = Cast(want[i], DType::kF64);
      const Tensor rounded = Cast(got[i], DType::kF64);
      double scale = 0, error = 0;
      for (int64_t j = 0; j < exact.size(); ++j) {
        const double e = exact.data<double>()[j];
        scale = std::max(scale, std::abs(e));
        error = std::max(error, std::abs(e - rounded.data<double>()[j]));
      }
      EXPECT_LE(error, 1e-5 * scale + 1e-7) << "result " << i;
    }
  });
}

TEST_P(OpConformance, ResultsAreBitwiseEqualForAnyNumberOfThreads) {
  ForEachExample([](const CatalogExample& example) {
    std::vector<std::string> want;
    for (int threads : {1, 2, 3, 4, 8}) {
      SetNumThreads(threads);
      std::vector<std::string> got;
      for (const Tensor& x :
           ForwardAndBackward(example, DrawAll(example, DType::kF32))) {
        got.push_back(Bytes(x));
      }
      if (want.empty()) want = got;
      EXPECT_EQ(got, want) << threads << " threads";
    }
    SetNumThreads(0);
  });
}

TEST_P(OpConformance, InputsAreLeftAsTheyWere) {
  ForEachExample([](const CatalogExample& example) {
    const std::vector<Tensor> xs = DrawAll(example, DType::kF32);
    ForwardAndBackward(example, xs);
    const std::vector<Tensor> again = DrawAll(example, DType::kF32);
    for (size_t i = 0; i < xs.size(); ++i) {
      EXPECT_EQ(Bytes(xs[i]), Bytes(again[i]));
    }
  });
}

// The rule gives each input the same gradient whether it is asked for alone or
// along with the others.
TEST_P(OpConformance, NeedsChangeNoGradient) {
  if (!GetParam().differentiable) return;
  ForEachExample([](const CatalogExample& example) {
    const std::vector<Tensor> xs = DrawAll(example, DType::kF64);
    const std::vector<Tensor> all = ForwardAndBackward(example, xs);
    size_t next = 1;
    for (size_t i = 0; i < xs.size(); ++i) {
      if (!IsFloat(xs[i].dtype())) continue;
      std::vector<Tensor> leaves = xs;
      leaves[i] = Leaf(xs[i]);
      const Tensor y = example.apply(leaves);
      const Tensor alone = Grad(y, {leaves[i]}, {.seed = SeedLike(y)})[0];
      EXPECT_EQ(Bytes(alone), Bytes(all[next++])) << "input " << i;
    }
  });
}

// What is declared as saved is read: dropping it makes the rule fail for some
// example. (That nothing else is read is proven by every other test here, for
// the rest are ghosts.)
TEST_P(OpConformance, EverythingSavedIsRead) {
  if (!GetParam().differentiable) return;
  const CatalogEntry& entry = GetParam();
  const size_t arity = entry.examples()[0].inputs.size();
  for (size_t dropped = 0; dropped <= arity; ++dropped) {
    const bool is_output = dropped == arity;
    if (is_output ? !Includes(entry.save, Save::kOutput)
                  : !IncludesInput(entry.save, dropped)) {
      continue;
    }
    bool missed = false;
    ForEachExample([&](const CatalogExample& example) {
      if (example.inputs.size() != arity) return;
      std::vector<Tensor> xs = DrawAll(example, DType::kF64);
      NoGrad no_grad;
      Tensor y = example.apply(xs);
      const Tensor dy = y;
      (is_output ? y : xs[dropped]) = (is_output ? y : xs[dropped]).Ghost();
      std::vector<Tensor> dx(arity);
      const absl::InlinedVector<bool, 4> needs(arity, true);
      try {
        example.vjp(dy, y, xs, needs, absl::MakeSpan(dx));
      } catch (const ValueError&) {
        missed = true;
      }
    });
    EXPECT_TRUE(missed) << entry.name << " saves "
                        << (is_output ? "its output"
                                      : absl::StrCat("input ", dropped))
                        << " for nothing";
  }
}

// Breaks one input in a way that no op accepts.
void ExpectThrows(const CatalogExample& example, std::vector<Tensor> xs,
                  size_t i, const Tensor& broken, absl::string_view op,
                  absl::string_view text) {
  xs[i] = broken;
  try {
    example.apply(xs);
    ADD_FAILURE() << op << " took " << Signature(broken) << " as input " << i;
  } catch (const Error& e) {
    EXPECT_TRUE(absl::StartsWith(e.what(), absl::StrCat(op, ": "))) << e.what();
    EXPECT_TRUE(absl::StrContains(e.what(), text)) << e.what();
  }
}

TEST_P(OpConformance, MisuseThrowsAndNamesOpAndOperands) {
  const absl::string_view op = GetParam().name;
  for (const CatalogExample& example : GetParam().examples()) {
    const std::vector<Tensor> xs = DrawAll(example, DType::kF32);
    if (!example.error.empty()) {
      if (xs.empty()) {
        EXPECT_THROW(example.apply(xs), Error);
      } else {
        ExpectThrows(example, xs, 0, xs[0], op, example.error);
        ExpectThrows(example, xs, 0, xs[0], op, Signature(xs[0]));
      }
      continue;
    }
    for (size_t i = 0; i < xs.size(); ++i) {
      ExpectThrows(example, xs, i, Tensor(), op, "undefined");
      ExpectThrows(example, xs, i, xs[i].Ghost(), op, "ghost");
      if (TakesOf(GetParam(), i) != Takes::kAny) {
        ExpectThrows(example, xs, i,
                     IsFloat(xs[i].dtype()) ? Zeros(xs[i].shape(), DType::kI32)
                                            : Zeros(xs[i].shape()),
                     op, "must be");
      }
      if (xs.size() > 1 && IsFloat(xs[0].dtype()) && IsFloat(xs[1].dtype()) &&
          IsFloat(xs[i].dtype())) {
        ExpectThrows(example, xs, i, Cast(xs[i], DType::kF64), op, "differ");
      }
    }
  }
}

// An op that takes any dtype does to whole numbers what it does to the same
// numbers as floats.
TEST_P(OpConformance, IntegersFareAsFloatsDo) {
  ForEachExample([](const CatalogExample& example) {
    std::vector<Tensor> floats = DrawAll(example, DType::kF32);
    std::vector<Tensor> integers = floats;
    bool any = false;
    for (size_t i = 0; i < floats.size(); ++i) {
      if (TakesOf(GetParam(), i) != Takes::kAny) continue;
      any = true;
      integers[i] = Arange(floats[i].size(), DType::kI32);
      integers[i] =
          Tensor(Array::View(integers[i].array(), floats[i].shape(), 0));
      floats[i] = Cast(integers[i], DType::kF32);
    }
    if (!any) return;
    const Tensor y = example.apply(integers);
    EXPECT_EQ(y.dtype(), DType::kI32);
    EXPECT_EQ(Bytes(Cast(y, DType::kF32)), Bytes(example.apply(floats)));
  });
}

// A shape near that of an example either works or throws ShapeError; with it
// AddressSanitizer sees that no kernel trusts a shape that Infer let through.
TEST_P(OpConformance, ShapesNearbyWorkOrThrow) {
  ForEachExample([](const CatalogExample& example) {
    if (example.timed) return;
    for (size_t i = 0; i < example.inputs.size(); ++i) {
      const Shape& shape = example.inputs[i].shape;
      std::vector<Shape> nearby;
      for (int axis = 0; axis < shape.rank(); ++axis) {
        nearby.push_back(shape.With(axis, shape[axis] + 1));
        nearby.push_back(shape.With(axis, 0));
        nearby.push_back(shape.Without(axis));
      }
      std::vector<int64_t> longer(shape.dims().begin(), shape.dims().end());
      longer.push_back(2);
      nearby.push_back(Shape(longer));
      for (const Shape& other : nearby) {
        CatalogExample changed = example;
        changed.inputs[i].shape = other;
        try {
          ForwardAndBackward(changed, DrawAll(changed, DType::kF32));
        } catch (const ShapeError&) {
        } catch (const ValueError&) {
        }
      }
    }
  });
}

// A rule that is scaled, negated or zeroed must be caught by the gradient check
// in every input that has a gradient.
TEST_P(OpConformance, MutatedRulesAreCaught) {
  if (!GetParam().differentiable) return;
  std::map<size_t, bool> has_gradient;
  std::map<std::pair<size_t, double>, bool> caught;
  ForEachExample([&](const CatalogExample& example) {
    if (example.timed) return;
    const std::vector<Tensor> xs = DrawAll(example, DType::kF64);
    for (size_t i = 0; i < xs.size(); ++i) {
      if (!IsFloat(xs[i].dtype())) continue;
      for (double factor : {1.001, -1.0, 0.0}) {
        const Function mutant = [&](absl::Span<const Tensor> x) {
          return CustomVjp(
              example.apply,
              [&, i, factor](const Tensor& dy, const Tensor& y,
                             absl::Span<const Tensor> inputs) {
                std::vector<Tensor> dx(inputs.size());
                const absl::InlinedVector<bool, 4> needs(dx.size(), true);
                example.vjp(dy, y, inputs, needs, absl::MakeSpan(dx));
                if (dx[i].defined()) {
                  has_gradient[i] = true;
                  dx[i] = dx[i] * factor;
                }
                return dx;
              },
              x);
        };
        if (!CheckGrad(mutant, xs, {.order = 1}).ok()) {
          caught[{i, factor}] = true;
        }
      }
    }
  });
  EXPECT_FALSE(has_gradient.empty()) << GetParam().name << " has no gradient";
  for (const auto& [i, unused] : has_gradient) {
    for (double factor : {1.001, -1.0, 0.0}) {
      EXPECT_TRUE((caught[{i, factor}]))
          << GetParam().name << ": gradient of input " << i << " times "
          << factor << " passes the check";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Catalog, OpConformance, ::testing::ValuesIn(Catalog()),
    [](const ::testing::TestParamInfo<CatalogEntry>& info) {
      return std::string(info.param.name);
    });

}  // namespace
}  // namespace testing
}  // namespace adjoint
