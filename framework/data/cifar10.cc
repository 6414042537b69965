#include "framework/data/cifar10.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "framework/base/file.h"
#include "framework/base/within_memory.h"
#include "framework/data/checksum.h"
#include "framework/data/text.h"
#include "framework/io/scanner.h"

namespace adjoint::data {
namespace {

constexpr size_t kPixels = 3 * 32 * 32;
constexpr size_t kRecord = 1 + kPixels;

// Appends the images of a file, and its bytes to `checksum`.
absl::Status Append(absl::string_view contents, absl::string_view path,
                    LabeledImages& images, Checksum& checksum) {
  absl::StatusOr<std::string> bytes = ParseText(contents, path);
  if (!bytes.ok()) return bytes.status();
  if (bytes->empty()) return io::Malformed(path, 0, "image", "there is none");
  const size_t whole = bytes->size() / kRecord * kRecord;
  if (whole != bytes->size()) {
    return io::Malformed(path, whole, "image",
                         absl::StrCat("only ", bytes->size() - whole, " of ",
                                      kRecord, " bytes are there"));
  }
  // Exactly what is there; growing by doubling could take three times that.
  const size_t count = bytes->size() / kRecord;
  images.labels.reserve(images.labels.size() + count);
  images.pixels.reserve(images.pixels.size() + count * kPixels);
  for (size_t at = 0; at < bytes->size(); at += kRecord) {
    const auto label = static_cast<uint8_t>((*bytes)[at]);
    if (label >= images.classes) {
      return io::Malformed(path, at, "label",
                           absl::StrCat(label, " is not 0 to 9"));
    }
    images.labels.push_back(label);
    const auto first = bytes->begin() + static_cast<int64_t>(at) + 1;
    images.pixels.insert(images.pixels.end(), first, first + kPixels);
  }
  images.count = static_cast<int64_t>(images.labels.size());
  checksum = Joined(checksum, ChecksumOf(*bytes));
  images.checksum = checksum.ToString();
  return absl::OkStatus();
}

LabeledImages None() {
  return {.rows = 32,
          .cols = 32,
          .channels = 3,
          .class_names = {"airplane", "automobile", "bird", "cat", "deer",
                          "dog", "frog", "horse", "ship", "truck"}};
}

absl::StatusOr<LabeledImages> ReadFiles(const std::string& directory,
                                        const std::vector<std::string>& names) {
  LabeledImages images = None();
  Checksum checksum;
  for (const std::string& name : names) {
    const std::string path = absl::StrCat(directory, "/", name);
    absl::StatusOr<std::string> contents = ReadFile(path);
    if (!contents.ok()) return contents.status();
    absl::Status status = WithinMemory(
        path, [&] { return Append(*contents, path, images, checksum); });
    if (!status.ok()) return status;
  }
  return images;
}

}  // namespace

absl::StatusOr<LabeledImages> ParseCifar10(absl::string_view contents,
                                           absl::string_view path) {
  LabeledImages images = None();
  Checksum checksum;
  absl::Status status = WithinMemory(
      path, [&] { return Append(contents, path, images, checksum); });
  if (!status.ok()) return status;
  return images;
}

absl::StatusOr<Cifar10> LoadCifar10(const std::string& directory,
                                    const ImageOptions& options) {
  absl::StatusOr<LabeledImages> train = ReadFiles(
      directory, {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                  "data_batch_4.bin", "data_batch_5.bin"});
  if (!train.ok()) return train.status();
  absl::StatusOr<LabeledImages> test = ReadFiles(directory, {"test_batch.bin"});
  if (!test.ok()) return test.status();
  return Cifar10{ImageDataset(*std::move(train), options),
                 ImageDataset(*std::move(test), options)};
}

}  // namespace adjoint::data
