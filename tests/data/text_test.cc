#include "framework/data/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "framework/base/error.h"
#include "framework/data/batches.h"
#include "tests/data/error_of.h"
#include "tests/data/idx_bytes.h"

namespace adjoint::data {
namespace {

using Ints = std::vector<int32_t>;

Ints Values(const Tensor& x) {
  return {x.data<int32_t>().begin(), x.data<int32_t>().end()};
}

std::string PathOf(const std::string& name) {
  return absl::StrCat(::testing::TempDir(), "/", name);
}

TEST(ReadText, GivesTheBytesOfPlainAndGzipFilesUnchanged) {
  const std::string large(300'000, 'x');
  for (const std::string& text :
       {std::string(), std::string("one line"), std::string("a\r\nb\r\n"),
        std::string("no\nend"), std::string("\xff\xfe\0\x80z", 5), large}) {
    WriteBytes(PathOf("plain.txt"), text);
    WriteBytes(PathOf("packed.txt"), Gzip(text));
    EXPECT_EQ(ReadText(PathOf("plain.txt")).value(), text);
    EXPECT_EQ(ReadText(PathOf("packed.txt")).value(), text);
  }
}

TEST(ReadText, RefusesEveryTruncationOfAGzipFile) {
  const std::string whole = Gzip("to be or not to be, that is the question");
  for (size_t n = 2; n < whole.size(); ++n) {
    const absl::Status status = ParseText(whole.substr(0, n), "t.gz").status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << n;
    EXPECT_EQ(
        status.message(),
        absl::StrCat("t.gz: offset ", n, ": gzip: the file ends too early"));
  }
}

TEST(ReadText, RefusesDamagedAndTrailingData) {
  std::string damaged = Gzip(std::string(1000, 'a'));
  damaged[damaged.size() - 6] ^= 1;  // In the checksum.
  EXPECT_TRUE(absl::IsInvalidArgument(ParseText(damaged, "t.gz").status()));
  EXPECT_TRUE(
      absl::StrContains(ParseText(Gzip("abc") + "d", "t.gz").status().message(),
                        "t.gz: offset 23: gzip: 1 bytes follow the end"));
}

TEST(ReadText, KeepsToTheGivenNumberOfBytes) {
  const std::string text(70'000, 'a');
  for (const std::string& contents : {text, Gzip(text)}) {
    EXPECT_EQ(ParseText(contents, "t", 70'000).value(), text);
    for (int64_t max_bytes : {69'999, 1'000, 0}) {
      const absl::Status status = ParseText(contents, "t", max_bytes).status();
      EXPECT_TRUE(absl::IsOutOfRange(status));
      EXPECT_EQ(status.message(),
                absl::StrCat("t: holds more than ", max_bytes, " bytes"));
    }
  }
  WriteBytes(PathOf("long.txt"), text);
  EXPECT_TRUE(absl::IsOutOfRange(ReadText(PathOf("long.txt"), 1).status()));
}

TEST(ReadText, SaysWhichFileIsMissing) {
  const absl::Status status = ReadText("no/such/file").status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "no/such/file"));
}

TEST(ShuffleLines, KeepsTheLinesAndEndsEach) {
  EXPECT_EQ(ShuffleLines("", 1), "");
  EXPECT_EQ(ShuffleLines("one", 1), "one\n");
  EXPECT_EQ(ShuffleLines("one\n", 1), "one\n");
  EXPECT_EQ(ShuffleLines("\n", 1), "\n");
  EXPECT_EQ(ShuffleLines("one\r\n", 1), "one\n");
  EXPECT_EQ(ShuffleLines("a\rb", 1), "a\rb\n");

  for (const char* text :
       {"a\nb\n\nc\xe9\nd", "a\r\nb\r\n\r\nc\xe9\r\nd\r\n"}) {
    std::vector<std::string> lines =
        absl::StrSplit(ShuffleLines(text, 7), '\n');
    std::sort(lines.begin(), lines.end());
    EXPECT_EQ(lines,
              (std::vector<std::string>{"", "", "a", "b", "c\xe9", "d"}));
  }
}

TEST(ShuffleLines, OrderDependsOnTheSeed) {
  std::string text;
  for (int i = 0; i < 100; ++i) absl::StrAppend(&text, i, "\n");
  EXPECT_EQ(ShuffleLines(text, 1), ShuffleLines(text, 1));
  EXPECT_NE(ShuffleLines(text, 1), ShuffleLines(text, 2));
  EXPECT_NE(ShuffleLines(text, 1), text);
}

TEST(SplitTail, CutsOffAFraction) {
  const auto sizes = [](absl::string_view text, double fraction) {
    const auto [train, test] = SplitTail(text, fraction);
    EXPECT_EQ(absl::StrCat(train, test), text);
    return test.size();
  };
  EXPECT_EQ(sizes("abcdefghij", 0.2), 2u);
  EXPECT_EQ(sizes("abcdefghij", 0.26), 3u);
  EXPECT_EQ(sizes("abcdefghij", 0), 0u);
  EXPECT_EQ(sizes("abcdefghij", 1), 10u);
  EXPECT_EQ(sizes("", 0.5), 0u);
  for (double fraction : {-0.1, 1.1, std::nan("")}) {
    EXPECT_THROW(SplitTail("abc", fraction), ValueError);
  }
}

TEST(Vocabulary, NumbersTheCharactersInTheOrderOfTheirBytes) {
  const Vocabulary vocabulary("hello\n\xc3\xa9");
  EXPECT_EQ(vocabulary.characters(), "\nehlo\xa9\xc3");
  EXPECT_EQ(vocabulary.size(), 7);
  EXPECT_EQ(vocabulary.Encode("hole\xc3\xa9").value(),
            (Ints{2, 4, 3, 1, 6, 5}));
  EXPECT_EQ(vocabulary.Decode({2, 4, 3, 1, 6, 5}), "hole\xc3\xa9");
  EXPECT_EQ(Vocabulary(vocabulary.characters()).characters(),
            vocabulary.characters());
}

TEST(Vocabulary, HoldsAllBytesOrNone) {
  std::string all;
  for (int byte = 255; byte >= 0; --byte)
    all.push_back(static_cast<char>(byte));
  const Vocabulary vocabulary(all);
  EXPECT_EQ(vocabulary.size(), 256);
  EXPECT_EQ(vocabulary.Encode(all)->front(), 255);
  EXPECT_EQ(vocabulary.Decode(*vocabulary.Encode(all)), all);

  EXPECT_EQ(Vocabulary("").size(), 0);
  EXPECT_EQ(Vocabulary("").Encode("").value(), Ints{});
}

TEST(Vocabulary, SaysWhichCharacterItLacks) {
  const Vocabulary vocabulary("abc");
  EXPECT_EQ(
      vocabulary.Encode("abxc").status(),
      absl::InvalidArgumentError("offset 2: 'x' is not in the vocabulary"));
  EXPECT_EQ(
      vocabulary.Encode("\xc3\xa9").status(),
      absl::InvalidArgumentError("offset 0: '\\xc3' is not in the vocabulary"));
  for (int32_t id : {-1, 3}) {
    EXPECT_EQ(ErrorOf<ValueError>([&] {
                vocabulary.Decode({0, id});
              }),
              absl::StrCat("Vocabulary: ", id, " at 1 is not in [0, 3)"));
  }
}

TEST(TextDataset, TargetsAreWhatFollows) {
  const TextDataset data({10, 11, 12, 13, 14, 15, 16, 17}, 3);
  ASSERT_EQ(data.size(), 2);
  const Batch batch = data.Gather({1, 0, 1});
  EXPECT_EQ(batch.x.shape(), Shape({3, 3}));
  EXPECT_EQ(batch.y.shape(), Shape({3, 3}));
  EXPECT_EQ(Values(batch.x), (Ints{13, 14, 15, 10, 11, 12, 13, 14, 15}));
  EXPECT_EQ(Values(batch.y), (Ints{14, 15, 16, 11, 12, 13, 14, 15, 16}));
}

TEST(TextDataset, UsesAsMuchOfTheStreamAsHasATarget) {
  const auto size = [](size_t n, int64_t length) {
    return TextDataset(Ints(n), length).size();
  };
  EXPECT_EQ(size(0, 1), 0);
  EXPECT_EQ(size(1, 1), 0);
  EXPECT_EQ(size(2, 1), 1);
  EXPECT_EQ(size(6, 3), 1);
  EXPECT_EQ(size(7, 3), 2);
  EXPECT_EQ(size(7, 100), 0);
  EXPECT_EQ(TextDataset(Ints(6), 3).Gather({}).x.shape(), Shape({0, 3}));
  EXPECT_EQ(ErrorOf<ValueError>([&] {
              TextDataset({1, 2}, 0);
            }),
            "TextDataset: the length must be >= 1: 0");
}

TEST(TextDataset, ComesInBatches) {
  const TextDataset data(Ints(21, 5), 2);
  int64_t examples = 0;
  for (const Batch& batch : Batches(data, {.size = 4}).Epoch(0)) {
    EXPECT_EQ(batch.x.shape()[1], 2);
    examples += batch.size();
  }
  EXPECT_EQ(examples, 10);
}

}  // namespace
}  // namespace adjoint::data
