// What safetensors files must not do: take memory, pass for what they are not,
// or end the process.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/io/safetensors.h"
#include "tests/io/hostile.h"
#include "tests/io/safetensors_bytes.h"

namespace adjoint::io {
namespace {

// Five faults that other readers in C++ were found to have in 2026.

TEST(SafetensorsRegression, ShapeIsCheckedAgainstOffsets) {
  ExpectRefused({"", R"("shape":[3],"data_offsets":[16,28])",
                 R"("shape":[1000000],"data_offsets":^[16,28])",
                 "tensor \"b\": data_offsets [16,28] are not the 32000000 "});
}

TEST(SafetensorsRegression, OffsetsAreCheckedAgainstTheFile) {
  const Damage damage = {"", R"("shape":[3],"data_offsets":[16,28])",
                         R"("shape":[250000],"data_offsets":^[16,1000016])",
                         "tensor \"b\": data_offsets [16,1000016] reach "
                         "beyond the 28 bytes of data"};
  ExpectRefused(damage);
  const size_t offset = SmallFile().find("[16,28]");
  ExpectMalformed(Refusal(SafetensorsBytes(kHeader, kData.substr(1))), offset,
                  "tensor \"b\": data_offsets [16,28] reach beyond the 27");
}

TEST(SafetensorsRegression, ProductsDoNotOverflow) {
  // 2^64 + 12 bytes would be the 12 that are there, and so would 2^66 + 12.
  for (const char* shape :
       {"[3,6148914691236517206]", "[4611686018427387907]",
        "[4294967296,4294967296]", "[2147483648,2147483648,4,3]",
        "[65536,65536,65536,65536,3]"}) {
    const auto status = Refusal(
        SafetensorsBytes(absl::StrCat(R"({"b":{"dtype":"I32","shape":)", shape,
                                      R"(,"data_offsets":[0,12]}})"),
                         kData.substr(0, 12)));
    EXPECT_TRUE(absl::StrContains(status.message(), "too large") ||
                absl::StrContains(status.message(), "2^53 or more"))
        << status;
  }
}

TEST(SafetensorsRegression, OffsetsDoNotUnderflow) {
  ExpectRefused({"", "[16,28]", "[16,^-1]", "tensor \"b\": a number is negat"});
  ExpectRefused({"", "[16,28]", "^[16,4]",
                 "tensor \"b\": data_offsets [16,4] end before they begin"});
  ExpectRefused({"", "[16,28]", "[^18446744073709551604,0]",
                 "tensor \"b\": a number is 2^53 or more"});
}

TEST(SafetensorsRegression, UnknownDTypeDoesNotSkipTheChecks) {
  ExpectRefused({"", R"("I32","shape":[3],"data_offsets":[16,28])",
                 R"(^"F7","shape":[-3],"data_offsets":[99,16])",
                 "tensor \"b\": unknown dtype \"F7\""});
  // Nor does one that is known and not ours: its size is checked first.
  ExpectRefused({"", R"("I32","shape":[3],"data_offsets":[16,28])",
                 R"("C64","shape":[3],"data_offsets":^[16,28])",
                 "tensor \"b\": data_offsets [16,28] are not the 192 bits"});
}

TEST(SafetensorsMalformed, AllocatesNothingForWhatIsOnlyDeclared) {
  const int64_t before = PeakMemory();
  // 2^52 and 2^59 elements, and a header of 100 MB.
  for (const char* shape : {"[4503599627370496]", "[268435456,2147483648]"}) {
    const std::string header = absl::StrCat(
        R"({"b":{"dtype":"U8","shape":)", shape, R"(,"data_offsets":[0,9]}})");
    EXPECT_FALSE(Refusal(SafetensorsBytes(header, "123456789")).ok());
  }
  EXPECT_FALSE(Refusal(LengthBytes(100000000) + "{").ok());
  EXPECT_LT(PeakMemory() - before, int64_t{4} << 20);
}

// The largest number of the smallest tensors, or of pairs.
std::string Crowd(int tensors, int pairs) {
  std::string header = R"({"__metadata__":{)";
  for (int i = 0; i < pairs; ++i) {
    absl::StrAppend(&header, i == 0 ? "" : ",", "\"", absl::Hex(i), "\":\"\"");
  }
  header += "}";
  for (int i = 0; i < tensors; ++i) {
    absl::StrAppend(&header, ",\"", absl::Hex(i),
                    R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})");
  }
  return SafetensorsBytes(header + "}");
}

TEST(SafetensorsMalformed, BoundsMemoryWhereTheHeaderIsTheWholeFile) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer takes several times the memory itself";
#endif
  constexpr int64_t kAllowed = int64_t{16} << 20;
  const std::string crowd = Crowd(16384, 16384);
  int64_t before = PeakMemory();
  EXPECT_TRUE(Refusal(crowd).ok()) << Refusal(crowd);
  EXPECT_LT(PeakMemory() - before, kAllowed + int64_t(crowd.size()));

  EXPECT_TRUE(absl::StrContains(Refusal(Crowd(16385, 0)).message(),
                                "name: more than 16384 tensors"));
  EXPECT_TRUE(absl::StrContains(Refusal(Crowd(0, 16385)).message(),
                                "__metadata__: more than 16384"));

  // One string of 32 MB, and one that has no end.
  std::string text(32000000, 'm');
  const std::string long_value =
      SafetensorsBytes(R"({"__metadata__":{"k":")" + text + "\"}}");
  const std::string endless = SafetensorsBytes("{\"" + text);
  text = std::string();
  before = PeakMemory();
  EXPECT_TRUE(Refusal(long_value).ok());
  EXPECT_FALSE(Refusal(endless).ok());
  EXPECT_LT(PeakMemory() - before, kAllowed + int64_t(long_value.size()));
}

TEST(SafetensorsMalformed, IsReportedWhenMemoryIsShort) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer needs the address space";
#endif
  const std::string bytes =
      *EncodeSafetensors({{{"x", Zeros({int64_t{16} << 20})}}});
  EXPECT_EXIT(
      ExitAsMemoryIsShort([&] { return ParseSafetensors(bytes, "some/file"); }),
      testing::ExitedWithCode(0), "");
}

TEST(SafetensorsMalformed, RefusesAFileCutAnywhere) {
  const std::string whole = SmallFile();
  for (size_t n = 0; n < whole.size(); ++n) {
    const absl::Status status = Refusal(whole.substr(0, n));
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << n << status;
  }
  EXPECT_FALSE(Refusal(whole + "x").ok());
}

TEST(SafetensorsMalformed, SurvivesRandomDamage) {
  const std::string whole = SmallFile();
  std::mt19937 bits(20260101);
  int refused = 0;
  for (int i = 0; i < 10000; ++i) {
    std::string contents = whole;
    const int flips = 1 + bits() % 3;
    for (int flip = 0; flip < flips; ++flip) {
      contents[bits() % contents.size()] ^= 1 << bits() % 8;
    }
    if (i % 16 == 15) contents.resize(bits() % contents.size());
    const auto file = ParseSafetensors(contents, "some/file");
    if (!file.ok()) {
      ++refused;
      continue;
    }
    // What was accepted can be written, and is then what it was.
    const auto again = EncodeSafetensors(file->tensors, file->metadata);
    ASSERT_TRUE(again.ok()) << again.status();
    const auto reread = ParseSafetensors(*again, "again");
    ASSERT_TRUE(reread.ok()) << reread.status();
    EXPECT_EQ(reread->metadata, file->metadata);
    ASSERT_EQ(reread->tensors.size(), file->tensors.size());
    for (size_t t = 0; t < file->tensors.size(); ++t) {
      EXPECT_EQ(reread->tensors[t].name, file->tensors[t].name);
      ExpectSame(reread->tensors[t].tensor, file->tensors[t].tensor);
    }
  }
  EXPECT_GT(refused, 5000);
  EXPECT_LT(refused, 9900);
}

}  // namespace
}  // namespace adjoint::io
