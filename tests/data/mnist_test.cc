#include "framework/data/mnist.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "framework/base/file.h"
#include "tests/data/idx_bytes.h"

namespace adjoint::data {
namespace {

std::string Images(uint32_t n, uint32_t rows, uint32_t cols) {
  std::string file = IdxHeader(0x08, 3, {n, rows, cols});
  for (uint32_t i = 0; i < n * rows * cols; ++i) {
    file.push_back(static_cast<char>(i));
  }
  return file;
}

// Labels that count 0, 1, ..., 9, 0, ...
std::string Labels(uint32_t n) {
  std::string file = IdxHeader(0x08, 1, {n});
  for (uint32_t i = 0; i < n; ++i) file.push_back(static_cast<char>(i % 10));
  return file;
}

// A directory with a good set of four files: 12 images to train, 5 to test,
// each 3 x 2.
class MnistTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = absl::StrCat(
        testing::TempDir(), "/",
        testing::UnitTest::GetInstance()->current_test_info()->name());
    ASSERT_TRUE(MakeDirectories(directory_).ok());
    WriteSet("");
  }

  void WriteSet(const std::string& suffix) {
    for (const auto& [name, contents] :
         {std::pair("train-images-idx3-ubyte", Images(12, 3, 2)),
          std::pair("train-labels-idx1-ubyte", Labels(12)),
          std::pair("t10k-images-idx3-ubyte", Images(5, 3, 2)),
          std::pair("t10k-labels-idx1-ubyte", Labels(5))}) {
      Write(absl::StrCat(name, suffix),
            suffix.empty() ? contents : Gzip(contents));
    }
  }

  void Write(const std::string& name, const std::string& contents) {
    WriteBytes(Path(name), contents);
  }

  std::string Path(const std::string& name) {
    return absl::StrCat(directory_, "/", name);
  }

  // The error of reading the directory, which must be one line.
  std::string ReadError() {
    const absl::Status status = ReadMnist(directory_).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_FALSE(absl::StrContains(status.message(), "\n")) << status;
    return std::string(status.message());
  }

  std::string directory_;
};

void ExpectGoodSet(const absl::StatusOr<MnistFiles>& files) {
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(files->train.count, 12);
  EXPECT_EQ(files->test.count, 5);
  for (const LabeledImages* set : {&files->train, &files->test}) {
    EXPECT_EQ(set->rows, 3);
    EXPECT_EQ(set->cols, 2);
    EXPECT_EQ(set->classes, 10);
    std::vector<uint8_t> pixels(set->count * 6);
    std::iota(pixels.begin(), pixels.end(), 0);
    EXPECT_EQ(set->pixels, pixels);
    std::vector<uint8_t> labels(set->count);
    for (int64_t i = 0; i < set->count; ++i) labels[i] = i % 10;
    EXPECT_EQ(set->labels, labels);
  }
  EXPECT_FALSE(IsMnist(*files));
}

TEST_F(MnistTest, ReadsPlainFiles) { ExpectGoodSet(ReadMnist(directory_)); }

TEST_F(MnistTest, ReadsGzipFiles) {
  WriteSet(".gz");
  for (const char* name :
       {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}) {
    ASSERT_EQ(std::remove(Path(name).c_str()), 0);
  }
  ExpectGoodSet(ReadMnist(directory_));
}

TEST_F(MnistTest, PrefersThePlainFile) {
  Write("train-images-idx3-ubyte.gz", "not even gzip");
  ExpectGoodSet(ReadMnist(directory_));
}

TEST_F(MnistTest, DoesNotHideABrokenPlainFileBehindAGoodGzipOne) {
  WriteSet(".gz");
  Write("t10k-labels-idx1-ubyte", "");
  EXPECT_TRUE(absl::StartsWith(
      ReadError(), Path("t10k-labels-idx1-ubyte") + ": offset 0: magic: "));
}

TEST_F(MnistTest, NamesBothFormsOfAMissingFile) {
  for (const char* name :
       {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}) {
    WriteSet("");
    ASSERT_EQ(std::remove(Path(name).c_str()), 0);
    const absl::Status status = ReadMnist(directory_).status();
    EXPECT_TRUE(absl::IsNotFound(status)) << status;
    EXPECT_EQ(status.message(), absl::StrCat(Path(name), ": not found, nor is ",
                                             name, ".gz beside it"));
  }
}

TEST_F(MnistTest, RecognizesSwappedImages) {
  Write("train-images-idx3-ubyte", Labels(12));
  EXPECT_EQ(ReadError(), Path("train-images-idx3-ubyte") +
                             ": expected images [n,rows,cols] of u8, none of "
                             "them 0, found labels [12] of u8");
}

TEST_F(MnistTest, RecognizesSwappedLabels) {
  Write("t10k-labels-idx1-ubyte", Images(5, 3, 2));
  EXPECT_EQ(ReadError(), Path("t10k-labels-idx1-ubyte") +
                             ": expected labels [n] of u8, found images "
                             "[5,3,2] of u8");
}

TEST_F(MnistTest, RefusesOtherElementTypes) {
  Write("train-labels-idx1-ubyte", IdxHeader(0x09, 1, {12}) + "            ");
  EXPECT_TRUE(absl::EndsWith(ReadError(), "found [12] of i8"));
  Write("train-images-idx3-ubyte", IdxHeader(0x09, 3, {1, 1, 1}) + "x");
  EXPECT_TRUE(absl::EndsWith(ReadError(), "found [1,1,1] of i8"));
}

TEST_F(MnistTest, RefusesImagesWithoutPixels) {
  for (auto [n, rows, cols] :
       {std::array<uint32_t, 3>{0, 3, 2}, {12, 0, 2}, {12, 3, 0}}) {
    Write("train-images-idx3-ubyte", Images(n, rows, cols));
    EXPECT_TRUE(absl::StrContains(ReadError(), "none of them 0, found images"));
  }
}

TEST_F(MnistTest, RefusesCountsThatDiffer) {
  Write("train-labels-idx1-ubyte", Labels(11));
  EXPECT_EQ(ReadError(), Path("train-labels-idx1-ubyte") +
                             ": expected 12 labels, one an image, found 11");
  Write("train-labels-idx1-ubyte", Labels(13));
  EXPECT_TRUE(absl::EndsWith(ReadError(), "found 13"));
}

TEST_F(MnistTest, RefusesALabelOfTen) {
  std::string labels = Labels(5);
  labels.back() = 10;
  Write("t10k-labels-idx1-ubyte", labels);
  EXPECT_EQ(ReadError(), Path("t10k-labels-idx1-ubyte") +
                             ": expected labels from 0 to 9, found 10 for "
                             "image 4");
}

TEST_F(MnistTest, RefusesTestImagesOfAnotherSize) {
  Write("t10k-images-idx3-ubyte", Images(5, 2, 2));
  EXPECT_EQ(ReadError(),
            directory_ + ": training images are 3x2 but test images 2x2");
  Write("t10k-images-idx3-ubyte", Images(5, 3, 3));
  EXPECT_EQ(ReadError(),
            directory_ + ": training images are 3x2 but test images 3x3");
}

TEST_F(MnistTest, LoadsBothSetsAsDataSets) {
  absl::StatusOr<Mnist> mnist =
      LoadMnist(directory_, {.scale = 1, .flat = false});
  ASSERT_TRUE(mnist.ok()) << mnist.status();
  EXPECT_EQ(mnist->train.size(), 12);
  EXPECT_EQ(mnist->test.size(), 5);
  for (const ImageDataset* set : {&mnist->train, &mnist->test}) {
    EXPECT_EQ(set->classes(), 10);
    const Batch batch = set->Gather({4});
    EXPECT_EQ(batch.x.shape(), Shape({1, 1, 3, 2}));
    for (int i = 0; i < 6; ++i) EXPECT_EQ(batch.x.data<float>()[i], 24 + i);
    EXPECT_EQ(batch.y.data<int32_t>()[0], 4);
  }
}

TEST_F(MnistTest, LoadingReturnsTheErrorOfReading) {
  Write("t10k-labels-idx1-ubyte", "");
  EXPECT_EQ(LoadMnist(directory_).status(), ReadMnist(directory_).status());
  EXPECT_TRUE(absl::IsInvalidArgument(LoadMnist(directory_).status()));
}

// "cat IMAGES LABELS | gzip | tail -c8 | xxd" tells it of the plain files.
TEST_F(MnistTest, TheChecksumIsThatOfImagesAndLabelsInOne) {
  const std::string both = Images(12, 3, 2) + Labels(12);
  const std::string zipped = Gzip(both);
  const auto byte = [&](int i) {
    return static_cast<uint8_t>(zipped[zipped.size() - 8 + i]);
  };
  const std::string expected = absl::StrFormat(
      "crc32 %02x%02x%02x%02x", byte(3), byte(2), byte(1), byte(0));
  EXPECT_EQ(ReadMnist(directory_)->train.checksum, expected);
  for (const char* name :
       {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"}) {
    std::remove(Path(name).c_str());
  }
  Write("train-images-idx3-ubyte.gz", Gzip(Images(12, 3, 2)));
  Write("train-labels-idx1-ubyte.gz", Gzip(Labels(12)));
  EXPECT_EQ(ReadMnist(directory_)->train.checksum, expected);
  EXPECT_NE(ReadMnist(directory_)->test.checksum, expected);
}

TEST(Mnist, TheBundledFilesAreThePublishedOnes) {
  absl::StatusOr<MnistFiles> files = ReadMnist("models/data/mnist");
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(files->train.count, 60000);
  EXPECT_EQ(files->test.count, 10000);
  EXPECT_EQ(files->train.rows, 28);
  EXPECT_EQ(files->train.cols, 28);
  // The first digits of the two sets, as every MNIST tutorial shows them.
  EXPECT_EQ(files->train.labels[0], 5);
  EXPECT_EQ(files->test.labels[0], 7);
  EXPECT_TRUE(IsMnist(*files));

  // Any one bit of the four files makes it another set.
  for (std::vector<uint8_t>* bytes :
       {&files->train.pixels, &files->train.labels, &files->test.pixels,
        &files->test.labels}) {
    bytes->back() ^= 1;
    EXPECT_FALSE(IsMnist(*files));
    bytes->back() ^= 1;
  }
}

}  // namespace
}  // namespace adjoint::data
