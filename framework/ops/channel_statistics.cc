// The functions of norm.h that handle the statistics of channels themselves.
#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "framework/base/error.h"
#include "framework/core/op.h"
#include "framework/kernels/norm.h"
#include "framework/ops/arithmetic.h"
#include "framework/ops/math.h"
#include "framework/ops/norm.h"
#include "framework/ops/norm_groups.h"
#include "framework/ops/reduce.h"
#include "framework/ops/shape.h"

namespace adjoint {
namespace {

// y[0,c] = mean of channel c of x, y[1,c] = its biased variance
struct ChannelMomentsOp {
  static constexpr auto kName = "channel_moments",
                        kDoc = "y = mean and variance of x[:,c]";
  static constexpr Save kSave = Save::kOutput | Save::kInputs;
  Shape Infer(const Shape& x) const {
    if (x.rank() < 2) throw ShapeError("x [n,c,...] wanted");
    if (x.size() == 0 && x[1] > 0) throw ShapeError("channels are empty");
    return {2, x[1]};
  }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    kernels::GroupMoments(x.data<T>().data(), OfBatches::Layout(x.shape(), {}),
                          y.data());
  }
  // d mean/dx = 1/n, d variance/dx = 2 (x - mean) / n
  Tensor Vjp(const Tensor& dy, const Tensor& y, const Tensor& x) const {
    const Shape along = OfBatches::Along(x.shape(), {x.shape()[1]});
    const auto row = [&](const Tensor& t, int i) {
      return Reshape(Slice(t, 0, i, i + 1), along);
    };
    const auto layout = OfBatches::Layout(x.shape(), {});
    const double n = static_cast<double>(layout.outer * layout.inner);
    return (row(dy, 0) + row(dy, 1) * (x - row(y, 0)) * 2) * (1 / n);
  }
  double Flops(const Shape& x) const {
    return 5.0 * static_cast<double>(x.size());
  }
  static std::vector<Example<ChannelMomentsOp>> Examples() {
    return {
        {.inputs = {Real({6, 3})}},
        {.inputs = {Real({2, 3, 2, 3})}},
        {.inputs = {Real({3, 2, 17})}},
        {.inputs = {Real({1, 3})}},
        {.inputs = {Real({2, 0, 3})}},
        {.inputs = {Real({2, 2, 50, 60})}},
        {.inputs = {Real({64, 32, 28, 28})}, .timed = true},
        {.inputs = {Real({3})}, .error = "x [n,c,...] wanted"},
        {.inputs = {Real({0, 3})}, .error = "channels are empty"},
    };
  }
};

// y = (x - mean) scale + shift, [c] each
struct ChannelScaleOp {
  static constexpr auto kName = "channel_scale",
                        kDoc = "y = (x - mean[c]) scale[c] + shift[c]";
  static constexpr Save kSave = Save::kInput0 | Save::kInput1 | Save::kInput2;
  Shape Infer(const Shape& x, const Shape& mean, const Shape& scale,
              const Shape& shift) const {
    OfBatches::Check(x, scale);
    if (mean != scale || shift != scale) {
      throw ShapeError("mean, scale and shift differ");
    }
    return x;
  }
  template <class T>
  void Forward(const Tensor& x, const Tensor& mean, const Tensor& scale,
               const Tensor& shift, absl::Span<T> y) const {
    kernels::ScaleGroups(x.data<T>().data(), mean.data<T>().data(),
                         scale.data<T>().data(), shift.data<T>().data(),
                         OfBatches::Layout(x.shape(), {}), y.data());
  }
  std::array<Tensor, 4> Vjp(const Tensor& dy, const Tensor&, const Tensor& x,
                            const Tensor& mean, const Tensor& scale,
                            const Tensor&, std::array<bool, 4> needs) const {
    const Shape& c = scale.shape();
    const Shape along = OfBatches::Along(x.shape(), c);
    const auto sum = [&](const Tensor& t) {
      return Reshape(SumTo(t, along), c);
    };
    Tensor dx, d_mean, d_scale, d_shift;
    if (needs[0]) dx = dy * Reshape(scale, along);
    if (needs[1]) d_mean = -(sum(dy) * scale);
    if (needs[2]) d_scale = sum(dy * (x - Reshape(mean, along)));
    if (needs[3]) d_shift = sum(dy);
    return {dx, d_mean, d_scale, d_shift};
  }
  double Flops(const Shape& x, const Shape&, const Shape&, const Shape&) const {
    return 3.0 * static_cast<double>(x.size());
  }
  static std::vector<Example<ChannelScaleOp>> Examples() {
    const auto example = [](const Shape& x, int64_t c) {
      return Example<ChannelScaleOp>{
          .inputs = {Real(x), Real({c}), Real({c}), Real({c})}};
    };
    std::vector<Example<ChannelScaleOp>> all = {
        example({6, 3}, 3),     example({2, 3, 2, 3}, 3),
        example({3, 2, 17}, 2), example({0, 3}, 3),
        example({2, 0, 3}, 0),  example({64, 32, 28, 28}, 32)};
    all.back().timed = true;
    all.push_back(example({2, 4}, 3));
    all.back().error = "x has 4 channels, the weight is [3]";
    all.push_back(example({2, 3}, 3));
    all.back().inputs[1] = Real({});
    all.back().error = "mean, scale and shift differ";
    return all;
  }
};

}  // namespace

ChannelStatistics MomentsOfChannels(const Tensor& x) {
  const Tensor both = Apply(ChannelMomentsOp{}, x);
  const auto row = [&](int i) {
    return Reshape(Slice(both, 0, i, i + 1), {both.shape()[1]});
  };
  return {.mean = row(0), .variance = row(1)};
}

Tensor BatchNorm(const Tensor& x, const Tensor& weight, const Tensor& bias,
                 const ChannelStatistics& given, double epsilon) {
  const auto explain = [&](absl::string_view rule) {
    return Explain("batch_norm", rule, {&x, &weight, &given.variance});
  };
  if (given.variance.shape() != weight.shape()) {
    throw ShapeError(explain("weight and variance differ"));
  }
  if (!(epsilon >= 0)) {
    throw ValueError(explain(absl::StrCat("epsilon must be >= 0: ", epsilon)));
  }
  const Tensor scale = weight * Pow(given.variance + epsilon, -0.5);
  return Apply(ChannelScaleOp{}, x, given.mean, scale, bias);
}

}  // namespace adjoint
