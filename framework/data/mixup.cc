#include "framework/data/mixup.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/core/array.h"
#include "framework/data/example_rng.h"

namespace adjoint::data {
namespace {

// The logarithm of a draw of Gamma(shape, 1) (Marsaglia and Tsang 2000, "A
// simple method for generating gamma variables"): for a small shape the draw
// itself may be less than any double.
double LogGamma(double shape, Rng& rng) {
  if (shape < 1) {
    const double u = rng.NextUniform() + 0x1p-53;
    return LogGamma(shape + 1, rng) + std::log(u) / shape;
  }
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    double x;
    rng.FillNormal(absl::MakeSpan(&x, 1), 0, 1);
    const double u = rng.NextUniform() + 0x1p-53, v = 1 + c * x;
    if (v <= 0) continue;
    const double log_v3 = 3 * std::log(v);
    if (std::log(u) < 0.5 * x * x + d - d * v * v * v + d * log_v3) {
      return std::log(d) + log_v3;
    }
  }
}

// A draw of Beta(alpha, alpha).
double Beta(double alpha, Rng& rng) {
  const double a = LogGamma(alpha, rng), b = LogGamma(alpha, rng);
  return 1 / (1 + std::exp(b - a));
}

template <class T>
Batch Mix(const Batch& a, const Batch& b, absl::Span<const double> share,
          int64_t classes) {
  const auto n = static_cast<int64_t>(share.size());
  const Ref<Array> x = Array::New(kDTypeOf<T>, a.x.shape());
  const Ref<Array> y = Array::New(kDTypeOf<T>, {n, classes});
  T* out = static_cast<T*>(x->data());
  T* target = static_cast<T*>(y->data());
  std::fill_n(target, n * classes, T{0});
  const int64_t size = n == 0 ? 0 : a.x.size() / n;
  for (int64_t i = 0; i < n; ++i) {
    const T own = static_cast<T>(share[i]), other = 1 - own;
    const T* p = a.x.data<T>().data() + i * size;
    const T* q = b.x.data<T>().data() + i * size;
    for (int64_t k = 0; k < size; ++k) {
      out[i * size + k] = own * p[k] + other * q[k];
    }
    target[i * classes + a.y.data<int32_t>()[i]] += own;
    target[i * classes + b.y.data<int32_t>()[i]] += other;
  }
  return {.x = Tensor(x), .y = Tensor(y)};
}

void CheckTargets(const Batch& batch, int64_t classes) {
  if (!IsFloat(batch.x.dtype())) {
    throw DTypeError(
        absl::StrCat("Mixup: x must be f32 or f64: ", Signature(batch.x)));
  }
  if (batch.y.rank() != 1) {
    throw ShapeError(
        absl::StrCat("Mixup: y must be i32 [n]: ", Signature(batch.y)));
  }
  for (int32_t label : batch.y.data<int32_t>()) {
    if (label < 0 || label >= classes) {
      throw ValueError(absl::StrCat("Mixup: label ", label, " is not in [0, ",
                                    classes, ")"));
    }
  }
}

}  // namespace

Mixup::Mixup(DatasetRef dataset, const MixupOptions& options)
    : dataset_(std::move(dataset)), options_(options) {
  if (options.classes < 1 || !(options.alpha > 0) ||
      !std::isfinite(options.alpha)) {
    throw ValueError(
        absl::StrCat("Mixup: classes must be >= 1 and alpha finite and > 0: ",
                     options.classes, ", ", options.alpha));
  }
}

Batch Mixup::Gather(absl::Span<const int64_t> rows) const {
  return GatherInEpoch(rows, 0);
}

Batch Mixup::GatherInEpoch(absl::Span<const int64_t> rows,
                           int64_t epoch) const {
  if (epoch == kPlain) return dataset_->GatherInEpoch(rows, epoch);
  // Those of a usual batch without an allocation.
  absl::InlinedVector<int64_t, 128> partners;
  absl::InlinedVector<double, 128> share;
  for (int64_t row : rows) {
    Rng rng = ExampleRng(Drawer::kMixup, options_.seed, epoch, row);
    partners.push_back(rng.NextBelow(size()));
    share.push_back(Beta(options_.alpha, rng));
  }
  const Batch a = dataset_->GatherInEpoch(rows, epoch);
  const Batch b = dataset_->GatherInEpoch(partners, epoch);
  CheckTargets(a, options_.classes);
  CheckTargets(b, options_.classes);
  return VisitFloat(a.x.dtype(), [&](auto zero) {
    return Mix<decltype(zero)>(a, b, share, options_.classes);
  });
}

std::unique_ptr<Dataset> Mixup::Part(std::vector<int64_t> rows) const {
  return std::make_unique<Mixup>(dataset_->Part(std::move(rows)), options_);
}

}  // namespace adjoint::data
