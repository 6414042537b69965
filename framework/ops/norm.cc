// Layer and batch normalisation differ in what a group is and which way the
// weight runs, no more. Each has three ops, which are closed under
// differentiation:
//
//   N(x, w, b) = z(x) w + b     z: of mean 0 and variance 1 in each group
//   G(dy, x, w) = J(x) (w dy)   J = dz/dx, a symmetric matrix
//   H(dy, x) = sum of dy z(x) over all that one weight scales
//
// The statistics are computed anew in each: that is one more pass over memory
// that is in the cache, and there is nothing to save but x.
#include "framework/ops/norm.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/core/op.h"
#include "framework/kernels/norm.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/elementwise.h"
#include "framework/ops/math.h"
#include "framework/ops/norm_groups.h"
#include "framework/ops/reduce.h"
#include "framework/ops/shape.h"

namespace adjoint {
namespace {

void CheckEpsilon(double epsilon) {
  if (!(epsilon >= 0)) {
    throw ValueError(absl::StrCat("epsilon must be >= 0: ", epsilon));
  }
}

// An example of `make(x, w)` for each pair of shapes, and some of other
// epsilon.
template <class Groups, class OpT, class Make>
std::vector<Example<OpT>> ExamplesOf(Make make) {
  std::vector<Example<OpT>> all;
  for (const auto& [x, w] : Groups::Shapes()) all.push_back(make(x, w));
  for (const auto& [x, w] : Groups::TimedShapes()) {
    all.push_back(make(x, w));
    all.back().timed = true;
  }
  const auto [x, w] = Groups::Shapes()[1];
  all.push_back(make(x, w));
  all.back().op.epsilon = 0.5;
  all.push_back(make(x, w));
  all.back().op.epsilon = -1;
  all.back().error = "epsilon must be >= 0: -1";
  return all;
}

// w in the shape in which it broadcasts to x.
template <class Groups>
Tensor AlongGroups(const Tensor& w, const Tensor& x) {
  return Reshape(w, Groups::Along(x.shape(), w.shape()));
}

// `terms` [x...] summed to the shape of w.
template <class Groups>
Tensor SumToWeight(const Tensor& terms, const Shape& w) {
  return Reshape(SumTo(terms, Groups::Along(terms.shape(), w)), w);
}

template <class Groups>
Tensor Normalize(const Tensor& x, const Tensor& w, const Tensor& b,
                 double epsilon);
template <class Groups>
Tensor NormalizeGradient(const Tensor& dy, const Tensor& x, const Tensor& w,
                         double epsilon);
template <class Groups>
Tensor NormalizeWeightGradient(const Tensor& dy, const Tensor& x,
                               const Shape& w, double epsilon);

// y = z w + b, z = (x - mean) / sqrt(variance + epsilon)
template <class Groups>
struct NormOp {
  double epsilon = 1e-5;
  static constexpr auto kName = Groups::kNorm,
                        kDoc = "y = (x - mean) / sqrt(variance + eps) w + b";
  static constexpr Save kSave = Save::kInput0 | Save::kInput1;
  Shape Infer(const Shape& x, const Shape& w, const Shape& b) const {
    CheckEpsilon(epsilon);
    Groups::Check(x, w);
    if (b != w) throw ShapeError("weight and bias differ");
    return x;
  }
  template <class T>
  void Forward(const Tensor& x, const Tensor& w, const Tensor& b,
               absl::Span<T> y) const {
    kernels::Norm(x.data<T>().data(), w.data<T>().data(), b.data<T>().data(),
                  Groups::Layout(x.shape(), w.shape()), epsilon, y.data());
  }
  std::array<Tensor, 3> Vjp(const Tensor& dy, const Tensor&, const Tensor& x,
                            const Tensor& w, const Tensor&,
                            std::array<bool, 3> needs) const {
    Tensor dx, dw, db;
    if (needs[0]) dx = NormalizeGradient<Groups>(dy, x, w, epsilon);
    if (needs[1]) {
      dw = NormalizeWeightGradient<Groups>(dy, x, w.shape(), epsilon);
    }
    if (needs[2]) db = SumToWeight<Groups>(dy, w.shape());
    return {dx, dw, db};
  }
  double Flops(const Shape& x, const Shape&, const Shape&) const {
    return 8.0 * static_cast<double>(x.size());
  }
  static std::vector<Example<NormOp>> Examples() {
    auto all = ExamplesOf<Groups, NormOp>([](const Shape& x, const Shape& w) {
      return Example<NormOp>{.inputs = {Real(x), Real(w), Real(w)}};
    });
    const auto [x, w] = Groups::Shapes()[0];
    all.push_back({.inputs = {Real(x), Real(w), Real({})},
                   .error = "weight and bias differ"});
    const auto [wrong_x, wrong_w] = Groups::WrongShapes();
    all.push_back({.inputs = {Real(wrong_x), Real(wrong_w), Real(wrong_w)},
                   .error = Groups::kError});
    return all;
  }
};

// dx = J(x) (w dy), J = dz/dx: rstd (u - mean(u) - z mean(u z)) for u = w dy
template <class Groups>
struct NormGradientOp {
  double epsilon = 1e-5;
  static constexpr auto kName = Groups::kGradient,
                        kDoc = "dx = (dz/dx) (w dy), z = (x - mean) rstd";
  static constexpr Save kSave = Save::kOutput | Save::kInputs;
  Shape Infer(const Shape& dy, const Shape& x, const Shape& w) const {
    CheckEpsilon(epsilon);
    Groups::Check(x, w);
    if (dy != x) throw ShapeError("dy and x differ");
    return x;
  }
  template <class T>
  void Forward(const Tensor& dy, const Tensor& x, const Tensor& w,
               absl::Span<T> dx) const {
    kernels::NormGradient(
        dy.data<T>().data(), x.data<T>().data(), w.data<T>().data(),
        Groups::Layout(x.shape(), w.shape()), epsilon, dx.data());
  }
  // J is symmetric, so <v, J (w dy)> = <J v, w dy>: that is the rule for dy and
  // for w. As to x, with u = w dy and m the mean over a group of n elements,
  //
  //   <v, J u> = n rstd S,  S = m(u v) - m(u) m(v) - m(u z) m(v z)
  //
  // and d rstd/dx = -rstd^2 z / n, d m(u z)/dx = J u / n.
  std::array<Tensor, 3> Vjp(const Tensor& v, const Tensor& ju, const Tensor& dy,
                            const Tensor& x, const Tensor& w,
                            std::array<bool, 3> needs) const {
    const Tensor ones = Ones(w.shape(), w.dtype());
    const Tensor jv = NormalizeGradient<Groups>(v, x, ones, epsilon);
    Tensor d_dy, dx, dw;
    if (needs[0]) d_dy = jv * AlongGroups<Groups>(w, x);
    if (needs[2]) dw = SumToWeight<Groups>(jv * dy, w.shape());
    if (needs[1]) {
      const auto axes = Groups::AxesOfGroup(x.shape(), w.shape());
      const auto mean = [&](const Tensor& t) {
        const Tensor sum = Sum(t, axes, {.keepdims = true});
        return sum.size() == 0 ? sum
                               : sum * (static_cast<double>(sum.size()) /
                                        std::max<int64_t>(1, t.size()));
      };
      const Tensor u = dy * AlongGroups<Groups>(w, x);
      const Tensor z =
          Normalize<Groups>(x, ones, Zeros(w.shape(), w.dtype()), epsilon);
      const Tensor rstd = Pow(mean(Square(x - mean(x))) + epsilon, -0.5);
      const Tensor uz = mean(u * z), vz = mean(v * z);
      const Tensor s = mean(u * v) - mean(u) * mean(v) - uz * vz;
      dx = -(rstd * (rstd * s * z + uz * jv + vz * ju));
    }
    return {d_dy, dx, dw};
  }
  double Flops(const Shape&, const Shape& x, const Shape&) const {
    return 14.0 * static_cast<double>(x.size());
  }
  static std::vector<Example<NormGradientOp>> Examples() {
    auto all =
        ExamplesOf<Groups, NormGradientOp>([](const Shape& x, const Shape& w) {
          return Example<NormGradientOp>{.inputs = {Real(x), Real(x), Real(w)}};
        });
    const auto [x, w] = Groups::Shapes()[0];
    all.push_back(
        {.inputs = {Real({}), Real(x), Real(w)}, .error = "dy and x differ"});
    return all;
  }
};

// dw = sum of dy z over all elements that one weight scales
template <class Groups>
struct NormWeightGradientOp {
  Shape weight;  // The shape of w.
  double epsilon = 1e-5;
  static constexpr auto kName = Groups::kWeightGradient,
                        kDoc = "dw = sum of dy z, z = (x - mean) rstd";
  static constexpr Save kSave = Save::kInputs;
  Shape Infer(const Shape& dy, const Shape& x) const {
    CheckEpsilon(epsilon);
    Groups::Check(x, weight);
    if (dy != x) throw ShapeError("dy and x differ");
    return weight;
  }
  template <class T>
  void Forward(const Tensor& dy, const Tensor& x, absl::Span<T> dw) const {
    kernels::NormWeightGradient(dy.data<T>().data(), x.data<T>().data(),
                                Groups::Layout(x.shape(), weight), epsilon,
                                dw.data());
  }
  // <v, H(dy, x)> = <dy, N(x, v, 0)>
  std::array<Tensor, 2> Vjp(const Tensor& v, const Tensor&, const Tensor& dy,
                            const Tensor& x, std::array<bool, 2> needs) const {
    Tensor d_dy, dx;
    if (needs[0]) {
      d_dy = Normalize<Groups>(x, v, Zeros(v.shape(), v.dtype()), epsilon);
    }
    if (needs[1]) dx = NormalizeGradient<Groups>(dy, x, v, epsilon);
    return {d_dy, dx};
  }
  double Flops(const Shape&, const Shape& x) const {
    return 9.0 * static_cast<double>(x.size());
  }
  static std::vector<Example<NormWeightGradientOp>> Examples() {
    auto all = ExamplesOf<Groups, NormWeightGradientOp>(
        [](const Shape& x, const Shape& w) {
          return Example<NormWeightGradientOp>{.op = {w},
                                               .inputs = {Real(x), Real(x)}};
        });
    const auto [x, w] = Groups::Shapes()[0];
    all.push_back(
        {.op = {w}, .inputs = {Real({}), Real(x)}, .error = "dy and x differ"});
    return all;
  }
};

template <class Groups>
Tensor Normalize(const Tensor& x, const Tensor& w, const Tensor& b,
                 double epsilon) {
  return Apply(NormOp<Groups>{epsilon}, x, w, b);
}
template <class Groups>
Tensor NormalizeGradient(const Tensor& dy, const Tensor& x, const Tensor& w,
                         double epsilon) {
  return Apply(NormGradientOp<Groups>{epsilon}, dy, x, w);
}
template <class Groups>
Tensor NormalizeWeightGradient(const Tensor& dy, const Tensor& x,
                               const Shape& w, double epsilon) {
  return Apply(NormWeightGradientOp<Groups>{w, epsilon}, dy, x);
}

}  // namespace

Tensor LayerNorm(const Tensor& x, const Tensor& weight, const Tensor& bias,
                 double epsilon) {
  return Normalize<OfLayers>(x, weight, bias, epsilon);
}

Tensor BatchNorm(const Tensor& x, const Tensor& weight, const Tensor& bias,
                 double epsilon) {
  return Normalize<OfBatches>(x, weight, bias, epsilon);
}

}  // namespace adjoint
