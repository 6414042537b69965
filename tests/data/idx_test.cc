#include "framework/data/idx.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/data/idx_bytes.h"

namespace adjoint::data {
namespace {

// [2,3] of u8: 12 bytes of header, 6 of data.
std::string SmallFile() { return IdxHeader(0x08, 2, {2, 3}) + "abcdef"; }

template <class T>
std::vector<T> Elements(const IdxArray& array) {
  std::vector<T> elements(array.bytes.size() / sizeof(T));
  std::memcpy(elements.data(), array.bytes.data(), elements.size() * sizeof(T));
  return elements;
}

TEST(Idx, ReadsEveryElementTypeFromBigEndian) {
  struct {
    IdxType type;
    std::string bytes;  // Two elements.
  } const cases[] = {
      {IdxType::kU8, {"\x01\xff", 2}},
      {IdxType::kI8, {"\x01\xff", 2}},
      {IdxType::kI16, {"\x01\x02\xff\xfe", 4}},
      {IdxType::kI32, {"\x01\x02\x03\x04\xff\xff\xff\xfe", 8}},
      // IEEE 754 of 1 and -2.5.
      {IdxType::kF32, {"\x3f\x80\x00\x00\xc0\x20\x00\x00", 8}},
      {IdxType::kF64,
       {"\x3f\xf0\x00\x00\x00\x00\x00\x00\xc0\x04\x00\x00\x00\x00\x00\x00",
        16}},
  };
  for (const auto& c : cases) {
    const std::string file =
        IdxHeader(static_cast<int>(c.type), 1, {2}) + c.bytes;
    for (const std::string& contents : {file, Gzip(file)}) {
      const absl::StatusOr<IdxArray> a = ParseIdx(contents, "some/file");
      ASSERT_TRUE(a.ok()) << a.status();
      EXPECT_EQ(a->type, c.type);
      EXPECT_EQ(a->shape, std::vector<int64_t>({2}));
      switch (c.type) {
        case IdxType::kU8:
          EXPECT_EQ(Elements<uint8_t>(*a), std::vector<uint8_t>({1, 255}));
          break;
        case IdxType::kI8:
          EXPECT_EQ(Elements<int8_t>(*a), std::vector<int8_t>({1, -1}));
          break;
        case IdxType::kI16:
          EXPECT_EQ(Elements<int16_t>(*a), std::vector<int16_t>({258, -2}));
          break;
        case IdxType::kI32:
          EXPECT_EQ(Elements<int32_t>(*a),
                    std::vector<int32_t>({16909060, -2}));
          break;
        case IdxType::kF32:
          EXPECT_EQ(Elements<float>(*a), std::vector<float>({1, -2.5}));
          break;
        case IdxType::kF64:
          EXPECT_EQ(Elements<double>(*a), std::vector<double>({1, -2.5}));
          break;
      }
    }
  }
}

TEST(Idx, ReadsOneToFourDimensions) {
  const std::vector<uint32_t> sizes[] = {{6}, {2, 3}, {3, 1, 2}, {1, 2, 1, 3}};
  for (const std::vector<uint32_t>& shape : sizes) {
    const int rank = static_cast<int>(shape.size());
    const absl::StatusOr<IdxArray> a =
        ParseIdx(IdxHeader(0x08, rank, shape) + "abcdef", "some/file");
    ASSERT_TRUE(a.ok()) << a.status();
    EXPECT_EQ(a->shape, std::vector<int64_t>(shape.begin(), shape.end()));
    EXPECT_EQ(std::string(a->bytes.begin(), a->bytes.end()), "abcdef");
  }
}

TEST(Idx, ReadsAnArrayWithoutElements) {
  for (const std::vector<uint32_t>& shape :
       {std::vector<uint32_t>{0, 28, 28}, {28, 28, 0}, {0, 1u << 28, 5}}) {
    const std::string file = IdxHeader(0x0D, 3, shape);
    for (const std::string& contents : {file, Gzip(file)}) {
      const absl::StatusOr<IdxArray> a = ParseIdx(contents, "some/file");
      ASSERT_TRUE(a.ok()) << a.status();
      EXPECT_TRUE(a->bytes.empty());
    }
  }
}

// Longer than any block that the reader may take at once, and of a content
// whose every part differs.
TEST(Idx, InflatesManyBlocksWithoutAGap) {
  std::string file = IdxHeader(0x08, 2, {3000, 1000});
  for (uint32_t i = 0; i < 3000 * 1000; ++i) {
    file.push_back(static_cast<char>(i / 1000));
  }
  const absl::StatusOr<IdxArray> a = ParseIdx(Gzip(file), "some/file");
  ASSERT_TRUE(a.ok()) << a.status();
  EXPECT_EQ(std::string(a->bytes.begin(), a->bytes.end()), file.substr(12));
}

TEST(Idx, TellsPlainFromGzipByContentsNotByName) {
  const std::string path = testing::TempDir() + "/named.gz";
  for (const std::string& contents : {SmallFile(), Gzip(SmallFile())}) {
    WriteBytes(path, contents);
    const absl::StatusOr<IdxArray> a = ReadIdx(path);
    ASSERT_TRUE(a.ok()) << a.status();
    EXPECT_EQ(a->shape, std::vector<int64_t>({2, 3}));
  }
}

TEST(Idx, ReportsFilesThatCannotBeRead) {
  const std::string missing = testing::TempDir() + "/no-such-file";
  const absl::Status status = ReadIdx(missing).status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), missing)) << status;
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadIdx(testing::TempDir()).status()));
  const std::string empty = testing::TempDir() + "/empty";
  WriteBytes(empty, "");
  const absl::Status nothing = ReadIdx(empty).status();
  EXPECT_EQ(nothing.message(), absl::StrCat(empty,
                                            ": offset 0: magic: only 0 "
                                            "of 4 bytes are there"));
}

}  // namespace
}  // namespace adjoint::data
