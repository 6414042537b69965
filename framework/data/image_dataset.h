// Images with a class each, kept as bytes and turned into numbers when read.
#ifndef ADJOINT_FRAMEWORK_DATA_IMAGE_DATASET_H_
#define ADJOINT_FRAMEWORK_DATA_IMAGE_DATASET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "framework/core/dtype.h"
#include "framework/core/shape.h"
#include "framework/core/tensor.h"
#include "framework/data/dataset.h"

namespace adjoint::data {

struct LabeledImages {
  int64_t count = 0, rows = 0, cols = 0;  // Each at least 1.
  int64_t channels = 1;
  int64_t classes = 10;
  std::vector<uint8_t> pixels;  // [count, channels, rows, cols], 0 is black.
  std::vector<uint8_t> labels;  // [count], each below `classes`.
  std::vector<std::string> class_names;  // None, or one for each class.
  std::string checksum;                  // As DatasetInfo has it.
};

// How a pixel becomes a number: pixel * scale + offset, computed as a double
// and then rounded to `dtype`. The default maps 0 to 0 and 255 to 1. For pixels
// that have the mean m and the standard deviation s on that scale, 1 / (255 s)
// and -m / s give them the mean 0 and the standard deviation 1.
struct ImageOptions {
  double scale = 1.0 / 255;
  double offset = 0;
  // x is [n, channels * rows * cols], else [n, channels, rows, cols].
  bool flat = true;
  DType dtype = DType::kF32;
};

// x is as the options say, y is i32 [n].
class ImageDataset : public Dataset {
 public:
  // Throws ShapeError if `images` has not count * channels * rows * cols pixels
  // and `count` labels, ValueError for a label that is not below `classes` or
  // names of another number of classes, and DTypeError for a dtype that is not
  // a float.
  explicit ImageDataset(LabeledImages images, const ImageOptions& options = {});

  int64_t size() const override { return images_.count; }
  Batch Gather(absl::Span<const int64_t> rows) const override;
  Batch Refill(Batch spent, absl::Span<const int64_t> rows,
               int64_t epoch) const override;
  DatasetInfo info() const override;

  int64_t rows() const { return images_.rows; }
  int64_t cols() const { return images_.cols; }
  int64_t classes() const { return images_.classes; }

 private:
  // How a pixel becomes its value.
  enum class How { kInType, kAsDoubles, kByTable };

  LabeledImages images_;
  ImageOptions options_;
  Shape shape_;    // Of x for one image, with a first extent of 1.
  Tensor value_;   // What each of the 256 pixels becomes.
  How normalize_;  // The fastest that gives those very values.
};

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_IMAGE_DATASET_H_
