#include "framework/data/cifar10.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/base/file.h"
#include "tests/data/idx_bytes.h"

namespace adjoint::data {
namespace {

// `n` images of the classes first, first + 1, ...; channel k of image i has the
// value 10 i + k in every pixel.
std::string File(int n, int first = 0) {
  std::string file;
  for (int i = 0; i < n; ++i) {
    file.push_back(static_cast<char>((first + i) % 10));
    for (int k = 0; k < 3; ++k) {
      file += std::string(1024, static_cast<char>(10 * i + k));
    }
  }
  return file;
}

TEST(Cifar10, ReadsLabelsAndPlanesOfColour) {
  for (const std::string& contents : {File(3, 7), Gzip(File(3, 7))}) {
    const absl::StatusOr<LabeledImages> images = ParseCifar10(contents, "f");
    ASSERT_TRUE(images.ok()) << images.status();
    EXPECT_EQ(images->count, 3);
    EXPECT_EQ(images->labels, (std::vector<uint8_t>{7, 8, 9}));
    const ImageDataset set(*images, {.scale = 1, .flat = false});
    const Batch batch = set.Gather({2});
    EXPECT_EQ(batch.x.shape(), Shape({1, 3, 32, 32}));
    for (int k = 0; k < 3; ++k) {
      EXPECT_EQ(batch.x.data<float>()[1024 * k], 20 + k);
      EXPECT_EQ(batch.x.data<float>()[1024 * k + 1023], 20 + k);
    }
    EXPECT_EQ(set.info().picture, Shape({3, 32, 32}));
    EXPECT_EQ(set.info().class_names.front(), "airplane");
    EXPECT_EQ(set.info().class_names.back(), "truck");
  }
}

TEST(Cifar10, LoadsTheSixFilesOfADirectory) {
  const std::string directory = absl::StrCat(testing::TempDir(), "/cifar");
  ASSERT_TRUE(MakeDirectories(directory).ok());
  EXPECT_TRUE(absl::IsNotFound(LoadCifar10(directory).status()));
  std::string all;
  for (int i = 1; i <= 5; ++i) {
    WriteBytes(absl::StrCat(directory, "/data_batch_", i, ".bin"), File(2, i));
    all += File(2, i);
  }
  EXPECT_TRUE(absl::IsNotFound(LoadCifar10(directory).status()));
  WriteBytes(directory + "/test_batch.bin", File(1, 9));
  const absl::StatusOr<Cifar10> cifar = LoadCifar10(directory);
  ASSERT_TRUE(cifar.ok()) << cifar.status();
  EXPECT_EQ(cifar->train.size(), 10);
  EXPECT_EQ(cifar->test.size(), 1);
  EXPECT_EQ(cifar->train.Gather({8}).y.data<int32_t>()[0], 5);
  EXPECT_EQ(cifar->train.info().checksum, ParseCifar10(all, "f")->checksum);
}

TEST(Cifar10, RefusesFilesThatAreNotWholeImages) {
  const auto expect = [](const std::string& file, const std::string& message) {
    for (const std::string& contents : {file, Gzip(file)}) {
      const absl::Status status = ParseCifar10(contents, "some/file").status();
      EXPECT_TRUE(absl::IsInvalidArgument(status));
      EXPECT_EQ(status.message(), "some/file: " + message);
    }
  };
  expect("", "offset 0: image: there is none");
  for (int left : {1, 2, 100, 1024, 3071, 3072}) {
    for (int whole : {0, 1, 2}) {
      expect(File(whole) + std::string(left, '\0'),
             absl::StrCat("offset ", 3073 * whole, ": image: only ", left,
                          " of 3073 bytes are there"));
    }
  }
  for (int label : {10, 11, 127, 128, 255}) {
    for (int at : {0, 1, 2}) {
      std::string file = File(3);
      file[3073 * at] = static_cast<char>(label);
      expect(file, absl::StrCat("offset ", 3073 * at, ": label: ", label,
                                " is not 0 to 9"));
    }
  }
}

TEST(Cifar10, RefusesDamagedGzip) {
  const std::string whole = Gzip(File(1));
  for (size_t n = 2; n < whole.size(); ++n) {
    EXPECT_TRUE(absl::StrContains(
        ParseCifar10(whole.substr(0, n), "f").status().message(), "too early"));
  }
}

}  // namespace
}  // namespace adjoint::data
