#include "framework/data/image_dataset.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/core/array.h"

namespace adjoint::data {
namespace {

LabeledImages Checked(LabeledImages images) {
  const Shape shape{images.count, images.rows, images.cols};
  const auto pixels = static_cast<int64_t>(images.pixels.size());
  const auto labels = static_cast<int64_t>(images.labels.size());
  if (pixels != shape.size() || labels != images.count) {
    throw ShapeError(absl::StrCat("ImageDataset: ", pixels, " pixels and ",
                                  labels, " labels do not make images ",
                                  shape.ToString()));
  }
  for (uint8_t label : images.labels) {
    if (label >= images.classes) {
      throw ValueError(absl::StrCat("ImageDataset: label ", label,
                                    " is not below ", images.classes));
    }
  }
  return images;
}

// A table, since there are but 256 pixels: one look-up each, however the value
// is made. Computed in f32 for each pixel instead, pixel * (1 / 255) would miss
// the f32 nearest to pixel / 255 for 126 of them.
Tensor PixelValues(const ImageOptions& options) {
  if (!IsFloat(options.dtype)) {
    throw DTypeError(absl::StrCat("ImageDataset: dtype must be f32 or f64: ",
                                  Name(options.dtype)));
  }
  return VisitFloat(options.dtype, [&](auto zero) {
    using T = decltype(zero);
    T values[256];
    for (int pixel = 0; pixel < 256; ++pixel) {
      // Written out, for compilers differ in whether they fuse.
      values[pixel] =
          static_cast<T>(std::fma(pixel, options.scale, options.offset));
    }
    return FromSpan<T>({256}, values);
  });
}

}  // namespace

ImageDataset::ImageDataset(LabeledImages images, const ImageOptions& options)
    : images_(Checked(std::move(images))),
      shape_(options.flat ? Shape{1, images_.rows * images_.cols}
                          : Shape{1, 1, images_.rows, images_.cols}),
      value_(PixelValues(options)) {}

Batch ImageDataset::Gather(absl::Span<const int64_t> rows) const {
  constexpr int64_t kChunkPixels = 16 * 1024;
  const auto n = static_cast<int64_t>(rows.size());
  const int64_t pixels = shape_.size();
  const int64_t grain =
      kChunkPixels / std::clamp<int64_t>(pixels, 1, kChunkPixels);
  const Ref<Array> x = Array::New(value_.dtype(), shape_.With(0, n));
  const Ref<Array> y = Array::New(DType::kI32, {n});
  auto* labels = static_cast<int32_t*>(y->data());
  VisitFloat(value_.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* value = value_.data<T>().data();
    T* out = static_cast<T*>(x->data());
    ParallelFor(n, grain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        ADJOINT_CHECK(0 <= rows[i] && rows[i] < size());
        labels[i] = images_.labels[rows[i]];
        const uint8_t* image = images_.pixels.data() + rows[i] * pixels;
        std::transform(image, image + pixels, out + i * pixels,
                       [=](uint8_t pixel) { return value[pixel]; });
      }
    });
  });
  return {.x = Tensor(x), .y = Tensor(y)};
}

}  // namespace adjoint::data
