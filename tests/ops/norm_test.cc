#include "framework/ops/norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "framework/autograd/grad.h"
#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/base/rng.h"
#include "framework/core/catalog.h"
#include "framework/core/random.h"
#include "framework/core/tensor.h"

namespace adjoint {
namespace {

using Group = std::vector<int64_t>;  // Flat indices of the elements.

// The groups of an array [outer, groups, inner].
std::vector<Group> GroupsOf(int64_t outer, int64_t groups, int64_t inner) {
  std::vector<Group> all(groups);
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t g = 0; g < groups; ++g) {
      for (int64_t i = 0; i < inner; ++i) {
        all[g].push_back((o * groups + g) * inner + i);
      }
    }
  }
  return all;
}

struct Moments {
  double mean = 0, variance = 0;
};

template <class T>
Moments MomentsOf(absl::Span<const T> x, const Group& group) {
  long double sum = 0, squares = 0;
  for (int64_t i : group) sum += x[i];
  const long double mean = sum / group.size();
  for (int64_t i : group) squares += (x[i] - mean) * (x[i] - mean);
  return {static_cast<double>(mean),
          static_cast<double>(squares / group.size())};
}

// Element i of (x - mean) / sqrt(variance + epsilon) * w + b, whose weight is
// that of its group or, by place, of its place in the group.
template <class T>
std::vector<double> PlainNorm(const std::vector<Group>& groups, bool by_place,
                              const Tensor& x, const Tensor& w, const Tensor& b,
                              double epsilon) {
  std::vector<double> y(x.size());
  for (size_t g = 0; g < groups.size(); ++g) {
    const Moments m = MomentsOf(x.data<T>(), groups[g]);
    for (size_t p = 0; p < groups[g].size(); ++p) {
      const int64_t i = groups[g][p], j = by_place ? p : g;
      y[i] = (x.data<T>()[i] - m.mean) / std::sqrt(m.variance + epsilon) *
                 w.data<T>()[j] +
             b.data<T>()[j];
    }
  }
  return y;
}

template <class T>
void ExpectNear(const Tensor& actual, const std::vector<double>& expected,
                double tolerance) {
  ASSERT_EQ(actual.size(), static_cast<int64_t>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(actual.data<T>()[i], expected[i], tolerance) << "at " << i;
  }
}

template <class ErrorT>
std::string TextOf(const std::function<void()>& f) {
  try {
    f();
  } catch (const ErrorT& e) {
    return e.what();
  }
  return "nothing of the kind was thrown";
}

TEST(LayerNorm, IsThePlainFormulaOverTheAxesOfTheWeight) {
  struct Case {
    Shape x, w;
  };
  for (const auto& [x_shape, w_shape] :
       {Case{{7, 5}, {5}}, Case{{2, 3, 33}, {33}}, Case{{2, 3, 4}, {3, 4}},
        Case{{16}, {16}}, Case{{3, 5000}, {5000}}, Case{{300, 65}, {65}}}) {
    SCOPED_TRACE(x_shape.ToString());
    Rng rng(1);
    const Tensor x = RandomNormal(x_shape, 3, 2, rng, DType::kF64);
    const Tensor w = RandomNormal(w_shape, 0, 1, rng, DType::kF64);
    const Tensor b = RandomNormal(w_shape, 0, 1, rng, DType::kF64);
    const auto groups = GroupsOf(1, x.size() / w.size(), w.size());
    ExpectNear<double>(LayerNorm(x, w, b, 0.1),
                       PlainNorm<double>(groups, true, x, w, b, 0.1), 1e-13);
  }
}

TEST(BatchNorm, IsThePlainFormulaOverChannels) {
  for (const Shape& shape :
       {Shape({6, 3}), Shape({5, 2, 7}), Shape({3, 4, 5, 6}),
        Shape({2, 3, 2500}), Shape({1, 2, 3, 4, 5}), Shape({40, 130})}) {
    SCOPED_TRACE(shape.ToString());
    Rng rng(2);
    const Tensor x = RandomNormal(shape, 3, 2, rng, DType::kF64);
    const Tensor w = RandomNormal({shape[1]}, 0, 1, rng, DType::kF64);
    const Tensor b = RandomNormal({shape[1]}, 0, 1, rng, DType::kF64);
    const auto groups =
        GroupsOf(shape[0], shape[1], shape.size() / shape[0] / shape[1]);
    ExpectNear<double>(BatchNorm(x, w, b, 0.1),
                       PlainNorm<double>(groups, false, x, w, b, 0.1), 1e-13);
  }
}

// In f32 a mean of 10,000 leaves z = (x - mean) / deviation three decimals at
// first sight; but x - mean is exact if the mean is.
TEST(Norm, AMeanOfTenThousandDeviationsCostsNoDigits) {
  Rng rng(3);
  const Tensor w = Ones({512}), b = Zeros({512});
  const Tensor x = RandomNormal({64, 512}, 1e4, 1, rng);
  ExpectNear<float>(LayerNorm(x, w, b),
                    PlainNorm<float>(GroupsOf(1, 64, 512), true, x, w, b, 1e-5),
                    2e-6);
  ExpectNear<float>(
      BatchNorm(x, w, b),
      PlainNorm<float>(GroupsOf(64, 512, 1), false, x, w, b, 1e-5), 2e-6);
}

TEST(Norm, GradientsAtALargeMeanAreThoseAtNone) {
  Rng rng(4);
  // Multiples of 1/8, so that adding 10,000 is exact.
  Tensor x = RandomNormal({8, 4, 40}, 0, 1, rng);
  std::vector<float> near, far;
  for (float v : x.data<float>()) {
    near.push_back(std::round(v * 8) / 8);
    far.push_back(near.back() + 1e4f);
  }
  const Tensor dy = RandomNormal(x.shape(), 5, 1, rng);
  const auto gradients = [&](const std::vector<float>& values, bool batch) {
    const Tensor leaf = Leaf(FromSpan<float>(x.shape(), values));
    const int64_t n = batch ? 4 : 40;
    const Tensor w = Leaf(Ones({n})), b = Leaf(Zeros({n}));
    return Grad(batch ? BatchNorm(leaf, w, b) : LayerNorm(leaf, w, b),
                {leaf, w}, {.seed = dy});
  };
  for (bool batch : {false, true}) {
    const std::vector<Tensor> a = gradients(near, batch);
    const std::vector<Tensor> c = gradients(far, batch);
    for (int i : {0, 1}) {
      const double tolerance = i == 0 ? 1e-5 : 2e-3;
      ExpectNear<float>(c[i],
                        {a[i].data<float>().begin(), a[i].data<float>().end()},
                        tolerance);
    }
  }
}

TEST(Norm, AConstantGroupBecomesTheBias) {
  const Tensor y = LayerNorm(Full({2, 20}, 0.1), Ones({20}), Full({20}, 7));
  for (float v : y.data<float>()) EXPECT_EQ(v, 7);
}

// y does not change if a constant is added to a group, nor, but for epsilon, if
// it is scaled: the gradient is orthogonal to both.
TEST(Norm, GradientsAreOrthogonalToWhatChangesNothing) {
  Rng rng(5);
  const Tensor x = Leaf(RandomNormal({6, 50}, 2, 3, rng, DType::kF64));
  const Tensor w = RandomNormal({50}, 0, 1, rng, DType::kF64);
  const Tensor dx =
      Grad(LayerNorm(x, w, w, 0), {x},
           {.seed = RandomNormal({6, 50}, 1, 1, rng, DType::kF64)})[0];
  for (int r = 0; r < 6; ++r) {
    double sum = 0, product = 0, length = 0;
    for (int i = 50 * r; i < 50 * r + 50; ++i) {
      const double g = dx.data<double>()[i];
      sum += g;
      product += g * x.data<double>()[i];
      length += g * g;
    }
    EXPECT_GT(length, 0.1);
    EXPECT_NEAR(sum, 0, 1e-14);
    EXPECT_NEAR(product, 0, 1e-13);
  }
}

TEST(Norm, NanStaysInItsGroup) {
  std::vector<float> values(3 * 20, 1.f);
  values[25] = std::nanf("");
  values[7] = 4;
  values[44] = 4;
  const Tensor y =
      LayerNorm(FromSpan<float>({3, 20}, values), Ones({20}), Zeros({20}));
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(std::isnan(y.data<float>()[i]), i / 20 == 1) << i;
  }
}

TEST(BatchNorm, WithGivenStatisticsIsThePlainFormula) {
  Rng rng(6);
  const auto draw = [&](const Shape& shape) {
    return Draw(Positive(shape), DType::kF64, rng);
  };
  for (const Shape& shape : {Shape({5, 3}), Shape({2, 3, 4, 5})}) {
    const Tensor x = draw(shape), w = draw({3}), b = draw({3});
    const Tensor mean = draw({3}), variance = draw({3});
    std::vector<double> expected;
    for (int64_t i = 0; i < x.size(); ++i) {
      const int64_t c = i / (x.size() / shape[0] / 3) % 3;
      expected.push_back((x.data<double>()[i] - mean.data<double>()[c]) /
                             std::sqrt(variance.data<double>()[c] + 0.1) *
                             w.data<double>()[c] +
                         b.data<double>()[c]);
    }
    ExpectNear<double>(BatchNorm(x, w, b, {mean, variance}, 0.1), expected,
                       1e-14);
  }
}

TEST(MomentsOfChannels, AreMeanAndBiasedVariance) {
  Rng rng(7);
  for (const Shape& shape : {Shape({9, 3}), Shape({4, 3, 5, 5})}) {
    const Tensor x = RandomNormal(shape, 1e4, 1, rng);
    const ChannelStatistics got = MomentsOfChannels(x);
    ASSERT_EQ(got.mean.shape(), Shape({3}));
    ASSERT_EQ(got.variance.shape(), Shape({3}));
    const auto groups = GroupsOf(shape[0], 3, x.size() / shape[0] / 3);
    for (int c = 0; c < 3; ++c) {
      const Moments m = MomentsOf(x.data<float>(), groups[c]);
      EXPECT_NEAR(got.mean.data<float>()[c], m.mean, 1e-3);
      EXPECT_NEAR(got.variance.data<float>()[c], m.variance, 1e-6 * m.variance);
    }
  }
}

TEST(Norm, RefusesWhatDoesNotFit) {
  const Tensor x = Zeros({2, 3, 4}), w3 = Zeros({3}), w4 = Zeros({4});
  EXPECT_EQ(TextOf<ShapeError>([&] { LayerNorm(x, w3, w3); }),
            "layer_norm: x does not end with the axes [3] of the weight: "
            "f32 [2,3,4], f32 [3], f32 [3]");
  EXPECT_EQ(TextOf<ShapeError>([&] { BatchNorm(x, w4, w4); }),
            "batch_norm: x has 3 channels, the weight is [4]: "
            "f32 [2,3,4], f32 [4], f32 [4]");
  EXPECT_EQ(TextOf<ShapeError>([&] { BatchNorm(w3, w3, w3); }),
            "batch_norm: x [n,c,...] wanted: f32 [3], f32 [3], f32 [3]");
  EXPECT_EQ(TextOf<ShapeError>([&] { BatchNorm(x, w3, w4); }),
            "batch_norm: weight and bias differ: "
            "f32 [2,3,4], f32 [3], f32 [4]");
  EXPECT_THROW(BatchNorm(x, w3, w3, {w3, w4}), ShapeError);
  EXPECT_THROW(BatchNorm(x, w3, w3, {w3, Zeros({1})}), ShapeError);
  EXPECT_THROW(BatchNorm(x, w3, w3, {Zeros({1}), w3}), ShapeError);
  EXPECT_THROW(BatchNorm(x, w3, w4, {w3, w3}), ShapeError);
  EXPECT_THROW(BatchNorm(x, w4, w4, {w4, w4}), ShapeError);
  EXPECT_THROW(BatchNorm(x, w3, w3, {w3, w3}, -1), ValueError);
  EXPECT_THROW(LayerNorm(x, w4, w4, std::nan("")), ValueError);
  EXPECT_THROW(LayerNorm(x, Zeros({}), Zeros({})), ShapeError);
  EXPECT_THROW(MomentsOfChannels(Zeros({0, 3})), ShapeError);
}

}  // namespace
}  // namespace adjoint
