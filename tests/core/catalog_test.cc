#include "framework/core/catalog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include "framework/base/rng.h"
#include "framework/core/op.h"

namespace adjoint {
namespace {

// Ops that are applied nowhere but in functions that nobody calls.

struct NegateOp {
  static constexpr auto kName = "test_negate", kDoc = "y = -x";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape& x) const { return x; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    for (size_t i = 0; i < y.size(); ++i) y[i] = -x.data<T>()[i];
  }
  Tensor Vjp(const Tensor& dy, const Tensor&, const Tensor&) const {
    return Apply(NegateOp{}, dy);
  }
  static std::vector<Example<NegateOp>> Examples() {
    return {{.inputs = {Real({2, 3})}, .timed = true, .rtol = 1e-3},
            {.inputs = {Index({2}, 5)}, .error = "must be f32 or f64"}};
  }
};

struct CountOp {
  static constexpr auto kName = "test_count", kDoc = "y = number of inputs";
  static constexpr Save kSave = Save::kInput1 | Save::kOutput;
  Shape Infer(absl::Span<const Shape>) const { return {}; }
  template <class T>
  void Forward(absl::Span<const Tensor> xs, absl::Span<T> y) const {
    y[0] = static_cast<T>(xs.size());
  }
  static std::vector<Example<CountOp>> Examples() {
    return {{.inputs = {Real({}), Real({4}), Real({0})}}};
  }
};

[[maybe_unused]] Tensor Negate(const Tensor& x) { return Apply(NegateOp{}, x); }
[[maybe_unused]] Tensor Count(absl::Span<const Tensor> xs) {
  return Apply(CountOp{}, xs);
}

const CatalogEntry* Find(absl::string_view name) {
  for (const CatalogEntry& entry : Catalog()) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

TEST(Catalog, HasOpsThatAreAppliedSomewhereInTheProgram) {
  const CatalogEntry* negate = Find("test_negate");
  ASSERT_NE(negate, nullptr);
  EXPECT_EQ(negate->doc, "y = -x");
  EXPECT_TRUE(negate->differentiable);
  EXPECT_EQ(negate->save, Save::kNothing);
  EXPECT_EQ(negate->arity, 1);
  const CatalogEntry* count = Find("test_count");
  ASSERT_NE(count, nullptr);
  EXPECT_FALSE(count->differentiable);
  EXPECT_EQ(count->save, Save::kInput1 | Save::kOutput);
  EXPECT_EQ(count->arity, -1);
}

TEST(Catalog, IsSortedByName) {
  EXPECT_GE(Catalog().size(), 2);
  EXPECT_TRUE(std::is_sorted(Catalog().begin(), Catalog().end(),
                             [](const CatalogEntry& a, const CatalogEntry& b) {
                               return a.name < b.name;
                             }));
}

TEST(Catalog, ExamplesApplyTheOpToWhatTheyDraw) {
  Rng rng(1);
  const auto draw = [&rng](const CatalogExample& example) {
    std::vector<Tensor> inputs;
    for (const Operand& operand : example.inputs) {
      inputs.push_back(Draw(operand, DType::kF64, rng));
    }
    return inputs;
  };
  const std::vector<CatalogExample> negate = Find("test_negate")->examples();
  ASSERT_EQ(negate.size(), 2);
  EXPECT_TRUE(negate[0].timed);
  EXPECT_EQ(negate[0].rtol, 1e-3);
  EXPECT_EQ(negate[0].atol, 1e-7);
  EXPECT_EQ(negate[0].error, "");
  const std::vector<Tensor> x = draw(negate[0]);
  const Tensor y = negate[0].apply(x);
  ASSERT_EQ(y.shape(), Shape({2, 3}));
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(y.data<double>()[i], -x[0].data<double>()[i]);
  }
  EXPECT_EQ(negate[1].error, "must be f32 or f64");
  EXPECT_THROW(negate[1].apply(draw(negate[1])), DTypeError);
  const CatalogExample count = Find("test_count")->examples()[0];
  EXPECT_EQ(count.apply(draw(count)).item(), 3);
}

TEST(CatalogDeathTest, TwoOpsOfOneNameEndTheProcess) {
  EXPECT_DEATH(AddToCatalog(*Find("test_negate")),
               "two ops are named \"test_negate\"");
}

TEST(Save, IncludesTheInputsItNames) {
  for (size_t i = 0; i < 20; ++i) {
    EXPECT_FALSE(IncludesInput(Save::kNothing, i));
    EXPECT_FALSE(IncludesInput(Save::kOutput, i));
    EXPECT_TRUE(IncludesInput(Save::kInputs, i));
    EXPECT_EQ(IncludesInput(Save::kInput0, i), i == 0);
    EXPECT_EQ(IncludesInput(Save::kInput1, i), i == 1);
    EXPECT_EQ(IncludesInput(Save::kInput2, i), i == 2);
    EXPECT_EQ(IncludesInput(Save::kInput3, i), i == 3);
    EXPECT_EQ(IncludesInput(Save::kOutput | Save::kInput0 | Save::kInput3, i),
              i == 0 || i == 3);
  }
  EXPECT_TRUE(Includes(Save::kOutput | Save::kInput0, Save::kOutput));
  EXPECT_FALSE(Includes(Save::kInputs, Save::kOutput));
}

constexpr int64_t kMany = 10007;

std::vector<double> Values(const Tensor& x) {
  return {x.data<double>().begin(), x.data<double>().end()};
}

std::vector<double> DrawMany(const Operand& operand) {
  Rng rng(7);
  return Values(Draw(operand, DType::kF64, rng));
}

double Mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / values.size();
}

// Checks that the values lie in [low, high), near both ends and, on average,
// near the middle: the mean of kMany has a deviation of 0.003 (high - low).
void ExpectUniform(const std::vector<double>& values, double low, double high) {
  ASSERT_GT(values.size(), 1000);
  const auto [min, max] = std::minmax_element(values.begin(), values.end());
  EXPECT_GE(*min, low);
  EXPECT_LT(*max, high);
  EXPECT_LT(*min, low + 0.01 * (high - low));
  EXPECT_GT(*max, high - 0.01 * (high - low));
  EXPECT_NEAR(Mean(values), (low + high) / 2, 0.02 * (high - low));
}

TEST(Draw, GivesTheShapeAndDTypeAskedFor) {
  Rng rng(1);
  for (const DType dtype : {DType::kF32, DType::kF64}) {
    for (const Shape& shape : {Shape(), Shape({2, 3}), Shape({0, 4})}) {
      for (const Operand& operand :
           {Real(shape), Positive(shape), AwayFromZero(shape), Distinct(shape),
            Index(shape, 3)}) {
        const Tensor x = Draw(operand, dtype, rng);
        EXPECT_EQ(x.shape(), shape);
        const bool index = operand.kind == Operand::Kind::kIndex;
        EXPECT_EQ(x.dtype(), index ? DType::kI32 : dtype);
      }
    }
  }
}

TEST(Draw, RealsAreUniformOverTheirRange) {
  ExpectUniform(DrawMany(Real({kMany})), -2, 2);
  ExpectUniform(DrawMany(Real({kMany}, 10, 11)), 10, 11);
}

TEST(Draw, PositivesAreInsideTheDomainOfLogAndReciprocal) {
  ExpectUniform(DrawMany(Positive({kMany})), 0.5, 2);
}

TEST(Draw, AwayFromZeroIsUniformOnBothSidesAndClearOfZero) {
  std::vector<double> positive;
  std::vector<double> negative;
  for (const double v : DrawMany(AwayFromZero({kMany}))) {
    (v < 0 ? negative : positive).push_back(std::abs(v));
  }
  ExpectUniform(positive, 0.25, 2);
  ExpectUniform(negative, 0.25, 2 + 1e-12);
  EXPECT_NEAR(static_cast<double>(positive.size()) / kMany, 0.5, 0.02);
}

TEST(Draw, DistinctValuesAreEquallySpacedInRandomOrder) {
  for (const int64_t n : {int64_t{1}, int64_t{20}, kMany}) {
    std::vector<double> values = DrawMany(Distinct({n}));
    EXPECT_EQ(std::is_sorted(values.begin(), values.end()), n == 1);
    std::sort(values.begin(), values.end());
    EXPECT_GE(values.front(), -2);
    EXPECT_LE(values.back(), 2);
    for (int64_t i = 1; i < n; ++i) {
      EXPECT_NEAR(values[i] - values[i - 1], 4.0 / n, 1e-12);
    }
  }
}

TEST(Draw, DistinctValuesStayDistinctAsFloats) {
  Rng rng(3);
  const Tensor x = Draw(Distinct({100, 1000}), DType::kF32, rng);
  const std::set<float> values(x.data<float>().begin(), x.data<float>().end());
  EXPECT_EQ(values.size(), 100000);
}

TEST(Draw, IndicesAreUniformBelowTheirBound) {
  Rng rng(5);
  const Tensor x = Draw(Index({kMany}, 10), DType::kF64, rng);
  std::vector<int> counts(10);
  for (const int32_t i : x.data<int32_t>()) {
    ASSERT_GE(i, 0);
    ASSERT_LT(i, 10);
    ++counts[i];
  }
  // The deviation of each count is 30.
  for (const int count : counts) EXPECT_NEAR(count, kMany / 10.0, 150);
}

TEST(Draw, DependsOnTheStateOfTheGeneratorAlone) {
  for (const Operand& operand :
       {Real({50}), AwayFromZero({50}), Distinct({50})}) {
    Rng rng(11);
    Rng same(11);
    const std::vector<double> first = Values(Draw(operand, DType::kF64, rng));
    EXPECT_EQ(first, Values(Draw(operand, DType::kF64, same)));
    EXPECT_NE(first, Values(Draw(operand, DType::kF64, rng)));
  }
}

}  // namespace
}  // namespace adjoint
