#include "framework/data/npy.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/core/tensor.h"
#include "framework/io/npy.h"
#include "tests/data/idx_bytes.h"

namespace adjoint::data {
namespace {

// A file as numpy.save of NumPy 1.24 writes it: the header is padded to 118
// bytes.
std::string Npy(const std::string& descr, const std::string& shape,
                const std::string& elements) {
  std::string header =
      absl::StrCat("{'descr': '", descr,
                   "', 'fortran_order': False, 'shape': ", shape, ", }");
  header.resize(117, ' ');
  return std::string("\x93NUMPY\x01\x00v\x00", 10) + header + "\n" + elements;
}

// The path of a file with these contents.
std::string File(const std::string& name, const std::string& contents) {
  const std::string path = absl::StrCat(testing::TempDir(), "/", name);
  WriteBytes(path, contents);
  return path;
}

std::string Images(const std::string& shape = "(2, 2, 3)") {
  return File("images.npy", Npy("|u1", shape,
                                std::string("\x00\x01\x02\x03\x04\x05"
                                            "\x06\x07\x08\x09\x0a\xff",
                                            12)));
}

std::string Labels(const std::string& descr, const std::string& elements,
                   const std::string& shape = "(2,)") {
  return File("labels.npy", Npy(descr, shape, elements));
}

const std::string& TwoOfI8() {
  static const std::string& bytes =
      *new std::string("\x03\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0", 16);
  return bytes;
}

TEST(NpyImages, AreBytesWithLabelsOfAnyIntegers) {
  for (const std::string& labels :
       {Labels("|u1", "\x03\x01"), Labels("<i8", TwoOfI8()),
        Labels("<i4", std::string("\x03\0\0\0\x01\0\0\0", 8))}) {
    const auto set =
        LoadNpyImages(Images(), labels, {.scale = 1, .flat = false});
    ASSERT_TRUE(set.ok()) << set.status();
    EXPECT_EQ(set->size(), 2);
    EXPECT_EQ(set->classes(), 4);
    EXPECT_EQ(set->info().picture, Shape({2, 3}));
    const Batch batch = set->Gather({1});
    EXPECT_EQ(batch.x.shape(), Shape({1, 1, 2, 3}));
    EXPECT_EQ(batch.x.data<float>()[0], 6);
    EXPECT_EQ(batch.x.data<float>()[5], 255);
    EXPECT_EQ(batch.y.data<int32_t>()[0], 1);
  }
}

TEST(NpyImages, MayHaveChannels) {
  const std::string labels = Labels("|u1", std::string(1, '\0'), "(1,)");
  const auto set = LoadNpyImages(Images("(1, 3, 2, 2)"), labels,
                                 {.scale = 1, .flat = false});
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->Gather({0}).x.shape(), Shape({1, 3, 2, 2}));
  EXPECT_EQ(set->info().picture, Shape({3, 2, 2}));
  for (const char* shape : {"(3, 4)", "(1, 2, 2, 3)", "(12,)"}) {
    const std::string path = Images(shape);
    EXPECT_TRUE(absl::StartsWith(
        LoadNpyImages(path, labels).status().message(),
        path + ": expected images [n,rows,cols] or [n,1 or 3,rows,cols], none "
               "of them 0, found ["))
        << shape;
  }
}

TEST(NpyImages, RefusesLabelsThatDoNotFit) {
  const std::string images = Images();
  struct {
    std::string descr, elements, shape, problem;
  } const cases[] = {
      {"|u1", "abc", "(3,)",
       absl::StrCat("expected 2 rows, as in ", images, ", found 3")},
      {"|u1", "ab", "(2, 1)",
       "expected labels [n] of |u1, <i4 or <i8, found |u1 [2,1]"},
      {"|u1", "a", "(2,)",
       "offset 128: data: |u1 [2] takes 2 bytes, but 1 follow"},
      {"<f4", std::string(8, '\0'), "(2,)",
       "expected labels [n] of |u1, <i4 or <i8, found f32 [2]"},
      {"<i4", std::string("\x00\0\0\0\x00\1\0\0", 8), "(2,)",
       "expected labels from 0 to 255, found 256 for image 1"},
      {"<i4", std::string("\xff\xff\xff\xff\x00\0\0\0", 8), "(2,)",
       "expected labels from 0 to 255, found -1 for image 0"},
  };
  for (const auto& c : cases) {
    const std::string labels = Labels(c.descr, c.elements, c.shape);
    const absl::Status status = LoadNpyImages(images, labels).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_EQ(status.message(), absl::StrCat(labels, ": ", c.problem));
  }
  EXPECT_TRUE(absl::IsUnimplemented(
      LoadNpyImages(Labels("<i8", TwoOfI8()), images).status()));
  EXPECT_TRUE(absl::IsNotFound(LoadNpyImages("nowhere", images).status()));
  EXPECT_TRUE(absl::IsNotFound(LoadNpyImages(images, "nowhere").status()));
}

TEST(Npy, IsAnyTwoArraysWithARowAnExample) {
  const Tensor x = FromValues<double>({3, 2}, {1, 2, 3, 4, 5, 6});
  const std::string x_path = File("x.npy", io::EncodeNpy(x));
  const std::string y_path =
      File("y.npy", io::EncodeNpy(FromValues<int32_t>({3}, {7, 8, 9})));
  const auto set = LoadNpy(x_path, y_path);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->Gather({2}).x.data<double>()[1], 6);
  EXPECT_EQ(set->Gather({2}).y.data<int32_t>()[0], 9);
  EXPECT_EQ(set->info().checksum.substr(0, 6), "crc32 ");
  EXPECT_EQ(
      LoadNpy(x_path, File("two.npy", io::EncodeNpy(Zeros({2}))))
          .status()
          .message(),
      absl::StrCat(testing::TempDir(), "/two.npy: expected 3 rows, as in ",
                   x_path, ", found 2"));
  EXPECT_EQ(LoadNpy(File("one.npy", io::EncodeNpy(Zeros({}))), y_path)
                .status()
                .message(),
            absl::StrCat(testing::TempDir(),
                         "/one.npy: expected rows, found f32 []"));
}

}  // namespace
}  // namespace adjoint::data
