#include "framework/nn/init.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/core/random.h"

namespace adjoint::nn::init {
namespace {

struct Fans {
  double in;
  double out;
};

Fans FansOf(const Shape& weight) {
  if (weight.rank() < 2) {
    throw ShapeError(absl::StrCat("init: a weight [out,in,...] wanted, not ",
                                  weight.ToString()));
  }
  return {static_cast<double>(weight.Without(0).size()),
          static_cast<double>(weight.Without(1).size())};
}

// Both of the given variance.
Tensor UniformOf(double variance, const Shape& shape, DType dtype, Rng& rng) {
  const double bound = std::sqrt(3 * variance);
  return RandomUniform(shape, -bound, bound, rng, dtype);
}
Tensor NormalOf(double variance, const Shape& shape, DType dtype, Rng& rng) {
  return RandomNormal(shape, 0, std::sqrt(variance), rng, dtype);
}

double XavierVariance(double gain, const Shape& shape) {
  const Fans fans = FansOf(shape);
  return 2 * gain * gain / (fans.in + fans.out);
}

double KaimingVariance(const KaimingOptions& options, const Shape& shape) {
  const Fans fans = FansOf(shape);
  const double slope = options.negative_slope;
  return 2 / ((1 + slope * slope) * (options.fan_out ? fans.out : fans.in));
}

}  // namespace

Initializer Constant(double value) {
  return [=](const Shape& shape, DType dtype, Rng&) {
    return Full(shape, value, dtype);
  };
}

Initializer Uniform(double low, double high) {
  return [=](const Shape& shape, DType dtype, Rng& rng) {
    return RandomUniform(shape, low, high, rng, dtype);
  };
}

Initializer Normal(double mean, double stddev) {
  return [=](const Shape& shape, DType dtype, Rng& rng) {
    return RandomNormal(shape, mean, stddev, rng, dtype);
  };
}

Initializer XavierUniform(double gain) {
  return [=](const Shape& shape, DType dtype, Rng& rng) {
    return UniformOf(XavierVariance(gain, shape), shape, dtype, rng);
  };
}

Initializer XavierNormal(double gain) {
  return [=](const Shape& shape, DType dtype, Rng& rng) {
    return NormalOf(XavierVariance(gain, shape), shape, dtype, rng);
  };
}

Initializer KaimingUniform(KaimingOptions options) {
  return [=](const Shape& shape, DType dtype, Rng& rng) {
    return UniformOf(KaimingVariance(options, shape), shape, dtype, rng);
  };
}

Initializer KaimingNormal(KaimingOptions options) {
  return [=](const Shape& shape, DType dtype, Rng& rng) {
    return NormalOf(KaimingVariance(options, shape), shape, dtype, rng);
  };
}

}  // namespace adjoint::nn::init
