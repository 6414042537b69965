#include "framework/data/npy.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "framework/base/file.h"
#include "framework/data/checksum.h"
#include "framework/io/npy.h"

namespace adjoint::data {
namespace {

absl::Status Unfit(const std::string& path, absl::string_view expected,
                   absl::string_view found) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": expected ", expected, ", found ", found));
}

// The labels in `contents`, each in [0, 255].
absl::StatusOr<std::vector<uint8_t>> ParseLabels(const std::string& contents,
                                                 const std::string& path) {
  constexpr char kExpected[] = "labels [n] of |u1, <i4 or <i8";
  absl::StatusOr<io::ByteArray> bytes = io::ParseNpyBytes(contents, path);
  if (bytes.ok()) {
    if (bytes->shape.rank() == 1) return std::move(bytes->bytes);
    return Unfit(path, kExpected, "|u1 " + bytes->shape.ToString());
  }
  // Of another dtype, unless the file is malformed.
  if (!absl::IsUnimplemented(bytes.status())) return bytes.status();
  const absl::StatusOr<Tensor> tensor = io::ParseNpy(contents, path);
  if (!tensor.ok()) return tensor.status();
  if (tensor->dtype() != DType::kI32 || tensor->rank() != 1) {
    return Unfit(path, kExpected, Signature(*tensor));
  }
  std::vector<uint8_t> labels;
  labels.reserve(tensor->size());
  for (int32_t label : tensor->data<int32_t>()) {
    if (label < 0 || label > 255) {
      return Unfit(path, "labels from 0 to 255",
                   absl::StrCat(label, " for image ", labels.size()));
    }
    labels.push_back(static_cast<uint8_t>(label));
  }
  return labels;
}

// All but the labels.
absl::StatusOr<LabeledImages> ParseImages(const std::string& contents,
                                          const std::string& path) {
  absl::StatusOr<io::ByteArray> array = io::ParseNpyBytes(contents, path);
  if (!array.ok()) return array.status();
  const Shape& shape = array->shape;
  const bool channels = shape.rank() == 4;
  const bool fits =
      shape.rank() == 3 || (channels && (shape[1] == 1 || shape[1] == 3));
  if (!fits || shape.size() == 0) {
    return Unfit(path,
                 "images [n,rows,cols] or [n,1 or 3,rows,cols], none of them 0",
                 shape.ToString());
  }
  return LabeledImages{.count = shape[0],
                       .rows = shape[-2],
                       .cols = shape[-1],
                       .channels = channels ? shape[1] : 1,
                       .pixels = std::move(array->bytes)};
}

absl::Status CheckCounts(const std::string& x_path, int64_t x,
                         const std::string& y_path, int64_t y) {
  if (x == y) return absl::OkStatus();
  return Unfit(y_path, absl::StrCat(x, " rows, as in ", x_path),
               absl::StrCat(y));
}

}  // namespace

absl::StatusOr<TensorDataset> LoadNpy(const std::string& x_path,
                                      const std::string& y_path) {
  std::vector<Tensor> tensors;
  Checksum checksum;
  for (const std::string& path : {x_path, y_path}) {
    const absl::StatusOr<std::string> contents = ReadFile(path);
    if (!contents.ok()) return contents.status();
    absl::StatusOr<Tensor> tensor = io::ParseNpy(*contents, path);
    if (!tensor.ok()) return tensor.status();
    if (tensor->rank() == 0) return Unfit(path, "rows", Signature(*tensor));
    tensors.push_back(*std::move(tensor));
    checksum = Joined(checksum, ChecksumOf(*contents));
  }
  absl::Status status =
      CheckCounts(x_path, tensors[0].shape()[0], y_path, tensors[1].shape()[0]);
  if (!status.ok()) return status;
  return TensorDataset(tensors[0], tensors[1],
                       {.checksum = checksum.ToString()});
}

absl::StatusOr<ImageDataset> LoadNpyImages(const std::string& images_path,
                                           const std::string& labels_path,
                                           const ImageOptions& options) {
  absl::StatusOr<std::string> contents = ReadFile(images_path);
  if (!contents.ok()) return contents.status();
  absl::StatusOr<LabeledImages> images = ParseImages(*contents, images_path);
  if (!images.ok()) return images.status();
  Checksum checksum = ChecksumOf(*contents);
  contents = ReadFile(labels_path);
  if (!contents.ok()) return contents.status();
  absl::StatusOr<std::vector<uint8_t>> labels =
      ParseLabels(*contents, labels_path);
  if (!labels.ok()) return labels.status();
  absl::Status status =
      CheckCounts(images_path, images->count, labels_path, labels->size());
  if (!status.ok()) return status;
  checksum = Joined(checksum, ChecksumOf(*contents));
  images->checksum = checksum.ToString();
  images->classes = 1 + *std::max_element(labels->begin(), labels->end());
  images->labels = *std::move(labels);
  return ImageDataset(*std::move(images), options);
}

}  // namespace adjoint::data
