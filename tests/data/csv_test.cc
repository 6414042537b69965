#include "framework/data/csv.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/core/tensor.h"
#include "tests/data/idx_bytes.h"

namespace adjoint::data {
namespace {

template <class T>
std::vector<T> Values(const Tensor& x) {
  return {x.data<T>().begin(), x.data<T>().end()};
}

TEST(Csv, TheLastColumnIsTheTargetUnlessOneIsNamed) {
  const std::string text = "a,b,c\n1,2,3\n4,5,6\n";
  Batch all = All(*ParseCsv(text, "t"));
  EXPECT_EQ(all.x.shape(), Shape({2, 2}));
  EXPECT_EQ(Values<float>(all.x), (std::vector<float>{1, 2, 4, 5}));
  EXPECT_EQ(all.y.shape(), Shape({2, 1}));
  EXPECT_EQ(Values<float>(all.y), (std::vector<float>{3, 6}));
  all = All(*ParseCsv(text, "t", {.targets = {"c", "1"}}));
  EXPECT_EQ(Values<float>(all.x), (std::vector<float>{2, 5}));
  EXPECT_EQ(Values<float>(all.y), (std::vector<float>{3, 1, 6, 4}));
}

TEST(Csv, ReadsWhatRfc4180Has) {
  for (const char* text : {"1,-2.5e3\n0.1,7\n", "1,-2.5e3\r\n0.1,7\r\n",
                           "1,-2.5e3\n0.1,7", "\"1\",\"-2.5e3\"\n 0.1 ,\"7\"",
                           "\xef\xbb\xbf"
                           "1,-2500\n.1,+7\n"}) {
    const auto set =
        ParseCsv(text, "t", {.header = false, .dtype = DType::kF64});
    ASSERT_TRUE(set.ok()) << set.status();
    EXPECT_EQ(Values<double>(All(*set).x), (std::vector<double>{1, 0.1}));
    EXPECT_EQ(Values<double>(All(*set).y), (std::vector<double>{-2500, 7}));
  }
  const auto zipped = ParseCsv(Gzip("x;y\n1;2\n"), "t", {.separator = ';'});
  EXPECT_EQ(zipped->size(), 1);
  EXPECT_EQ(ParseCsv("x,y\n", "t")->size(), 0);
}

// "123456789" has the CRC-32 cbf43926: the check value of its catalogue.
TEST(Csv, TellsTheChecksumOfTheText) {
  const CsvOptions plain = {.header = false};
  EXPECT_EQ(ParseCsv("123456789", "t", plain)->info().checksum,
            "crc32 cbf43926");
  EXPECT_EQ(ParseCsv(Gzip("123456789"), "t", plain)->info().checksum,
            "crc32 cbf43926");
}

TEST(Csv, NumbersClassesInTheOrderOfTheirNames) {
  const auto set =
      ParseCsv("x,kind\n1,owl\n2,\"a \"\"b\"\", c\nd\"\n3,owl\n", "t",
               {.targets = {"kind"}, .target_is_class = true});
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->info().class_names,
            (std::vector<std::string>{"a \"b\", c\nd", "owl"}));
  EXPECT_EQ(Values<int32_t>(All(*set).y), (std::vector<int32_t>{1, 0, 1}));
}

TEST(Csv, NamesLineAndColumnOfEveryBadCell) {
  struct {
    std::string text, where, what;
  } cases[] = {
      {"", "line 1, column 1", "the file is empty"},
      {"\xef\xbb\xbf", "line 1, column 1", "the file is empty"},
      {"a,b\n1,2\n,3\n", "line 3, column 1", "the cell is empty"},
      {"a,b\n1,2\n3,\n", "line 3, column 2", "the cell is empty"},
      {"a,b\n1,\"\"\n", "line 2, column 2", "the cell is empty"},
      {"a,b\n1,  \n", "line 2, column 2", "the cell is empty"},
      {"a,b\n1\n", "line 2, column 2", "1 cells instead of 2"},
      {"a,b\n1,2,3\n", "line 2, column 3", "3 cells instead of 2"},
      {"a,b\n1,2\n\n", "line 3, column 2", "1 cells instead of 2"},
      {"a,b\n\n1,2\n", "line 2, column 2", "1 cells instead of 2"},
      {"a,b\r\n1,2\r\n\r\n", "line 3, column 2", "1 cells instead of 2"},
      {"a\n1\n\n", "line 3, column 1", "the cell is empty"},
      {"a,b\n1,2,\n", "line 2, column 3", "3 cells instead of 2"},
      {"a,b\n1,\"2\n", "line 2, column 2", "the quote is not closed"},
      {"\"", "line 1, column 1", "the quote is not closed"},
      {"a,\"b", "line 1, column 2", "the quote is not closed"},
      {"a,\"b\"\"", "line 1, column 2", "the quote is not closed"},
      {"a,b\n\"1\"x,2\n", "line 2, column 1", "follows the closing quote"},
      {"a,b\n\"1\" ,2\n", "line 2, column 1", "follows the closing quote"},
      {"a,b\n1\"1\",2\n", "line 2, column 1", "a quote inside"},
      {"a,b\n 1,2\"\n", "line 2, column 2", "a quote inside"},
      {"\"a\nb\",c\n1,x\n", "line 3, column 2", "not a number: 'x'"},
      {"a,b\n1,\xff\n", "line 2, column 2", "not a number: '\\xff'"},
      {"a,b\n1,1\x1b[31m\n", "line 2, column 2", "'1\\x1b[31m'"},
      {std::string("a,b\n1,2\0\n", 9), "line 2, column 2", "'2\\x00'"},
      {"a,b\n1,2\r3\n", "line 2, column 2", "not a number: '2\\r3'"},
  };
  for (const auto& c : cases) {
    for (const std::string& contents : {c.text, Gzip(c.text)}) {
      const absl::Status status = ParseCsv(contents, "some/file").status();
      EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
      EXPECT_TRUE(absl::StartsWith(status.message(),
                                   absl::StrCat("some/file: ", c.where, ": ")))
          << status;
      EXPECT_TRUE(absl::StrContains(status.message(), c.what)) << status;
      EXPECT_FALSE(absl::StrContains(status.message(), "\n")) << status;
    }
  }
}

TEST(Csv, RefusesWhatIsNoFiniteNumber) {
  for (const char* cell :
       {"x",     "1x",       "1 2",      "0x10", "1,",    "nan",   "NaN",
        "inf",   "-inf",     "infinity", "1e39", "-1e39", "1e999", "--1",
        "+-1",   "1e",       "e1",       ".",    "-",     "1.2.3", "1_000",
        "1'000", "\xd9\xa1", "NULL",     "NA",   "?",     "$1",    "1%",
        "(1)",   "true",     "1/2",      "#N/A", "1d5",   "1f",    "1e5.5",
        "\t",    "0b1"}) {
    const auto set = ParseCsv(absl::StrCat(cell, ",7\n"), "some/file",
                              {.header = false, .targets = {"2"}});
    EXPECT_TRUE(absl::IsInvalidArgument(set.status())) << cell;
    EXPECT_TRUE(
        absl::StartsWith(set.status().message(), "some/file: line 1, column "))
        << set.status();
  }
  EXPECT_TRUE(
      ParseCsv("1e39,7\n", "t", {.header = false, .dtype = DType::kF64}).ok());
}

TEST(Csv, RefusesTargetsThatAreNoColumns) {
  for (const char* target :
       {"z", "0", "3", "-1", "", "1.5", "99999999999999", "A"}) {
    const absl::Status status =
        ParseCsv("a,b\n1,2\n", "some/file", {.targets = {target}}).status();
    EXPECT_TRUE(absl::StartsWith(status.message(),
                                 absl::StrCat("some/file: there is no column '",
                                              target, "' for a target")))
        << status;
  }
  EXPECT_TRUE(absl::StrContains(
      ParseCsv("a,b\n1,2\n", "f", {.targets = {"a", "1"}}).status().message(),
      "is a target twice"));
  EXPECT_TRUE(absl::StrContains(
      ParseCsv("a,b\n1,\n", "f", {.target_is_class = true}).status().message(),
      "f: line 2, column 2: the cell is empty"));
  EXPECT_THROW((void)ParseCsv("1", "t", {.dtype = DType::kI32}), DTypeError);
  EXPECT_THROW((void)ParseCsv("1", "t",
                              {.targets = {"1", "2"}, .target_is_class = true}),
               ValueError);
}

// What is said of a target that is no column of the first line.
std::string SaidOf(const std::string& target, const std::string& line) {
  const absl::Status status =
      ParseCsv(line + "\n1\n", "f", {.targets = {target}}).status();
  const std::string begin =
      absl::StrCat("f: there is no column '", target, "' for a target");
  EXPECT_TRUE(absl::StartsWith(status.message(), begin)) << status;
  return std::string(status.message().substr(begin.size()));
}

TEST(Csv, TellsTheColumnsThatThereAreAndTheNearestName) {
  EXPECT_EQ(SaidOf("price", "size,\"Prize, net\",Price"),
            ", is it 'Price'? There are 'size', 'Prize, net', 'Price'");
  EXPECT_EQ(SaidOf("price", "a,b\x1b"), " There are 'a', 'b\\x1b'");
  std::string many = "c1";
  for (int i = 2; i <= 23; ++i) absl::StrAppend(&many, ",c", i);
  const std::string said = SaidOf("price", many);
  EXPECT_TRUE(absl::EndsWith(said, "'c19', 'c20' and 3 more")) << said;
  EXPECT_TRUE(absl::StartsWith(SaidOf("c_23", many), ", is it 'c23'?"));
}

TEST(Csv, GuessesTheSeparatorOfATableOfOneColumn) {
  EXPECT_EQ(SaidOf("price", "size;rooms;price"),
            " The only one is 'size;rooms;price'; is the separator ';' and not "
            "','?");
  EXPECT_EQ(SaidOf("price", "size\tcost"),
            " The only one is 'size\\tcost'; is the separator '\\t' and not "
            "','?");
  EXPECT_EQ(SaidOf("price", "size"), " The only one is 'size'");
  EXPECT_EQ(SaidOf("price", "size;a,b"), " There are 'size;a', 'b'");
}

TEST(Csv, SurvivesRandomDamage) {
  const std::string good = "a,b,c\n1,2,\"x\"\n3,4,\"y\"\"z\"\r\n5,6,w\n";
  std::mt19937 bits(1);
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string text = good;
    for (int flip = bits() % 3; flip >= 0; --flip) {
      text[bits() % text.size()] = ",\"\n\r1x \0"[bits() % 8];
    }
    const auto set = ParseCsv(text, "f", {.target_is_class = true});
    refused += !set.ok();
    if (set.ok()) {
      EXPECT_EQ(All(*set).x.shape()[0], set->size());
    }
  }
  EXPECT_GT(refused, 1000);
  EXPECT_LT(refused, 3000);
}

}  // namespace
}  // namespace adjoint::data
