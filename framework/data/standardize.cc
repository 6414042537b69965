#include "framework/data/standardize.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/core/array.h"
#include "framework/io/safetensors.h"

namespace adjoint::data {
namespace {

// x [1, ...] of the first one.
Tensor FirstExample(const Dataset& dataset) {
  const int64_t row[] = {0};
  return dataset.GatherInEpoch(row, kPlain).x;
}

// Calls fn(x [n, ...]) for each block of n examples.
template <class Fn>
void ForEachBlock(const Dataset& dataset, Fn fn) {
  constexpr int64_t kBlock = 1024;
  std::vector<int64_t> rows;
  for (int64_t begin = 0; begin < dataset.size(); begin += kBlock) {
    rows.resize(std::min(kBlock, dataset.size() - begin));
    std::iota(rows.begin(), rows.end(), begin);
    fn(dataset.GatherInEpoch(rows, kPlain).x);
  }
}

void CheckIsFloat(const Tensor& x) {
  if (!IsFloat(x.dtype())) {
    throw DTypeError(
        absl::StrCat("Standardizer: x must be f32 or f64: ", Signature(x)));
  }
}

// Adds term(value, column) of each element of x [n, ...] to its column's sum.
template <class Term>
void AddToColumns(const Tensor& x, std::vector<double>& sums, Term term) {
  CheckIsFloat(x);
  const auto columns = static_cast<int64_t>(sums.size());
  VisitFloat(x.dtype(), [&](auto zero) {
    const auto* value = x.data<decltype(zero)>().data();
    for (int64_t i = 0; i < x.shape()[0]; ++i) {
      for (int64_t c = 0; c < columns; ++c) {
        sums[c] += term(static_cast<double>(value[i * columns + c]), c);
      }
    }
  });
}

Tensor TensorOf(const std::vector<double>& values, const Shape& shape) {
  const Ref<Array> array = Array::New(DType::kF64, shape);
  std::copy(values.begin(), values.end(), static_cast<double*>(array->data()));
  return Tensor(array);
}

// The elements of x [n, ...] by fn(value, column's mean, its deviation).
template <class Fn>
Tensor Elementwise(const Tensor& x, const Standardizer& of, Fn fn) {
  CheckIsFloat(x);
  if (x.rank() == 0 || !(x.shape().Without(0) == of.mean().shape())) {
    throw ShapeError(
        absl::StrCat("Standardizer: each row of x must be as the mean: x ",
                     Signature(x), ", mean ", Signature(of.mean())));
  }
  const Ref<Array> array = Array::New(x.dtype(), x.shape());
  VisitFloat(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* from = x.data<T>().data();
    T* to = static_cast<T*>(array->data());
    const double* mean = of.mean().data<double>().data();
    const double* deviation = of.deviation().data<double>().data();
    const int64_t columns = of.mean().size();
    for (int64_t i = 0; i < x.shape()[0]; ++i, from += columns, to += columns) {
      for (int64_t c = 0; c < columns; ++c) {
        to[c] = static_cast<T>(
            fn(static_cast<double>(from[c]), mean[c], deviation[c]));
      }
    }
  });
  return Tensor(array);
}

}  // namespace

Standardizer Standardizer::Of(const Dataset& dataset) {
  if (dataset.size() == 0) {
    throw ValueError("Standardizer: there are no examples");
  }
  const Tensor first = FirstExample(dataset);
  const int64_t columns = first.size();
  const auto n = static_cast<double>(dataset.size());
  // All but the first less the first: so a column of equal values has exactly
  // their mean, and the deviation 0.
  std::vector<double> start(columns), mean(columns), deviation(columns);
  AddToColumns(first, start, [](double v, int64_t) { return v; });
  ForEachBlock(dataset, [&](const Tensor& x) {
    AddToColumns(x, mean, [&](double v, int64_t c) { return v - start[c]; });
  });
  for (int64_t c = 0; c < columns; ++c) {
    mean[c] = start[c] + mean[c] / n;
    if (!std::isfinite(mean[c])) {
      throw ValueError(absl::StrCat("Standardizer: column ", c + 1, " of ",
                                    columns,
                                    " has a value that is not finite"));
    }
  }
  // In a second pass: a difference of large sums of squares has few digits.
  ForEachBlock(dataset, [&](const Tensor& x) {
    AddToColumns(x, deviation, [&](double v, int64_t c) {
      return (v - mean[c]) * (v - mean[c]);
    });
  });
  for (double& d : deviation) d = d == 0 ? 1 : std::sqrt(d / n);
  const Shape shape = first.shape().Without(0);
  return Standardizer(TensorOf(mean, shape), TensorOf(deviation, shape));
}

Standardizer Standardizer::Of(const Tensor& x) {
  return Of(TensorDataset(x, x));
}

Standardizer::Standardizer(const Tensor& mean, const Tensor& deviation)
    : mean_(mean.Detach()), deviation_(deviation.Detach()) {
  for (const Tensor* t : {&mean_, &deviation_}) {
    if (t->dtype() != DType::kF64) {
      throw DTypeError(
          absl::StrCat("Standardizer: must be f64: ", Signature(*t)));
    }
  }
  if (!(mean.shape() == deviation.shape())) {
    throw ShapeError(absl::StrCat("Standardizer: mean ", Signature(mean),
                                  " and deviation ", Signature(deviation),
                                  " must have one shape"));
  }
  for (int64_t c = 0; c < mean_.size(); ++c) {
    const double m = mean_.data<double>()[c], d = deviation_.data<double>()[c];
    if (!std::isfinite(m) || !std::isfinite(d) || d <= 0) {
      throw ValueError(absl::StrCat("Standardizer: column ", c + 1,
                                    " has the mean ", m, " and the deviation ",
                                    d, ": must be finite, and the second > 0"));
    }
  }
}

Tensor Standardizer::Apply(const Tensor& x) const {
  return Elementwise(x, *this, [](double value, double mean, double deviation) {
    return (value - mean) / deviation;
  });
}

Tensor Standardizer::Invert(const Tensor& x) const {
  return Elementwise(x, *this, [](double value, double mean, double deviation) {
    return value * deviation + mean;
  });
}

absl::Status Standardizer::Save(const std::string& path) const {
  return io::WriteSafetensors(path,
                              {{"mean", mean_}, {"deviation", deviation_}});
}

absl::StatusOr<Standardizer> Standardizer::Load(const std::string& path) {
  absl::StatusOr<io::SafetensorsFile> file = io::ReadSafetensors(path);
  if (!file.ok()) return file.status();
  Tensor mean, deviation;
  for (const auto& [name, tensor] : file->tensors) {
    if (name == "mean") mean = tensor;
    if (name == "deviation") deviation = tensor;
  }
  if (file->tensors.size() != 2 || !mean.defined() || !deviation.defined()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": must hold \"mean\" and \"deviation\" alone"));
  }
  try {
    return Standardizer(mean, deviation);
  } catch (const Error& e) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", e.what()));
  }
}

Map Standardized(DatasetRef dataset, Standardizer standardizer) {
  DatasetInfo info = dataset->info();
  info.picture = Shape();
  return Map(
      std::move(dataset),
      [standardizer = std::move(standardizer)](Batch batch) {
        batch.x = standardizer.Apply(batch.x);
        return batch;
      },
      std::move(info));
}

}  // namespace adjoint::data
