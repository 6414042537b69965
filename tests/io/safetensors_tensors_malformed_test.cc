// Safetensors files whose header describes tensors that cannot be: their
// fields, shapes and places. None may do harm, and the error of each must say
// where it breaks the format.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/io/hostile.h"
#include "tests/io/safetensors_bytes.h"

namespace adjoint::io {
namespace {

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

TEST(SafetensorsTensorsMalformed, NamesOffsetAndFieldOfEveryFault) {
  std::set<std::string> names;
  for (const auto& cases : {Fields(), Shapes(), Offsets()}) {
    for (const Damage& damage : cases) {
      ExpectRefused(damage);
      names.insert(damage.name + damage.to);
    }
  }
  EXPECT_GE(names.size(), 70u);
}

}  // namespace
}  // namespace adjoint::io
