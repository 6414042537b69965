// Safetensors files that break the format. None may do harm, and the error of
// each must say where it breaks it.
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

std::vector<Damage> Fields() {
  const auto b = [](const char* title, const std::string& from,
                    const std::string& to, const std::string& what) {
    return Damage{title, from, to, "tensor \"b\": " + what};
  };
  const std::string dtype = R"("dtype":"I32")";
  const std::string key = "a key is not dtype, shape or data_offsets";
  return {
      b("unknown key", R"("shape":[3])", R"(^"shap":[3])", key),
      b("key in capitals", R"("shape":[3])", R"(^"Shape":[3])", key),
      b("a key more", R"("shape":[3])", R"("shape":[3],^"strides":[1])", key),
      b("empty key", R"("shape":[3])", R"("shape":[3],^"":[])", key),
      {"no dtype", R"("b":{"dtype":"I32",)", R"(^"b":{)",
       "tensor \"b\": dtype is missing"},
      {"no shape", R"("b":{"dtype":"I32","shape":[3],)",
       R"(^"b":{"dtype":"I32",)", "tensor \"b\": shape is missing"},
      {"no offsets",
       R"("b":{"dtype":"I32","shape":[3],"data_offsets":[16,28]})",
       R"(^"b":{"dtype":"I32","shape":[3]})",
       "tensor \"b\": data_offsets is missing"},
      {"nothing", R"("b":{)", R"(^"b":{},"c":{)",
       "tensor \"b\": dtype is missing"},
      b("dtype twice", dtype, dtype + R"(,^"dtype":"I32")",
        "dtype occurs twice"),
      b("shape twice", R"("shape":[3])", R"("shape":[3],^"shape":[3])",
        "shape occurs twice"),
      b("offsets twice", R"("data_offsets":[16,28])",
        R"("data_offsets":[16,28],^"data_offsets":[16,28])",
        "data_offsets occurs twice"),
      b("dtype is a number", dtype, R"("dtype":^5)",
        "a string expected, not \"5\""),
      b("dtype is null", dtype, R"("dtype":^null)",
        "a string expected, not \"n\""),
      b("dtype of PyTorch's", dtype, R"("dtype":^"int32")",
        "unknown dtype \"int32\""),
      b("dtype in small letters", dtype, R"("dtype":^"i32")",
        "unknown dtype \"i32\""),
      b("dtype and a blank", dtype, R"("dtype":^"I32 ")",
        "unknown dtype \"I32 \""),
      b("dtype of no letters", dtype, R"("dtype":^"")", "unknown dtype \"\""),
      b("dtype with an escape", dtype, R"("dtype":^"\u001b[2J")",
        "unknown dtype \"\\x1b[2J\""),
      b("dtype of a thousand letters", dtype,
        R"("dtype":^")" + std::string(1000, 'I') + "\"",
        "unknown dtype \"" + std::string(32, 'I') + "\""),
  };
}

std::vector<Damage> Shapes() {
  const auto shape = [](const char* title, const std::string& to,
                        const std::string& what) {
    return Damage{title, R"("shape":[3])", R"("shape":)" + to,
                  "tensor \"b\": " + what};
  };
  const std::string large = "the shape is too large";
  return {
      shape("a number", "^3", "\"[\" expected, not \"3\""),
      shape("null", "^null", "\"[\" expected, not \"n\""),
      shape("a string", R"(^"3")", "\"[\" expected, not \"\\\"\""),
      shape("an object", "^{}", "\"[\" expected, not \"{\""),
      shape("nested", "[^[3]]", "an integer expected, not \"[\""),
      shape("extent is a string", R"([^"3"])",
            "an integer expected, not \"\\\"\""),
      shape("extent is null", "[^null]", "an integer expected, not \"n\""),
      shape("extent is true", "[^true]", "an integer expected, not \"t\""),
      shape("negative", "[^-3]", "a number is negative"),
      shape("minus zero", "[^-0]", "a number is negative"),
      shape("two negative", "[^-1,-3]", "a number is negative"),
      shape("a plus", "[^+3]", "an integer expected, not \"+\""),
      shape("a point", "[^3.0]", "a number is not an integer"),
      shape("an exponent", "[^3e0]", "a number is not an integer"),
      shape("a zero in front", "[^03]", "a number begins with 0"),
      shape("hexadecimal", "[0^x3]", "\"]\" expected, not \"x\""),
      shape("2^53", "[^9007199254740992]", "a number is 2^53 or more"),
      shape("2^64 and 3", "[^18446744073709551619]",
            "a number is 2^53 or more"),
      shape("a thousand digits", "[^" + std::string(1000, '9') + "]",
            "a number is 2^53 or more"),
      shape("comma behind", "[3,^]", "an integer expected, not \"]\""),
      shape("comma in front", "[^,3]", "an integer expected, not \",\""),
      shape("no comma", "[3 ^1]", "\"]\" expected, not \"1\""),
      shape("wrong bracket", "[3^}", "\"]\" expected, not \"}\""),
      shape("nine axes", "[3,1,1,1,1,1,1,1,^1]", "more than 8 axes"),
      shape("2^106", "^[9007199254740991,9007199254740991]", large),
      shape("2^60", "^[1073741824,1073741824]", large),
      shape("overflow behind a zero", "^[0,4294967296,4294967296]", large),
      shape("overflow before a zero", "^[4294967296,4294967296,0]", large),
      shape("2^59 of 32 bits", "^[536870912,1073741824]",
            "I32 [536870912,1073741824] is too large"),
  };
}

std::vector<Damage> Offsets() {
  const auto b = [](const char* title, const std::string& to,
                    const std::string& what) {
    return Damage{title, R"("data_offsets":[16,28])", R"("data_offsets":)" + to,
                  "tensor \"b\": " + what};
  };
  return {
      b("none", "[^]", "an integer expected, not \"]\""),
      b("one", "[16^]", "\",\" expected, not \"]\""),
      b("three", "[16,28^,28]", "\"]\" expected, not \",\""),
      b("a number", "^16", "\"[\" expected, not \"1\""),
      b("an object", "^{}", "\"[\" expected, not \"{\""),
      b("negative begin", "[^-16,28]", "a number is negative"),
      b("negative end", "[16,^-28]", "a number is negative"),
      b("a point", "[^16.0,28]", "a number is not an integer"),
      b("2^64 and 16", "[^18446744073709551632,28]",
        "a number is 2^53 or more"),
      b("end before begin", "^[28,16]",
        "data_offsets [28,16] end before they begin"),
      b("one beyond the end", "^[16,29]",
        "data_offsets [16,29] reach beyond the 28 bytes of data"),
      b("far beyond the end", "^[16,9007199254740991]",
        "data_offsets [16,9007199254740991] reach beyond"),
      b("all beyond the end", "^[28,40]",
        "data_offsets [28,40] reach beyond the 28 bytes of data"),
      b("too few bytes", "^[16,24]",
        "data_offsets [16,24] are not the 96 bits that I32 [3] takes"),
      b("too many bytes", "^[12,28]",
        "data_offsets [12,28] are not the 96 bits that I32 [3] takes"),
      b("no bytes", "^[16,16]",
        "data_offsets [16,16] are not the 96 bits that I32 [3] takes"),
      {"half bytes", R"("dtype":"I32","shape":[3],"data_offsets":[16,28])",
       R"("dtype":"F4","shape":[3],"data_offsets":^[27,28])",
       "tensor \"b\": data_offsets [27,28] are not the 12 bits that F4 [3]"},
      {"overlap by one",
       R"("b":{"dtype":"I32","shape":[3],"data_offsets":[16,28])",
       R"(^"b":{"dtype":"I32","shape":[3],"data_offsets":[15,27])",
       "tensor \"b\": begins at byte 15 of the data, overlapping what ends at "
       "16"},
      {"the same place twice",
       R"("b":{"dtype":"I32","shape":[3],"data_offsets":[16,28])",
       R"(^"b":{"dtype":"I32","shape":[4],"data_offsets":[0,16])",
       "tensor \"b\": begins at byte 0 of the data, overlapping what ends at "
       "16"},
      {"a hole of one byte",
       R"("a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b")",
       R"("a":{"dtype":"U8","shape":[15],"data_offsets":[0,15]},^"b")",
       "tensor \"b\": begins at byte 16 of the data, a hole behind what ends "
       "at "
       "15"},
      {"a hole in front",
       R"("a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)",
       R"(^"a":{"dtype":"F32","shape":[3],"data_offsets":[4,16]},)",
       "tensor \"a\": begins at byte 4 of the data, a hole behind what ends at "
       "0"},
      {"an empty tensor inside another", R"("b":{)",
       R"(^"c":{"dtype":"U8","shape":[0],"data_offsets":[3,3]},"b":{)",
       "tensor \"c\": begins at byte 3 of the data, overlapping what ends at "
       "16"},
      {"a rest", R"(,"b":{"dtype":"I32","shape":[3],"data_offsets":[16,28]}})",
       "}^", "header: the tensors take 16 of the 28 bytes of data"},
      {"no tensor", std::string(kHeader).substr(25), "}^",
       "header: the tensors take 0 of the 28 bytes of data"},
      {"a name twice", R"("b":{)", R"(^"a":{)", "tensor \"a\": occurs twice"},
      {"a name twice by an escape", R"("b":{)", R"(^"\u0061":{)",
       "tensor \"a\": occurs twice"},
  };
}

TEST(SafetensorsMalformed, TheFileThatTheCasesDamageIsRead) {
  EXPECT_TRUE(Refusal(SmallFile()).ok()) << Refusal(SmallFile());
}

TEST(SafetensorsMalformed, NamesOffsetAndFieldOfEveryFault) {
  std::set<std::string> names;
  for (const auto& cases :
       {Structures(), Strings(), Metadata(), Fields(), Shapes(), Offsets()}) {
    for (const Damage& damage : cases) {
      ExpectRefused(damage);
      names.insert(damage.name + damage.to);
    }
  }
  EXPECT_GE(names.size(), 140u);
}

TEST(SafetensorsMalformed, RefusesEveryLengthThatIsNotTheHeaders) {
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
