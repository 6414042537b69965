#include "framework/data/mnist.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "framework/base/sha256.h"
#include "framework/data/idx.h"

namespace adjoint::data {
namespace {

// SHA-256 of the four published files, uncompressed.
constexpr absl::string_view kTrainImagesDigest =
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db";
constexpr absl::string_view kTrainLabelsDigest =
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5";
constexpr absl::string_view kTestImagesDigest =
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7";
constexpr absl::string_view kTestLabelsDigest =
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2";

struct ReadArray {
  std::string path;
  IdxArray array;
};

// Reads `directory`/`name`, or the same with .gz if that is not there.
absl::StatusOr<ReadArray> ReadEither(const std::string& directory,
                                     absl::string_view name) {
  const std::string plain = absl::StrCat(directory, "/", name);
  for (const std::string& path : {plain, absl::StrCat(plain, ".gz")}) {
    absl::StatusOr<IdxArray> array = ReadIdx(path);
    if (array.ok()) return ReadArray{path, *std::move(array)};
    if (!absl::IsNotFound(array.status())) return array.status();
  }
  return absl::NotFoundError(
      absl::StrCat(plain, ": not found, nor is ", name, ".gz beside it"));
}

// "images [60000,28,28] of u8": what an array of that type and rank is here.
std::string DescribeContents(const IdxArray& a) {
  const bool u8 = a.type == IdxType::kU8;
  return absl::StrCat(u8 && a.shape.size() == 3   ? "images "
                      : u8 && a.shape.size() == 1 ? "labels "
                                                  : "",
                      "[", absl::StrJoin(a.shape, ","), "] of ",
                      IdxTypeName(a.type));
}

absl::Status Unfit(const ReadArray& file, absl::string_view expected,
                   absl::string_view found) {
  return absl::InvalidArgumentError(
      absl::StrCat(file.path, ": expected ", expected, ", found ", found));
}

absl::StatusOr<LabeledImages> ReadPair(const std::string& directory,
                                       absl::string_view prefix) {
  absl::StatusOr<ReadArray> images =
      ReadEither(directory, absl::StrCat(prefix, "-images-idx3-ubyte"));
  if (!images.ok()) return images.status();
  absl::StatusOr<ReadArray> labels =
      ReadEither(directory, absl::StrCat(prefix, "-labels-idx1-ubyte"));
  if (!labels.ok()) return labels.status();

  IdxArray& x = images->array;
  IdxArray& y = labels->array;
  if (x.type != IdxType::kU8 || x.shape.size() != 3 ||
      *std::min_element(x.shape.begin(), x.shape.end()) < 1) {
    return Unfit(*images, "images [n,rows,cols] of u8, none of them 0",
                 DescribeContents(x));
  }
  if (y.type != IdxType::kU8 || y.shape.size() != 1) {
    return Unfit(*labels, "labels [n] of u8", DescribeContents(y));
  }
  if (y.shape[0] != x.shape[0]) {
    return Unfit(*labels, absl::StrCat(x.shape[0], " labels, one an image"),
                 absl::StrCat(y.shape[0]));
  }
  LabeledImages set;
  set.count = x.shape[0];
  set.rows = x.shape[1];
  set.cols = x.shape[2];
  const auto wrong =
      std::find_if(y.bytes.begin(), y.bytes.end(),
                   [&](uint8_t label) { return label >= set.classes; });
  if (wrong != y.bytes.end()) {
    return Unfit(*labels, absl::StrCat("labels from 0 to ", set.classes - 1),
                 absl::StrCat(*wrong, " for image ", wrong - y.bytes.begin()));
  }
  set.checksum = Joined(x.checksum, y.checksum).ToString();
  set.pixels = std::move(x.bytes);
  set.labels = std::move(y.bytes);
  return set;
}

// The SHA-256 of the IDX file of u8 that has this shape and these elements.
std::string IdxDigest(absl::Span<const int64_t> shape,
                      absl::Span<const uint8_t> bytes) {
  std::string header = {0, 0, static_cast<char>(IdxType::kU8),
                        static_cast<char>(shape.size())};
  for (int64_t d : shape) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      header.push_back(static_cast<char>(d >> shift & 0xff));
    }
  }
  Sha256 sha;
  sha.Update(header);
  sha.Update(absl::string_view(reinterpret_cast<const char*>(bytes.data()),
                               bytes.size()));
  return sha.HexDigest();
}

bool Matches(const LabeledImages& set, absl::string_view images_digest,
             absl::string_view labels_digest) {
  return IdxDigest({set.count}, set.labels) == labels_digest &&
         IdxDigest({set.count, set.rows, set.cols}, set.pixels) ==
             images_digest;
}

}  // namespace

absl::StatusOr<MnistFiles> ReadMnist(const std::string& directory) {
  absl::StatusOr<LabeledImages> train = ReadPair(directory, "train");
  if (!train.ok()) return train.status();
  absl::StatusOr<LabeledImages> test = ReadPair(directory, "t10k");
  if (!test.ok()) return test.status();
  if (test->rows != train->rows || test->cols != train->cols) {
    return absl::InvalidArgumentError(absl::StrCat(
        directory, ": training images are ", train->rows, "x", train->cols,
        " but test images ", test->rows, "x", test->cols));
  }
  return MnistFiles{*std::move(train), *std::move(test)};
}

bool IsMnist(const MnistFiles& files) {
  return Matches(files.train, kTrainImagesDigest, kTrainLabelsDigest) &&
         Matches(files.test, kTestImagesDigest, kTestLabelsDigest);
}

absl::StatusOr<Mnist> LoadMnist(const std::string& directory,
                                const ImageOptions& options) {
  absl::StatusOr<MnistFiles> files = ReadMnist(directory);
  if (!files.ok()) return files.status();
  return Mnist{ImageDataset(std::move(files->train), options),
               ImageDataset(std::move(files->test), options)};
}

}  // namespace adjoint::data
