#include "framework/data/image_dataset.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/base/vectorize.h"
#include "framework/core/array.h"

namespace adjoint::data {
namespace {

LabeledImages Checked(LabeledImages images) {
  const Shape shape =
      images.channels == 1
          ? Shape{images.count, images.rows, images.cols}
          : Shape{images.count, images.channels, images.rows, images.cols};
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
  const auto names = static_cast<int64_t>(images.class_names.size());
  if (names != 0 && names != images.classes) {
    throw ValueError(absl::StrCat("ImageDataset: ", names, " names for ",
                                  images.classes, " classes"));
  }
  return images;
}

// What each of the 256 pixels becomes.
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

// In doubles, then rounded.
template <class T>
void NormalizeAsDoubles(const uint8_t* pixels, int64_t n, double scale,
                        double offset, T* out) {
  WithWidestVectors([=] {
    for (int64_t i = 0; i < n; ++i) {
      out[i] = static_cast<T>(pixels[i] * scale + offset);
    }
  });
}

// In T, with what it loses of the scale added: pixel * (1 / 255) would miss the
// f32 nearest to pixel / 255 for 126 of the pixels. A vector holds twice as
// many.
template <class T>
void NormalizeInType(const uint8_t* pixels, int64_t n, double scale,
                     double offset, T* out) {
  const T high = static_cast<T>(scale), low = static_cast<T>(scale - high);
  const T add = static_cast<T>(offset);
  WithWidestVectors([=] {
    for (int64_t i = 0; i < n; ++i) {
      const T pixel = pixels[i];
      out[i] = pixel * high + (pixel * low + add);
    }
  });
}

// Whether `normalize` gives `value` to every pixel, among others and alone.
// That depends on scale and offset, and on whether the processor fuses.
template <class T, class Fn>
bool Gives(Fn normalize, const T* value, double scale, double offset) {
  uint8_t pixels[256];
  std::iota(std::begin(pixels), std::end(pixels), 0);
  const auto equal = [&](int first, int n) {
    T out[256];
    normalize(pixels + first, n, scale, offset, out);
    return std::memcmp(out, value + first, n * sizeof(T)) == 0;
  };
  bool all = equal(0, 256);
  for (int pixel = 0; pixel < 256; ++pixel) all = all && equal(pixel, 1);
  return all;
}

// Asks for every `step`th of `n` bytes of `from`, if that is where they are.
void Fetch(const std::vector<uint8_t>& from, int64_t first, int64_t n,
           int64_t step) {
  const auto size = static_cast<int64_t>(from.size());
  if (first < 0 || first > size - n) return;
  for (int64_t i = 0; i < n; i += step) __builtin_prefetch(&from[first + i]);
}

Shape ImageShape(const LabeledImages& images, bool flat) {
  if (!flat) return {1, images.channels, images.rows, images.cols};
  return {1, images.channels * images.rows * images.cols};
}

}  // namespace

ImageDataset::ImageDataset(LabeledImages images, const ImageOptions& options)
    : images_(Checked(std::move(images))),
      options_(options),
      shape_(ImageShape(images_, options.flat)),
      value_(PixelValues(options)) {
  normalize_ = VisitFloat(value_.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto gives = [&](auto normalize) {
      return Gives(normalize, value_.data<T>().data(), options_.scale,
                   options_.offset);
    };
    if (gives(NormalizeInType<T>)) return How::kInType;
    if (gives(NormalizeAsDoubles<T>)) return How::kAsDoubles;
    return How::kByTable;
  });
}

Batch ImageDataset::Gather(absl::Span<const int64_t> rows) const {
  return Refill({}, rows, 0);
}

Batch ImageDataset::Refill(Batch spent, absl::Span<const int64_t> rows,
                           int64_t /*epoch*/) const {
  constexpr int64_t kChunkPixels = 32 * 1024;
  constexpr int64_t kAhead = 4;  // Rows fetched before they are needed.
  constexpr int64_t kLine = 64;  // Bytes of a cache line.
  const auto n = static_cast<int64_t>(rows.size());
  const int64_t pixels = shape_.size();
  const int64_t grain =
      kChunkPixels / std::clamp<int64_t>(pixels, 1, kChunkPixels);
  const Ref<Array> x =
      ArrayOf(std::move(spent.x), value_.dtype(), shape_.With(0, n));
  const Ref<Array> y = ArrayOf(std::move(spent.y), DType::kI32, {n});
  auto* labels = static_cast<int32_t*>(y->data());
  VisitFloat(value_.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* value = value_.data<T>().data();
    T* out = static_cast<T*>(x->data());
    // Rows in random order come from memory, whose latency is most of a Gather
    // unless they are asked for before they are needed.
    const auto fetch = [&](int64_t i, int64_t step) {
      if (i < n) Fetch(images_.pixels, rows[i] * pixels, pixels, step);
    };
    const auto normalize = [&](const uint8_t* image, T* to) {
      switch (normalize_) {
        case How::kInType:
          return NormalizeInType(image, pixels, options_.scale, options_.offset,
                                 to);
        case How::kAsDoubles:
          return NormalizeAsDoubles(image, pixels, options_.scale,
                                    options_.offset, to);
        case How::kByTable:
          std::transform(image, image + pixels, to,
                         [=](uint8_t pixel) { return value[pixel]; });
      }
    };
    ParallelFor(n, grain, [&](int64_t begin, int64_t end) {
      // Each is on a page or two of its own. Where those are is in memory, too,
      // so first of all the ends of all rows are asked for.
      for (int64_t i = begin; i < end; ++i) {
        fetch(i, std::max<int64_t>(1, pixels - 1));
      }
      for (int64_t i = begin; i < begin + kAhead; ++i) fetch(i, kLine);
      for (int64_t i = begin; i < end; ++i) {
        ADJOINT_CHECK(0 <= rows[i] && rows[i] < size());
        fetch(i + kAhead, kLine);
        labels[i] = images_.labels[rows[i]];
        normalize(images_.pixels.data() + rows[i] * pixels, out + i * pixels);
      }
    });
  });
  return {.x = Tensor(x), .y = Tensor(y)};
}

DatasetInfo ImageDataset::info() const {
  DatasetInfo info = {.class_names = images_.class_names,
                      .checksum = images_.checksum};
  if (images_.channels == 1) {
    info.picture = {images_.rows, images_.cols};
  } else if (images_.channels == 3) {
    info.picture = {images_.channels, images_.rows, images_.cols};
  }
  info.black = std::fma(0, options_.scale, options_.offset);
  info.white = std::fma(255, options_.scale, options_.offset);
  return info;
}

}  // namespace adjoint::data
