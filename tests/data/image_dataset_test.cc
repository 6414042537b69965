#include "framework/data/image_dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "framework/base/error.h"
#include "framework/base/parallel_for.h"
#include "framework/core/tensor.h"
#include "tests/data/error_of.h"

namespace adjoint::data {
namespace {

// Image i has the label i % 10, and i in base 256 as its first two pixels.
LabeledImages Numbered(int64_t count, int64_t rows, int64_t cols) {
  LabeledImages images{.count = count, .rows = rows, .cols = cols};
  images.pixels.resize(count * rows * cols);
  for (int64_t i = 0; i < count; ++i) {
    images.pixels[i * rows * cols] = i / 256;
    images.pixels[i * rows * cols + 1] = i % 256;
    images.labels.push_back(i % 10);
  }
  return images;
}

// One image [1, 256] with every pixel once.
LabeledImages AllPixels() {
  LabeledImages images{.count = 1, .rows = 1, .cols = 256};
  images.pixels.resize(256);
  std::iota(images.pixels.begin(), images.pixels.end(), 0);
  images.labels = {3};
  return images;
}

static_assert(!std::is_copy_constructible_v<ImageDataset>);

TEST(ImageDataset, ScalesPixelsToUnitIntervalExactly) {
  const Batch batch = ImageDataset(AllPixels()).Gather({0});
  const auto x = batch.x.data<float>();
  EXPECT_EQ(x[0], 0.0f);
  EXPECT_EQ(x[255], 1.0f);
  // The f32 nearest to p / 255: division is rounded correctly.
  for (int p = 0; p < 256; ++p) {
    EXPECT_EQ(x[p], static_cast<float>(p) / 255.0f) << p;
  }
}

TEST(ImageDataset, AppliesScaleAndOffsetInF64) {
  const ImageDataset set(
      AllPixels(), {.scale = 0.125, .offset = -3.5, .dtype = DType::kF64});
  const Batch batch = set.Gather({0});
  for (int p = 0; p < 256; ++p) {
    EXPECT_EQ(batch.x.data<double>()[p], p * 0.125 - 3.5) << p;
  }
}

// An offset that the processor may or may not fuse with the product; whichever
// it is, a pixel's value is the fma, at any place in an image.
TEST(ImageDataset, RoundsOnceForAnyScaleOffsetAndPlace) {
  LabeledImages images = {.count = 1, .rows = 1, .cols = 0};
  for (int length = 1; length <= 40; ++length) {
    for (int i = 0; i < length; ++i) images.pixels.push_back(i * 37 + length);
  }
  images.cols = static_cast<int64_t>(images.pixels.size());
  images.labels = {0};
  for (double scale : {1 / (255 * 0.3081), 1.0 / 255, 0.1, 1e-30, 3.0}) {
    for (double offset : {-0.1307 / 0.3081, 0.0, -0.1, 1e-3}) {
      const Batch f32 =
          ImageDataset(images, {.scale = scale, .offset = offset}).Gather({0});
      const Batch f64 =
          ImageDataset(images,
                       {.scale = scale, .offset = offset, .dtype = DType::kF64})
              .Gather({0});
      for (size_t i = 0; i < images.pixels.size(); ++i) {
        const double value = std::fma(images.pixels[i], scale, offset);
        ASSERT_EQ(f64.x.data<double>()[i], value);
        ASSERT_EQ(f32.x.data<float>()[i], static_cast<float>(value));
      }
    }
  }
}

TEST(ImageDataset, TellsWhatItsPicturesAre) {
  LabeledImages images = Numbered(4, 3, 2);
  images.checksum = "crc32 0badcafe";
  for (int i = 0; i < 10; ++i)
    images.class_names.push_back(std::string(1, 'a' + i));
  const DatasetInfo info =
      ImageDataset(images, {.scale = 2, .offset = -5}).info();
  EXPECT_EQ(info.picture, Shape({3, 2}));
  EXPECT_EQ(info.black, -5);
  EXPECT_EQ(info.white, 505);
  EXPECT_EQ(info.class_names[1], "b");
  EXPECT_EQ(info.checksum, "crc32 0badcafe");
  images.class_names.pop_back();
  EXPECT_EQ(ErrorOf<ValueError>([&] { ImageDataset{images}; }),
            "ImageDataset: 9 names for 10 classes");
}

TEST(ImageDataset, KeepsChannelsApart) {
  LabeledImages images = {.count = 2, .rows = 1, .cols = 2, .channels = 3};
  images.pixels = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  images.labels = {0, 1};
  const ImageDataset set(images, {.scale = 1, .flat = false});
  EXPECT_EQ(set.Gather({1}).x.shape(), Shape({1, 3, 1, 2}));
  EXPECT_EQ(set.Gather({1}).x.data<float>()[2], 8);
  EXPECT_EQ(set.info().picture, Shape({3, 1, 2}));
  EXPECT_EQ(ImageDataset(images).Gather({0}).x.shape(), Shape({1, 6}));
}

TEST(ImageDataset, GivesFlatImagesOrImagesWithOneChannel) {
  const ImageDataset flat(Numbered(4, 3, 2));
  EXPECT_EQ(flat.Gather({0, 3}).x.shape(), Shape({2, 6}));
  const ImageDataset square(Numbered(4, 3, 2), {.flat = false});
  EXPECT_EQ(square.Gather({0, 3}).x.shape(), Shape({2, 1, 3, 2}));
  EXPECT_EQ(square.Gather({}).x.shape(), Shape({0, 1, 3, 2}));
}

TEST(ImageDataset, TellsItsSizes) {
  const ImageDataset set(Numbered(4, 3, 2));
  EXPECT_EQ(set.size(), 4);
  EXPECT_EQ(set.rows(), 3);
  EXPECT_EQ(set.cols(), 2);
  EXPECT_EQ(set.classes(), 10);
}

// 700 images of 150 pixels are several chunks.
TEST(ImageDataset, KeepsImagesAndLabelsTogetherWithAnyNumberOfThreads) {
  constexpr int64_t kCount = 700, kPixels = 150;
  const ImageDataset set(Numbered(kCount, 10, 15), {.scale = 1});
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < kCount; ++i) rows.push_back(i * 3 % kCount);
  rows.push_back(0);
  for (int threads : {1, 4}) {
    SetNumThreads(threads);
    const Batch batch = set.Gather(rows);
    const auto x = batch.x.data<float>();
    const auto y = batch.y.data<int32_t>();
    ASSERT_EQ(batch.size(), kCount + 1);
    for (size_t i = 0; i < rows.size(); ++i) {
      const float* image = x.data() + i * kPixels;
      ASSERT_EQ(image[0] * 256 + image[1], rows[i]);
      ASSERT_EQ(y[i], rows[i] % 10);
      for (int64_t p = 2; p < kPixels; ++p) ASSERT_EQ(image[p], 0);
    }
  }
  SetNumThreads(0);
}

TEST(ImageDataset, RefillsABatchInItsOwnMemory) {
  const ImageDataset set(Numbered(20, 2, 1), {.scale = 1});
  Batch batch = set.Gather({3, 17});
  const float* const x = batch.x.data<float>().data();
  batch = set.Refill(std::move(batch), {19, 4}, 0);
  EXPECT_EQ(batch.x.data<float>().data(), x);
  EXPECT_THAT(batch.x.data<float>(), testing::ElementsAre(0, 19, 0, 4));
  EXPECT_THAT(batch.y.data<int32_t>(), testing::ElementsAre(9, 4));
  const Tensor kept = batch.x;
  batch = set.Refill(std::move(batch), {0, 1}, 0);
  EXPECT_THAT(kept.data<float>(), testing::ElementsAre(0, 19, 0, 4));
}

TEST(ImageDataset, RejectsImagesThatAreNotWhatTheySay) {
  LabeledImages images = Numbered(4, 3, 2);
  images.pixels.pop_back();
  EXPECT_EQ(ErrorOf<ShapeError>([&] { ImageDataset{images}; }),
            "ImageDataset: 23 pixels and 4 labels do not make images [4,3,2]");
  images = Numbered(4, 3, 2);
  images.labels.pop_back();
  EXPECT_THROW(ImageDataset{images}, ShapeError);
  images = Numbered(4, 3, 2);
  images.rows = images.cols = int64_t{1} << 40;
  EXPECT_THROW(ImageDataset{images}, ShapeError);
  images = Numbered(4, 3, 2);
  images.labels[2] = 10;
  EXPECT_EQ(ErrorOf<ValueError>([&] { ImageDataset{images}; }),
            "ImageDataset: label 10 is not below 10");
}

TEST(ImageDataset, RejectsAnIntegerDType) {
  EXPECT_THROW(ImageDataset(Numbered(4, 3, 2), {.dtype = DType::kI32}),
               DTypeError);
}

TEST(ImageDatasetDeathTest, ChecksThatRowsAreInRange) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const ImageDataset set(Numbered(2, 3, 2));
  EXPECT_DEATH(set.Gather({0, 2}), "check failed");
  EXPECT_DEATH(set.Gather({-1}), "check failed");
}

}  // namespace
}  // namespace adjoint::data
