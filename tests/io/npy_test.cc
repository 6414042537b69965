#include "framework/io/npy.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "framework/base/error.h"
#include "tests/io/golden/numpy_files.h"
#include "tests/io/hostile.h"

namespace adjoint::io {
namespace {

TEST(Npy, ReadsWhatNumPyWrote) {
  for (const NumpyFile& golden : NumpyFiles()) {
    const std::string bytes = absl::HexStringToBytes(golden.bytes);
    const auto x = ParseNpy(bytes, "some/file");
    ASSERT_TRUE(x.ok()) << x.status();
    EXPECT_EQ(x->dtype(), golden.dtype);
    EXPECT_EQ(x->shape(), golden.shape);
    VisitDType(x->dtype(), [&](auto zero) {
      const auto elements = x->data<decltype(zero)>();
      for (int64_t i = 0; i < x->size(); ++i) EXPECT_EQ(elements[i], i - 2);
    });
  }
}

TEST(Npy, WritesWhatNumPyWrites) {
  int compared = 0;
  for (const NumpyFile& golden : NumpyFiles()) {
    const std::string bytes = absl::HexStringToBytes(golden.bytes);
    const bool ours = bytes[6] == 1 && !absl::StrContains(bytes, "True") &&
                      !absl::StrContains(bytes, "<i8");
    if (!ours) continue;
    EXPECT_TRUE(EncodeNpy(*ParseNpy(bytes, "some/file")) == bytes);
    ++compared;
  }
  EXPECT_EQ(compared, 6);
}

TEST(Npy, ReadsBitForBitWhatWasWritten) {
  const std::string path = testing::TempDir() + "round_trip.npy";
  std::mt19937 bits(1);
  for (int i = 0; i < 100; ++i) {
    const DType dtype = static_cast<DType>(bits() % 3);
    std::vector<int64_t> dims(bits() % 9);
    for (int64_t& d : dims) d = bits() % 16 == 0 ? 0 : 1 + bits() % 4;
    const Shape shape(dims);
    std::string bytes(shape.size() * SizeOf(dtype), 0);
    for (char& c : bytes) c = bits();
    const Tensor x = FromBytes(dtype, shape, bytes);

    const absl::Status written = WriteNpy(path, x);
    ASSERT_TRUE(written.ok()) << written;
    const auto read = ReadNpy(path);
    ASSERT_TRUE(read.ok()) << read.status();
    ExpectSame(*read, x);
  }
}

// numpy.save(file, numpy.arange(12, dtype=numpy.uint8).reshape(2, 2, 3))
TEST(Npy, ReadsBytes) {
  const auto file = [](const std::string& descr, const std::string& order,
                       const std::string& shape) {
    std::string header = "{'descr': '" + descr +
                         "', 'fortran_order': " + order +
                         ", 'shape': " + shape + ", }";
    header.resize(117, ' ');
    std::string bytes =
        std::string("\x93NUMPY\x01\x00v\x00", 10) + header + "\n";
    for (char c = 0; c < 12; ++c) bytes.push_back(c);
    return bytes;
  };
  const auto array =
      ParseNpyBytes(file("|u1", "False", "(2, 2, 3)"), "some/file");
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_EQ(array->shape, Shape({2, 2, 3}));
  for (int i = 0; i < 12; ++i) EXPECT_EQ(array->bytes[i], i);
  EXPECT_TRUE(ParseNpyBytes(file("|u1", "True", "(12,)"), "some/file").ok());
  EXPECT_EQ(ParseNpyBytes(file("|u1", "True", "(3, 4)"), "some/file")
                .status()
                .message(),
            "some/file: offset 20: descr: \"|u1\" in Fortran's order is not "
            "read");
  EXPECT_EQ(ParseNpyBytes(file("<f4", "False", "(3,)"), "some/file")
                .status()
                .message(),
            "some/file: offset 20: descr: \"<f4\" is not |u1");
  ExpectMalformed(
      ParseNpyBytes(file("|u1", "False", "(13,)"), "some/file").status(), 128,
      "data: |u1 [13] takes 13 bytes, but 12 follow");
}

TEST(Npy, AlignsTheElements) {
  for (int64_t extent = 1; extent < 2000000; extent *= 3) {
    const std::string bytes = EncodeNpy(Zeros({extent, 0, 1, 1}));
    EXPECT_EQ(bytes.size() % 64, 0u);
  }
}

TEST(Npy, ThrowsForWhatIsNoValue) {
  EXPECT_THROW(EncodeNpy(Tensor()), ValueError);
  EXPECT_THROW(EncodeNpy(Zeros({1}).Ghost()), ValueError);
}

TEST(Npy, PassesOnWhatTheDiskSays) {
  const std::string nowhere = testing::TempDir() + "nowhere/x.npy";
  EXPECT_TRUE(absl::IsNotFound(ReadNpy(nowhere).status()));
  EXPECT_TRUE(absl::IsNotFound(WriteNpy(nowhere, Zeros({1}))));
}

}  // namespace
}  // namespace adjoint::io
