// Safetensors files whose header is no such text: its length, its JSON, its
// strings and its metadata. None may do harm, and the error of each must say
// where it breaks the format.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/io/hostile.h"
#include "tests/io/safetensors_bytes.h"

namespace adjoint::io {
namespace {

std::vector<Damage> Structures() {
  const std::string open = R"({"__metadata__")", close = "[16,28]}}";
  return {
      {"blank in front", open, "^ " + open,
       "header: not a safetensors file: does not begin with {"},
      {"newline in front", open, "^\n" + open,
       "header: not a safetensors file: does not begin with {"},
      {"byte order mark", open, "^\xEF\xBB\xBF" + open,
       "header: not a safetensors file: does not begin with {"},
      {"an array", open, "^[" + open,
       "header: not a safetensors file: does not begin with {"},
      {"a tab behind", close, close + "^\t", "header: not only spaces follow"},
      {"a newline behind", close, close + " ^\n",
       "header: not only spaces follow"},
      {"a zero byte behind", close, close + "  ^" + std::string(1, '\0'),
       "header: not only spaces follow"},
      {"two objects", close, close + "^{}", "header: not only spaces follow"},
      {"one } too many", close, close + "^}", "header: not only spaces follow"},
      {"one } too few", close, "[16,28]}^",
       "header: \"}\" expected, not the end"},
      {"two } too few", close, "[16,28]^",
       "tensor \"b\": \"}\" expected, not the end"},
      {"comma behind the last", close, "[16,28]},^}",
       "header: a string expected, not \"}\""},
      {"comma in front", open, R"({^,"__metadata__")",
       "header: a string expected, not \",\""},
      {"two commas", R"(,"b")", R"(,^,"b")",
       "header: a string expected, not \",\""},
      {"no comma", R"(,"b")", R"(^"b")",
       "header: \"}\" expected, not \"\\\"\""},
      {"no colon", R"("b":{)", R"("b"^{)", "header: \":\" expected, not \"{\""},
      {"equals", R"("b":{)", R"("b"^={)", "header: \":\" expected, not \"=\""},
      {"bare name", R"("b":)", "^b:", "header: a string expected, not \"b\""},
      {"single quotes", R"("b":)",
       "^'b':", "header: a string expected, not \"\\'\""},
      {"a comment", R"("b":)", R"(^/**/"b":)",
       "header: a string expected, not \"/\""},
      {"form feed between", R"("b":)",
       "^\f\"b\":", "header: a string expected, not \"\\x0c\""},
      {"an escape between", R"("b":)",
       "^\x1b[2J\"b\":", "header: a string expected, not \"\\x1b\""},
      {"tensor: array", R"("b":{)", R"("b":^[{)",
       "tensor \"b\": \"{\" expected, not \"[\""},
      {"tensor: null", R"("b":{)", R"("b":^null,"c":{)",
       "tensor \"b\": \"{\" expected, not \"n\""},
      {"tensor: string", R"("b":{)", R"("b":^"","c":{)",
       "tensor \"b\": \"{\" expected, not \"\\\"\""},
      {"tensor: number", R"("b":{)", R"("b":^0,"c":{)",
       "tensor \"b\": \"{\" expected, not \"0\""},
  };
}

std::vector<Damage> Strings() {
  const auto name = [](const char* title, const std::string& to,
                       const std::string& what) {
    return Damage{title, R"("b")", to, what};
  };
  const std::string half = "header: half of a surrogate pair";
  const std::string unit = "header: \\u is not followed by four hex";
  const std::string control = "name: a control character in a name";
  return {
      name("unknown escape", R"("\^q")", "header: an unknown escape"),
      name("escaped newline", "\"\\^\n\"", "header: an unknown escape"),
      name("upper-case U", R"("\^U0041")", "header: an unknown escape"),
      name("three digits", R"("\u^123")", unit),
      name("not hexadecimal", R"("\u^12g4")", unit),
      name("signed digits", R"("\u^+123")", unit),
      name("high half alone", R"("\ud800^")", half),
      name("high half and a letter", R"("\ud800^a")", half),
      name("high half and a newline", R"("\ud800^\n")", half),
      name("low half alone", R"("\udc00^")", half),
      name("two high halves", R"("\ud800\ud800^")", half),
      name("high half and no surrogate", R"("\ud800\u0041^")", half),
      name("bare newline", "\"b^\n\"", "header: a bare control character"),
      name("bare tab", "\"b^\t\"", "header: a bare control character"),
      name("bare zero", "\"b^" + std::string(1, '\0') + "\"",
           "header: a bare control character"),
      {"no end", R"("b":{"dtype":"I32","shape":[3],"data_offsets":[16,28]}})",
       "\"b^", "header: a string has no end"},
      {"end after a backslash",
       R"("b":{"dtype":"I32","shape":[3],"data_offsets":[16,28]}})", "\"b\\^",
       "header: an unknown escape"},
      {"end in an escape",
       R"("b":{"dtype":"I32","shape":[3],"data_offsets":[16,28]}})",
       "\"b\\u^12", unit},
      {"an escaped quote", R"("b":{")", R"("b\":{"^)",
       "header: \":\" expected, not \"d\""},
      name("FF is not UTF-8", "\"b^\xff\"", "header: not UTF-8"),
      name("a continuation alone", "\"^\x80\"", "header: not UTF-8"),
      name("two bytes cut short", "\"^\xc3\"", "header: not UTF-8"),
      name("three bytes cut short", "\"^\xe2\x82\"", "header: not UTF-8"),
      name("four bytes cut short", "\"^\xf0\x9f\x98\"", "header: not UTF-8"),
      name("overlong in two", "\"^\xc0\xaf\"", "header: not UTF-8"),
      name("overlong in three", "\"^\xe0\x80\xaf\"", "header: not UTF-8"),
      name("overlong in four", "\"^\xf0\x80\x80\xaf\"", "header: not UTF-8"),
      name("a surrogate in UTF-8", "\"^\xed\xa0\x80\"", "header: not UTF-8"),
      name("above U+10FFFF", "\"^\xf4\x90\x80\x80\"", "header: not UTF-8"),
      name("a lead of five bytes", "\"^\xf8\x88\x80\x80\x80\"",
           "header: not UTF-8"),
      name("escaped bell", R"(^"\u0007")", control),
      name("escaped newline in a name", R"(^"\n")", control),
      name("delete", "^\"\x7f\"", control),
      name("U+009B, which terminals obey", "^\"\xc2\x9b\"", control),
      name("U+009B by an escape", R"(^"\u009b")", control),
      name("1,025 bytes", "^\"" + std::string(1025, 'n') + "\"",
           "name: a name is longer than 1024 bytes"),
      name(
          "1,026 bytes of two each",
          [] {
            std::string text = "^\"";
            for (int i = 0; i < 513; ++i) text += "\xc3\xa4";
            return text + "\"";
          }(),
          "name: a name is longer than 1024 bytes"),
  };
}

std::vector<Damage> Metadata() {
  const auto value = [](const char* title, const std::string& to,
                        const std::string& what) {
    return Damage{title, R"({"k":"v"})", to, "__metadata__: " + what};
  };
  return {
      value("number", R"({"k":^1})", "a string expected, not \"1\""),
      value("null for a value", R"({"k":^null})",
            "a string expected, not \"n\""),
      value("true", R"({"k":^true})", "a string expected, not \"t\""),
      value("object", R"({"k":^{}})", "a string expected, not \"{\""),
      value("array", R"({"k":^["v"]})", "a string expected, not \"[\""),
      value("null", "^null", "\"{\" expected, not \"n\""),
      value("a list of pairs", R"(^[["k","v"]])", "\"{\" expected, not \"[\""),
      value("a string", R"(^"v")", "\"{\" expected, not \"\\\"\""),
      value("a key twice", R"({"k":"v",^"k":"v"})", "a key occurs twice"),
      value("a key twice by an escape", R"({"k":"v",^"\u006b":"w"})",
            "a key occurs twice"),
      value("comma behind", R"({"k":"v",^})", "a string expected, not \"}\""),
      {"no end", R"({"k":"v"},"a":)", R"({"k":"v","a":^)",
       "__metadata__: a string expected, not \"{\""},
      {"twice", R"("a":{)", R"(^"__metadata__":{},"a":{)",
       "__metadata__: occurs twice"},
      {"twice by an escape", R"("a":{)", R"(^"\u005f_metadata__":{},"a":{)",
       "__metadata__: occurs twice"},
  };
}

TEST(SafetensorsTextMalformed, TheFileThatTheCasesDamageIsRead) {
  EXPECT_TRUE(Refusal(SmallFile()).ok()) << Refusal(SmallFile());
}

TEST(SafetensorsTextMalformed, NamesOffsetAndFieldOfEveryFault) {
  std::set<std::string> names;
  for (const auto& cases : {Structures(), Strings(), Metadata()}) {
    for (const Damage& damage : cases) {
      ExpectRefused(damage);
      names.insert(damage.name + damage.to);
    }
  }
  EXPECT_GE(names.size(), 70u);
}

TEST(SafetensorsTextMalformed, RefusesEveryLengthThatIsNotTheHeaders) {
  const struct {
    const char* name;
    std::string contents;
    int offset;
    const char* what;
  } cases[] = {
      {"empty file", "", 0, "only 0 of the 8 bytes"},
      {"one byte", "\x02", 0, "only 1 of the 8 bytes"},
      {"seven bytes", std::string(7, '\0'), 0, "only 7 of the 8 bytes"},
      {"no header", LengthBytes(0), 8,
       "not a safetensors file: does not begin with {"},
      {"a length and no more", LengthBytes(2), 0, "a length of 2, but 0 bytes"},
      {"one too long", LengthBytes(3) + "{}", 0, "a length of 3, but 2 bytes"},
      {"one too short", LengthBytes(1) + "{}", 9,
       "a string expected, not the end"},
      {"the limit", LengthBytes(100000000) + "{}", 0,
       "a length of 100000000, but 2 bytes"},
      {"over the limit", LengthBytes(100000001) + "{}", 0,
       "not a safetensors file: a length of 100000001, more than 100000000"},
      {"2^63", LengthBytes(uint64_t{1} << 63) + "{}", 0,
       "not a safetensors file: a length of 9223372036854775808, more than"},
      {"2^64 - 1", LengthBytes(-1) + "{}", 0,
       "not a safetensors file: a length of 18446744073709551615, more than"},
      {"2^64 - 8: with the eight bytes 0", LengthBytes(-8) + "{}", 0,
       "not a safetensors file: a length of 18446744073709551608, more than"},
      {"big-endian", std::string(7, '\0') + "\x02{}", 0,
       "not a safetensors file: a length of 144115188075855872, more than"},
      {"NumPy's", std::string("\x93NUMPY\x01\x00\x76\x00{", 11), 0,
       "not a safetensors file: a length of 379676406402707, more than"},
      {"a text", "# A README of some length", 0,
       "not a safetensors file: a length of 4918288487096066083, more than"},
      {"no tensors and data", LengthBytes(2) + "{}x", 10,
       "the tensors take 0 of the 1 bytes"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    ExpectMalformed(Refusal(c.contents), c.offset,
                    absl::StrCat("header: ", c.what));
  }
}

}  // namespace
}  // namespace adjoint::io
