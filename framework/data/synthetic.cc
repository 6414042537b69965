#include "framework/data/synthetic.h"

#include <cmath>
#include <numbers>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "framework/base/error.h"

namespace adjoint::data {
namespace {

void Check(absl::string_view name, absl::Span<const int64_t> counts,
           double noise, DType dtype) {
  for (int64_t count : counts) {
    if (count < 1) {
      throw ValueError(absl::StrCat(name, ": counts must be >= 1: ", count));
    }
  }
  if (!(noise >= 0)) {
    throw ValueError(absl::StrCat(name, ": noise must be >= 0: ", noise));
  }
  if (!IsFloat(dtype)) {
    throw DTypeError(absl::StrCat(name, ": dtype must be f32 or f64"));
  }
}

std::vector<double> Normals(int64_t n, double stddev, Rng& rng) {
  std::vector<double> values(n);
  rng.FillNormal(absl::MakeSpan(values), 0, stddev);
  return values;
}

std::vector<double> Uniforms(int64_t n, double low, double high, Rng& rng) {
  std::vector<double> values(n);
  rng.FillUniform(absl::MakeSpan(values), low, high);
  return values;
}

// Rounded to `dtype`, as [n, columns].
Tensor Rounded(const std::vector<double>& values, int64_t columns,
               DType dtype) {
  return VisitFloat(dtype, [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> rounded(values.begin(), values.end());
    const auto n = static_cast<int64_t>(values.size()) / columns;
    return FromSpan<T>({n, columns}, rounded);
  });
}

Tensor Classes(const std::vector<int32_t>& labels) {
  return FromSpan<int32_t>({static_cast<int64_t>(labels.size())}, labels);
}

}  // namespace

TensorDataset Spirals(Rng& rng, const SpiralsOptions& options) {
  const int64_t n = options.points;
  Check("Spirals", {n, options.arms}, options.noise, options.dtype);
  const std::vector<double> noise =
      Normals(options.arms * n, options.noise, rng);
  std::vector<double> x;
  std::vector<int32_t> y;
  for (int64_t k = 0; k < options.arms; ++k) {
    for (int64_t i = 0; i < n; ++i) {
      const double radius = static_cast<double>(i + 1) / static_cast<double>(n);
      const double angle = static_cast<double>(k) * options.turn +
                           radius * options.turn + noise[k * n + i];
      x.push_back(radius * std::sin(angle));
      x.push_back(radius * std::cos(angle));
      y.push_back(static_cast<int32_t>(k));
    }
  }
  return {Rounded(x, 2, options.dtype), Classes(y)};
}

TensorDataset Moons(Rng& rng, const MoonsOptions& options) {
  Check("Moons", {options.size}, options.noise, options.dtype);
  const std::vector<double> t =
      Uniforms(options.size, 0, std::numbers::pi, rng);
  std::vector<double> x = Normals(2 * options.size, options.noise, rng);
  std::vector<int32_t> y;
  for (int64_t i = 0; i < options.size; ++i) {
    const bool second = i % 2 == 1;
    x[2 * i] += second ? 1 - std::cos(t[i]) : std::cos(t[i]);
    x[2 * i + 1] += second ? 0.5 - std::sin(t[i]) : std::sin(t[i]);
    y.push_back(second ? 1 : 0);
  }
  return {Rounded(x, 2, options.dtype), Classes(y)};
}

TensorDataset Blobs(Rng& rng, const BlobsOptions& options) {
  const int64_t d = options.dimensions;
  Check("Blobs", {options.size, options.classes, d}, options.noise,
        options.dtype);
  const std::vector<double> centre =
      Uniforms(options.classes * d, -10, 10, rng);
  std::vector<double> x = Normals(options.size * d, options.noise, rng);
  std::vector<int32_t> y;
  for (int64_t i = 0; i < options.size; ++i) {
    const int64_t label = i % options.classes;
    for (int64_t j = 0; j < d; ++j) x[i * d + j] += centre[label * d + j];
    y.push_back(static_cast<int32_t>(label));
  }
  return {Rounded(x, d, options.dtype), Classes(y)};
}

TensorDataset Sines(Rng& rng, const SinesOptions& options) {
  Check("Sines", {options.size}, options.noise, options.dtype);
  const std::vector<double> x =
      Uniforms(options.size, -std::numbers::pi, std::numbers::pi, rng);
  std::vector<double> y = Normals(options.size, options.noise, rng);
  for (int64_t i = 0; i < options.size; ++i) y[i] += std::sin(x[i]);
  return {Rounded(x, 1, options.dtype), Rounded(y, 1, options.dtype)};
}

}  // namespace adjoint::data
