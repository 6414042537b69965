#include "framework/io/safetensors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/base/file.h"
#include "tests/io/hostile.h"
#include "tests/io/safetensors_bytes.h"

namespace adjoint::io {
namespace {

using Metadata = std::map<std::string, std::string>;

TEST(Safetensors, WritesTheBytesOfTheFormat) {
  const auto bytes = EncodeSafetensors({{{"z", FromValues({2}, {1, -2})},
                                         {"n", FromValues<int32_t>({}, {258})},
                                         {"a\"b", FromValues({1, 1}, {0.5})},
                                         {"d", FromValues<double>({1}, {1})},
                                         {"none", Zeros({0, 3})}}},
                                       {{"b", "2\n"}, {"a", "\x01/\xc3\xa4"}});
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  // F64 before F32 before I32, by name within; 3 blanks of padding.
  const std::string header =
      R"({"__metadata__":{"a":"\u0001/)"
      "\xc3\xa4"
      R"(","b":"2\n"},)"
      R"("d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},)"
      R"("a\"b":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]},)"
      R"("none":{"dtype":"F32","shape":[0,3],"data_offsets":[12,12]},)"
      R"("z":{"dtype":"F32","shape":[2],"data_offsets":[12,20]},)"
      R"("n":{"dtype":"I32","shape":[],"data_offsets":[20,24]}})";
  const std::string padded = header + std::string(-header.size() % 8, ' ');
  const std::string data(
      "\0\0\0\0\0\0\xf0\x3f"
      "\0\0\0\x3f"
      "\0\0\x80\x3f\0\0\0\xc0"
      "\x02\x01\0\0",
      24);
  EXPECT_EQ(*bytes, SafetensorsBytes(padded, data));
}

TEST(Safetensors, WritesAFileOfNothing) {
  const auto bytes = EncodeSafetensors({});
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(*bytes, SafetensorsBytes("{}      "));
  const auto file = ParseSafetensors(*bytes, "some/file");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->tensors.empty());
}

TEST(Safetensors, ReadsAllThatTheFormatAllows) {
  // Blanks between, fields and tensors in any order, escapes, an empty name, a
  // dozen empty tensors in one place, an odd number of bytes before an f64.
  const auto file = ParseSafetensors(
      SafetensorsBytes(
          "{ \"b\\/\\u00e4\\ud83d\\ude00\" :\t{\"data_offsets\" : [ 4 , 12 ],\n"
          R"("shape":[ ],"dtype":"\u0046\u00364"},)"
          R"("e2":{"dtype":"I32","shape":[5,0],"data_offsets":[4,4]},)"
          R"("":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},)"
          R"("e1":{"dtype":"F32","shape":[0],"data_offsets":[4,4]},)"
          R"("__metadata__":{"\t":"\\\"\b\f\n\r\t","":""}}   )",
          std::string("\x07\0\0\0\0\0\0\0\0\0\xf0\x3f", 12)),
      "some/file");
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_EQ(file->tensors.size(), 4u);
  EXPECT_EQ(file->tensors[0].name, "");
  ExpectSame(file->tensors[0].tensor, FromValues<int32_t>({1}, {7}));
  EXPECT_EQ(file->tensors[1].name, "e2");
  ExpectSame(file->tensors[1].tensor, Zeros({5, 0}, DType::kI32));
  EXPECT_EQ(file->tensors[2].name, "e1");
  EXPECT_EQ(file->tensors[3].name, "b/\xc3\xa4\xf0\x9f\x98\x80");
  ExpectSame(file->tensors[3].tensor, FromValues<double>({}, {1}));
  EXPECT_EQ(file->metadata, (Metadata{{"\t", "\\\"\b\f\n\r\t"}, {"", ""}}));
}

TEST(Safetensors, ReadsElementsAtAnyAddress) {
  const std::string name(1, 'n');
  for (int blanks = 0; blanks < 8; ++blanks) {
    const auto file = ParseSafetensors(
        SafetensorsBytes(
            R"({"x":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}})" +
                std::string(blanks, ' '),
            std::string("\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\xc0", 16)),
        "some/file");
    ASSERT_TRUE(file.ok()) << file.status();
    ExpectSame(file->tensors[0].tensor, FromValues<double>({2}, {1, -2}));
  }
}

// Any text: quotation marks, control characters if allowed, all of Unicode.
std::string RandomText(std::mt19937& bits, bool control) {
  static const char* const kPieces[] = {"a",
                                        ".",
                                        "\"",
                                        "\\",
                                        "/",
                                        " ",
                                        "{",
                                        "\xc3\xa4",
                                        "\xe2\x82\xac",
                                        "\xef\xbf\xbf",
                                        "\xf4\x8f\xbf\xbf",
                                        "\xc2\xa0",
                                        "\xed\x9f\xbf"};
  static const char* const kControl[] = {"\n", "\x01", "\x1f", "\x7f",
                                         "\xc2\x9b"};
  std::string text;
  for (int n = bits() % 9; n > 0; --n) {
    if (control && bits() % 3 == 0) {
      text += bits() % 9 == 0 ? std::string(1, '\0')
                              : kControl[bits() % std::size(kControl)];
    } else {
      text += kPieces[bits() % std::size(kPieces)];
    }
  }
  return text;
}

// Up to five axes and any bits: infinities, NaN of all kinds, subnormals.
Tensor RandomTensor(std::mt19937& bits) {
  const DType dtype = static_cast<DType>(bits() % 3);
  std::vector<int64_t> dims(bits() % 6);
  for (int64_t& d : dims) d = bits() % 16 == 0 ? 0 : 1 + bits() % 4;
  const Shape shape(dims);
  std::string bytes(shape.size() * SizeOf(dtype), 0);
  for (char& c : bytes) c = bits();
  return FromBytes(dtype, shape, bytes);
}

TEST(Safetensors, ReadsBitForBitWhatWasWritten) {
  const std::string path = testing::TempDir() + "round_trip.safetensors";
  std::mt19937 bits(1);
  for (int i = 0; i < 100; ++i) {
    std::map<std::string, Tensor> tensors;
    for (int n = bits() % 7; n > 0; --n) {
      tensors[RandomText(bits, false)] = RandomTensor(bits);
    }
    Metadata metadata;
    for (int n = bits() % 4; n > 0; --n) {
      metadata[RandomText(bits, true)] = RandomText(bits, true);
    }
    std::vector<NamedTensor> list;
    for (const auto& [name, x] : tensors) list.push_back({name, x});
    std::shuffle(list.begin(), list.end(), bits);

    const absl::Status written = WriteSafetensors(path, list, metadata);
    ASSERT_TRUE(written.ok()) << written;
    const auto file = ReadSafetensors(path);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(file->metadata, metadata);
    ASSERT_EQ(file->tensors.size(), tensors.size());
    for (const NamedTensor& t : file->tensors) {
      ASSERT_EQ(tensors.count(t.name), 1u);
      ExpectSame(t.tensor, tensors[t.name]);
    }
    // The order of the list does not matter.
    std::shuffle(list.begin(), list.end(), bits);
    EXPECT_EQ(*EncodeSafetensors(list, metadata), *ReadFile(path));
  }
}

TEST(Safetensors, DoesNotWriteWhatItWouldNotRead) {
  const Tensor x = Zeros({1});
  const auto problem = [](const std::vector<NamedTensor>& tensors,
                          const Metadata& metadata = {}) {
    const auto bytes = EncodeSafetensors(tensors, metadata);
    EXPECT_TRUE(absl::IsInvalidArgument(bytes.status())) << bytes.status();
    return std::string(bytes.status().message());
  };
  const auto has = [](const std::string& text, const char* part) {
    return absl::StrContains(text, part) ? "" : text;
  };
  EXPECT_EQ(has(problem({{"x", x}, {"x", x}}), "\"x\": occurs twice"), "");
  EXPECT_EQ(has(problem({{"__metadata__", x}}), "is taken"), "");
  EXPECT_EQ(has(problem({{"a\nb", x}}), "control character in a name: \"a\\nb"),
            "");
  EXPECT_EQ(has(problem({{"\xc2\x80", x}}), "control character"), "");
  EXPECT_EQ(has(problem({{"\xc2", x}}), "name is not UTF-8: \"\\xc2\""), "");
  EXPECT_EQ(has(problem({{std::string(1025, 'n'), x}}), "longer than 1024"),
            "");
  EXPECT_EQ(has(problem({}, {{"k", "\xff"}}), "\"k\" is not UTF-8"), "");
  EXPECT_EQ(has(problem({}, {{"\xff", "v"}}), "is not UTF-8"), "");
  std::vector<NamedTensor> many;
  for (int i = 0; i <= 16384; ++i) many.push_back({absl::StrCat(i), x});
  EXPECT_EQ(has(problem(many), "more than 16384"), "");
  many.pop_back();
  EXPECT_TRUE(EncodeSafetensors(many).ok());

  EXPECT_THROW(EncodeSafetensors({{{"x", Tensor()}}}).IgnoreError(), Error);
  EXPECT_THROW(EncodeSafetensors({{{"x", x.Ghost()}}}).IgnoreError(),
               ValueError);
}

TEST(Safetensors, AllowsTheLongestName) {
  const std::string name(1024, 'n');
  const auto bytes = EncodeSafetensors({{{name, Zeros({1})}}});
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_EQ(ParseSafetensors(*bytes, "")->tensors[0].name, name);
}

TEST(Safetensors, PassesOnWhatTheDiskSays) {
  const std::string nowhere = testing::TempDir() + "nowhere/x.safetensors";
  EXPECT_TRUE(absl::IsNotFound(ReadSafetensors(nowhere).status()));
  EXPECT_TRUE(absl::IsNotFound(WriteSafetensors(nowhere, {})));
}

}  // namespace
}  // namespace adjoint::io
