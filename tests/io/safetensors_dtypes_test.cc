// Tensors of dtypes that are not ours: converted, or refused by name.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "framework/io/safetensors.h"
#include "tests/io/hostile.h"
#include "tests/io/safetensors_bytes.h"

namespace adjoint::io {
namespace {

// One tensor of these bytes, converted.
absl::StatusOr<SafetensorsFile> Converted(const std::string& dtype, int n,
                                          const std::string& data) {
  return ParseSafetensors(
      SafetensorsBytes(
          absl::StrCat(R"({"x":{"dtype":")", dtype, R"(","shape":[)", n,
                       R"(],"data_offsets":[0,)", data.size(), "]}}"),
          data),
      "some/file", {.convert = true});
}

// The bytes of `values`, little-endian.
template <class T>
std::string LittleEndian(const std::vector<T>& values) {
  std::string bytes;
  for (T v : values) {
    for (size_t i = 0; i < sizeof(T); ++i) {
      bytes.push_back(static_cast<uint64_t>(v) >> 8 * i & 0xff);
    }
  }
  return bytes;
}

// IEEE 754-2008, table 3.5 and section 3.4: sign, 5 bits of exponent, 10 of
// fraction.
float ValueOfHalf(int bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const double magnitude = exponent == 31 ? (fraction == 0 ? INFINITY : NAN)
                           : exponent == 0
                               ? std::ldexp(fraction, -24)
                               : std::ldexp(1024 + fraction, exponent - 25);
  return static_cast<float>(bits >> 15 ? -magnitude : magnitude);
}

TEST(SafetensorsDTypes, WidensFloatsOf16BitsExactly) {
  std::vector<uint16_t> all(65536);
  for (int i = 0; i < 65536; ++i) all[i] = i;
  const auto half = Converted("F16", 65536, LittleEndian(all));
  const auto bfloat = Converted("BF16", 65536, LittleEndian(all));
  ASSERT_TRUE(half.ok() && bfloat.ok()) << half.status() << bfloat.status();
  const auto h = half->tensors[0].tensor.data<float>();
  const auto b = bfloat->tensors[0].tensor.data<float>();
  for (int i = 0; i < 65536; ++i) {
    const float wanted = ValueOfHalf(i);
    EXPECT_EQ(std::signbit(h[i]), i >> 15 != 0) << i;
    if (std::isnan(wanted)) {
      EXPECT_TRUE(std::isnan(h[i])) << i;
    } else {
      EXPECT_EQ(h[i], wanted) << i;
    }
    // The upper half of an f32.
    uint32_t bits;
    std::memcpy(&bits, &b[i], 4);
    EXPECT_EQ(bits, static_cast<uint32_t>(i) << 16);
  }
}

TEST(SafetensorsDTypes, NarrowsIntegersThatFit) {
  const std::vector<int64_t> values = {0, -1, 2147483647, -2147483648};
  const auto file = Converted("I64", 4, LittleEndian(values));
  ASSERT_TRUE(file.ok()) << file.status();
  ExpectSame(file->tensors[0].tensor,
             FromValues<int32_t>({4}, {0, -1, 2147483647, -2147483647 - 1}));
  for (int64_t beyond : {int64_t{2147483648}, int64_t{-2147483649},
                         std::numeric_limits<int64_t>::max(),
                         std::numeric_limits<int64_t>::min()}) {
    const auto status =
        Converted("I64", 2, LittleEndian<int64_t>({1, beyond})).status();
    EXPECT_EQ(status.message(),
              "some/file: offset 9: tensor \"x\": dtype I64 has a value beyond "
              "i32");
  }
}

TEST(SafetensorsDTypes, NamesTensorAndDTypeThatAreNotOurs) {
  const std::vector<std::pair<const char*, int>> dtypes = {
      {"BOOL", 8},        {"F4", 4},          {"F6_E2M3", 6}, {"F6_E3M2", 6},
      {"U8", 8},          {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8},
      {"F8_E5M2FNUZ", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E8M0", 8}, {"I16", 16},
      {"U16", 16},        {"U32", 32},        {"C64", 64},    {"U64", 64}};
  for (const auto& [dtype, bits] : dtypes) {
    const auto status = Converted(dtype, 4, std::string(bits / 2, 0)).status();
    EXPECT_TRUE(absl::IsUnimplemented(status));
    EXPECT_EQ(status.message(),
              absl::StrCat("some/file: offset 9: tensor \"x\": dtype ", dtype,
                           " is not supported"));
  }
}

TEST(SafetensorsDTypes, ConvertsOnlyIfAsked) {
  const std::pair<const char*, int> dtypes[] = {
      {"F16", 2}, {"BF16", 2}, {"I64", 8}};
  for (const auto& [dtype, size] : dtypes) {
    const std::string bytes = SafetensorsBytes(
        absl::StrCat(R"({"x":{"dtype":")", dtype,
                     R"(","shape":[1],"data_offsets":[0,)", size, "]}}"),
        std::string(size, 0));
    const auto status = ParseSafetensors(bytes, "some/file").status();
    EXPECT_EQ(status.message(),
              absl::StrCat("some/file: offset 9: tensor \"x\": dtype ", dtype,
                           " is read only if converting is asked for"));
    EXPECT_TRUE(ParseSafetensors(bytes, "", {.convert = true}).ok());
  }
}

}  // namespace
}  // namespace adjoint::io
