#include "framework/data/augment.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/core/array.h"
#include "framework/data/example_rng.h"

namespace adjoint::data {
namespace {

// Where each pixel of a picture comes from, in pixels; and a line of it.
struct Field {
  std::vector<double> row, col, line;
};

// The weights of a Gaussian up to three standard deviations from its centre,
// which is in the middle, with the sum 1.
std::vector<double> Gaussian(double sigma) {
  const auto reach = static_cast<int64_t>(std::ceil(3 * sigma));
  std::vector<double> weights;
  double sum = 0;
  for (int64_t k = -reach; k <= reach; ++k) {
    weights.push_back(std::exp(-0.5 * k * k / (sigma * sigma)));
    sum += weights.back();
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

// `values` [rows, cols] smoothed along both axes; beyond the border they are 0.
void Smooth(int64_t rows, int64_t cols, absl::Span<const double> weights,
            std::vector<double>& line, std::vector<double>& values) {
  const int64_t reach = weights.size() / 2;
  const auto along = [&](int64_t lines, int64_t line_step, int64_t n,
                         int64_t step) {
    line.resize(n);
    for (int64_t l = 0; l < lines; ++l) {
      double* v = values.data() + l * line_step;
      for (int64_t i = 0; i < n; ++i) line[i] = v[i * step];
      for (int64_t i = 0; i < n; ++i) {
        double total = 0;
        const int64_t last = std::min(n - 1, i + reach);
        for (int64_t j = std::max<int64_t>(0, i - reach); j <= last; ++j) {
          total += weights[j - i + reach] * line[j];
        }
        v[i * step] = total;
      }
    }
  };
  along(rows, cols, cols, 1);
  along(cols, 1, rows, cols);
}

void DrawField(int64_t rows, int64_t cols, const AugmentOptions& options,
               absl::Span<const double> smoothing, Rng& rng, Field& from) {
  const auto within = [&](double most) {
    return most * (2 * rng.NextUniform() - 1);
  };
  const double angle = within(options.rotate) * std::numbers::pi / 180;
  const double factor = 1 + within(options.scale);
  const double down = within(options.shift), right = within(options.shift);
  const double cos = std::cos(angle) / factor, sin = std::sin(angle) / factor;
  const double row_centre = 0.5 * (rows - 1), col_centre = 0.5 * (cols - 1);
  const int64_t pixels = rows * cols;
  for (std::vector<double>* moves : {&from.row, &from.col}) {
    moves->assign(pixels, 0);
    if (options.elastic == 0) continue;
    rng.FillUniform(absl::MakeSpan(*moves), -1, 1);
    Smooth(rows, cols, smoothing, from.line, *moves);
    for (double& move : *moves) move *= options.elastic;
  }
  for (int64_t i = 0; i < pixels; ++i) {
    const int64_t row = i / cols, col = i % cols;
    const double r = row - row_centre - down;
    const double c = col - col_centre - right;
    from.row[i] += row_centre + cos * r - sin * c;
    from.col[i] += col_centre + sin * r + cos * c;
  }
}

// Bilinear: to[i] is what `from` [rows, cols] has at the i-th place of `field`.
template <class T>
void Resample(const T* from, int64_t rows, int64_t cols, const Field& field,
              double black, T* to) {
  const auto at = [&](int64_t r, int64_t c) -> double {
    return 0 <= r && r < rows && 0 <= c && c < cols ? from[r * cols + c]
                                                    : black;
  };
  for (int64_t i = 0; i < rows * cols; ++i) {
    // Far outside all is black; there a place need not fit an integer.
    const double row = std::clamp<double>(field.row[i], -2, rows + 1);
    const double col = std::clamp<double>(field.col[i], -2, cols + 1);
    const auto r = static_cast<int64_t>(std::floor(row));
    const auto c = static_cast<int64_t>(std::floor(col));
    const double u = row - r, v = col - c;
    to[i] = static_cast<T>((1 - u) * ((1 - v) * at(r, c) + v * at(r, c + 1)) +
                           u * ((1 - v) * at(r + 1, c) + v * at(r + 1, c + 1)));
  }
}

template <class T>
void Cut(int64_t rows, int64_t cols, int64_t side, double black, Rng& rng,
         int64_t channels, T* x) {
  const int64_t top = rng.NextBelow(rows) - side / 2;
  const int64_t left = rng.NextBelow(cols) - side / 2;
  for (int64_t channel = 0; channel < channels; ++channel, x += rows * cols) {
    for (int64_t r = std::max<int64_t>(0, top); r < std::min(rows, top + side);
         ++r) {
      for (int64_t c = std::max<int64_t>(0, left);
           c < std::min(cols, left + side); ++c) {
        x[r * cols + c] = static_cast<T>(black);
      }
    }
  }
}

}  // namespace

Augment::Augment(DatasetRef dataset, const AugmentOptions& options)
    : dataset_(std::move(dataset)), options_(options), info_(dataset_->info()) {
  if (info_.picture.rank() < 2) {
    throw ShapeError("Augment: the examples are no pictures");
  }
  for (double most : {options.shift, options.rotate, options.scale,
                      options.elastic, static_cast<double>(options.cutout)}) {
    if (!(most >= 0) || !std::isfinite(most)) {
      throw ValueError(
          absl::StrCat("Augment: options must be finite and >= 0: ", most));
    }
  }
  if (options.scale >= 1) {
    throw ValueError(
        absl::StrCat("Augment: scale must be below 1: ", options.scale));
  }
  if (!(options.smoothness > 0 && options.smoothness <= 100)) {
    throw ValueError(absl::StrCat("Augment: smoothness must be in (0, 100]: ",
                                  options.smoothness));
  }
  smoothing_ = Gaussian(options.smoothness);
}

Batch Augment::Gather(absl::Span<const int64_t> rows) const {
  return GatherInEpoch(rows, 0);
}

Batch Augment::GatherInEpoch(absl::Span<const int64_t> rows,
                             int64_t epoch) const {
  Batch plain = dataset_->GatherInEpoch(rows, epoch);
  if (epoch == kPlain) return plain;
  const auto n = static_cast<int64_t>(rows.size());
  const int64_t height = info_.picture[-2], width = info_.picture[-1];
  const int64_t pixels = height * width, size = info_.picture.size();
  if (!IsFloat(plain.x.dtype())) {
    throw DTypeError("Augment: pictures must be f32 or f64");
  }
  if (plain.x.size() != n * size) {
    throw ShapeError(absl::StrCat("Augment: ", Signature(plain.x),
                                  " is not pictures ",
                                  info_.picture.ToString()));
  }
  const Ref<Array> out = Array::New(plain.x.dtype(), plain.x.shape());
  VisitFloat(plain.x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* from = plain.x.data<T>().data();
    T* to = static_cast<T*>(out->data());
    ParallelFor(n, 4, [&](int64_t begin, int64_t end) {
      Field field;
      for (int64_t i = begin; i < end; ++i) {
        Rng rng = ExampleRng(Drawer::kAugment, options_.seed, epoch, rows[i]);
        DrawField(height, width, options_, smoothing_, rng, field);
        for (int64_t at = i * size; at < (i + 1) * size; at += pixels) {
          Resample(from + at, height, width, field, info_.black, to + at);
        }
        if (options_.cutout > 0) {
          Cut(height, width, options_.cutout, info_.black, rng, size / pixels,
              to + i * size);
        }
      }
    });
  });
  return {.x = Tensor(out), .y = plain.y};
}

std::unique_ptr<Dataset> Augment::Part(std::vector<int64_t> rows) const {
  return std::make_unique<Augment>(dataset_->Part(std::move(rows)), options_);
}

}  // namespace adjoint::data
