// npy files that break the format. None may do harm, and the error of each must
// say where it breaks it.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "framework/io/npy.h"
#include "tests/io/hostile.h"

namespace adjoint::io {
namespace {

constexpr char kHeader[] =
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }    \n";
const std::string kData(24, 'x');

// A file of the version `major`.0.
std::string NpyBytes(const std::string& header, const std::string& data,
                     int major = 1) {
  const std::string magic("\x93NUMPY", 6);
  std::string bytes = magic + static_cast<char>(major) + '\0';
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i) {
    bytes.push_back(header.size() >> 8 * i & 0xff);
  }
  return bytes + header + data;
}

std::string SmallFile() { return NpyBytes(kHeader, kData); }

absl::Status Refusal(const std::string& contents) {
  return ParseNpy(contents, "some/file").status();
}

std::vector<Damage> Dictionaries() {
  const std::string open = "{'descr'", close = ", }    \n";
  const std::string padding = "header: not spaces and a newline follow";
  return {
      {"a list", open, "^[" + open, "header: \"{\" expected, not \"[\""},
      {"nothing", kHeader, "  ^\n", "header: \"{\" expected, not \"\\n\""},
      {"empty", kHeader, "^", "header: \"{\" expected, not the end"},
      {"empty dictionary", kHeader, "{}^\n", "header: descr is missing"},
      {"only a comma", kHeader, "{^,}\n", "header: a string expected"},
      {"a call", open, "^dict(" + open, "header: \"{\" expected, not \"d\""},
      {"an import", open, "^__import__('os')" + open, "header: \"{\" expected"},
      {"a comment", open, "^#" + open, "header: \"{\" expected, not \"#\""},
      {"no end", close, ", ^", "header: a string expected"},
      {"no end, no comma", close, "^", "header: \"}\" expected, not the end"},
      {"no newline", close, ", }    ^", padding},
      {"two newlines", close, ", } ^\n\n", padding},
      {"carriage return", close, ", } ^\r\n", padding},
      {"zero byte", close, ", } ^" + std::string(1, '\0') + "\n", padding},
      {"an attribute", close, ", }^.x\n", padding},
      {"two dictionaries", close, ", }^{}\n", padding},
      {"two commas", "'<f4',", "'<f4',^,", "header: a string expected"},
      {"no comma", "'<f4', ", "'<f4' ^", "header: \"}\" expected, not \"\\'\""},
      {"no colon", "'descr': ", "'descr' ^",
       "header: \":\" expected, not \"\\'\""},
      {"newline within",
       "'descr':", "^\n'descr':", "header: a string expected"},
      {"tab within", "'descr':", "^\t'descr':", "header: a string expected"},
      {"bare key", "'descr'", "^descr", "header: a string expected"},
      {"key in bytes", "'descr'", "^b'descr'", "header: a string expected"},
      {"key has no end", kHeader, "{^'descr\n", "header: a string has no end"},
      {"two kinds of quotes", "'descr'", "^'descr\"",
       "header: a string has no end"},
      {"an escape", "'descr'", "^'des\\x63r'", "header: a string has no end"},
      {"unknown key", "'descr'", "^'dtype'", "header: unknown key \"dtype\""},
      {"key with an escape", "'descr'", "^'\x1b[2J'",
       "header: unknown key \"\\x1b[2J\""},
      {"a key more", close, ", ^'order': 1}\n",
       "header: unknown key \"order\""},
      {"descr twice", close, ", ^'descr': '<f4'}\n",
       "header: descr occurs twice"},
      {"shape twice", close, ", ^'shape': ()}\n", "header: shape occurs twice"},
      {"no descr", kHeader, "{'fortran_order': False, 'shape': (2, 3)}^\n",
       "header: descr is missing"},
      {"no order", kHeader, "{'descr': '<f4', 'shape': (2, 3)}^\n",
       "header: fortran_order is missing"},
      {"no shape", kHeader, "{'descr': '<f4', 'fortran_order': False}^\n",
       "header: shape is missing"},
  };
}

std::vector<Damage> Values() {
  const std::string order = "fortran_order: True or False expected";
  const std::string large = "shape: the shape is too large";
  const auto shape = [](const char* title, const std::string& to,
                        const std::string& what) {
    return Damage{title, "(2, 3)", to, "shape: " + what};
  };
  return {
      {"descr is a number", "'<f4'", "^4", "descr: a string expected"},
      {"descr is None", "'<f4'", "^None", "descr: a string expected"},
      {"records", "'<f4'", "^[('x', '<f4')]",
       "descr: arrays of records are not read"},
      {"descr has no end", "'<f4', '", "'<f4, '^",
       "header: \"}\" expected, not \"f\""},
      {"order is 0", "False", "^0", order},
      {"order in small letters", "False", "^false", order},
      {"order is a string", "False", "^'False'", order},
      {"order and more", "False", "False^ly",
       "header: \"}\" expected, not \"l\""},
      shape("a list", "^[2, 3]", "\"(\" expected, not \"[\""),
      shape("a number", "^6", "\"(\" expected, not \"6\""),
      shape("None", "^None", "\"(\" expected, not \"N\""),
      shape("a number in brackets", "(6^)", "\",\" expected, not \")\""),
      shape("only a comma", "(^,)", "an integer expected, not \",\""),
      shape("two commas", "(2,^,3)", "an integer expected, not \",\""),
      shape("no comma", "(2 ^3)", "\",\" expected, not \"3\""),
      {"no end", "(2, 3), ", "(2, 3, ^",
       "shape: an integer expected, not \"}\""},
      shape("nested", "(^(2, 3),)", "an integer expected, not \"(\""),
      shape("negative", "(2, ^-3)", "a number is negative"),
      shape("two negative", "(^-2, -3)", "a number is negative"),
      shape("a point", "(^2., 3)", "a number is not an integer"),
      shape("an exponent", "(^2e0, 3)", "a number is not an integer"),
      shape("of Python 2", "(2^L, 3)", "\",\" expected, not \"L\""),
      shape("zero in front", "(^02, 3)", "a number begins with 0"),
      shape("underscore", "(2^_0, 3)", "\",\" expected, not \"_\""),
      shape("a sum", "(2^+0, 3)", "\",\" expected, not \"+\""),
      shape("2^53", "(^9007199254740992,)", "a number is 2^53 or more"),
      shape("2^64 and 2", "(^18446744073709551618, 3)",
            "a number is 2^53 or more"),
      shape("a thousand digits", "(^" + std::string(1000, '1') + ",)",
            "a number is 2^53 or more"),
      shape("nine axes", "(1, 1, 1, 1, 1, 1, 2, 3, ^1)", "more than 8 axes"),
      {"2^64 elements", "(2, 3)", "^(4294967296, 4294967296)", large},
      {"2^64 and 6 elements", "(2, 3)", "^(2147483649, 2147483648, 4)", large},
      {"overflow behind a zero", "(2, 3)", "^(0, 4294967296, 4294967296)",
       large},
      {"overflow before a zero", "(2, 3)", "^(4294967296, 4294967296, 0)",
       large},
  };
}

TEST(NpyMalformed, TheFileThatTheCasesDamageIsRead) {
  for (int major : {1, 2, 3}) {
    EXPECT_TRUE(Refusal(NpyBytes(kHeader, kData, major)).ok());
  }
}

TEST(NpyMalformed, NamesOffsetAndFieldOfEveryFault) {
  for (const auto& cases : {Dictionaries(), Values()}) {
    for (const Damage& damage : cases) {
      SCOPED_TRACE(damage.name);
      const auto [header, offset] = Damaged(kHeader, damage);
      for (int major : {1, 2, 3}) {
        ExpectMalformed(Refusal(NpyBytes(header, kData, major)),
                        (major == 1 ? 10 : 12) + offset, damage.what);
      }
    }
  }
}

TEST(NpyMalformed, NamesOffsetAndFieldBeforeTheHeader) {
  const std::string magic("\x93NUMPY", 6), tail = kHeader + kData;
  const auto with = [&](std::initializer_list<int> bytes) {
    std::string file = magic;
    for (int b : bytes) file.push_back(static_cast<char>(b));
    return file + tail;
  };
  const struct {
    const char* name;
    std::string contents;
    int offset;
    std::string what;
  } cases[] = {
      {"empty file", "", 0, "magic: not a file of NumPy's"},
      {"five bytes", magic.substr(0, 5), 0, "magic: not a file of NumPy's"},
      {"first byte", "\x92NUMPY" + SmallFile().substr(6), 0, "magic: not"},
      {"small letters", "\x93numpy" + SmallFile().substr(6), 0, "magic: not"},
      {"zip, as npz", "PK\x03\x04" + SmallFile(), 0, "magic: not"},
      {"pickle", "\x80\x04\x95" + SmallFile(), 0, "magic: not"},
      {"magic alone", magic, 6, "version: the file ends too early"},
      {"half a version", magic + "\x01", 6, "version: the file ends too early"},
      {"version 0.0", with({0, 0, 68, 0}), 6, "version: 0.0 is not 1.0 to 3.0"},
      {"version 1.1", with({1, 1, 68, 0}), 6, "version: 1.1 is not 1.0 to 3.0"},
      {"version 4.0", with({4, 0, 68, 0}), 6, "version: 4.0 is not 1.0 to 3.0"},
      {"version 255.255", with({255, 255, 68, 0}), 6, "version: 255.255 is"},
      {"no length", SmallFile().substr(0, 8), 8,
       "header length: the file ends too early"},
      {"half a length", SmallFile().substr(0, 9), 8,
       "header length: the file ends too early"},
      {"half a length, 2.0", NpyBytes(kHeader, "", 2).substr(0, 11), 8,
       "header length: the file ends too early"},
      {"65535 of a short file", with({1, 0, 255, 255}), 8,
       "header length: 65535, but 88 bytes follow"},
      {"65536 of a short file", with({2, 0, 0, 0, 1, 0}), 8,
       "header length: 65536, but 88 bytes follow"},
      {"65537", with({2, 0, 1, 0, 1, 0}), 8,
       "header length: 65537 is more than 65536"},
      {"2^32 - 1", with({3, 0, 255, 255, 255, 255}), 8,
       "header length: 4294967295 is more than 65536"},
      {"no header", with({1, 0, 0, 0}), 10,
       "header: \"{\" expected, not the end"},
      {"a header cut short", with({1, 0, 30, 0}), 27,
       "header: a string has no end"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    ExpectMalformed(Refusal(c.contents), c.offset, c.what);
  }
}

TEST(NpyMalformed, RefusesAnySizeButTheExactOne) {
  const int at = 10 + sizeof(kHeader) - 1;
  for (int size : {0, 1, 4, 20, 23, 25, 28, 48}) {
    ExpectMalformed(
        Refusal(NpyBytes(kHeader, std::string(size, 'x'))), at,
        absl::StrCat("data: <f4 [2,3] takes 24 bytes, but ", size, " follow"));
  }
  std::string empty = kHeader;
  empty.replace(empty.find("2, 3"), 4, "0, 3");
  ExpectMalformed(Refusal(NpyBytes(empty, "x")), at,
                  "data: <f4 [0,3] takes 0 bytes, but 1 follow");
}

TEST(NpyMalformed, AllocatesNothingForWhatIsOnlyDeclared) {
  const int64_t before = PeakMemory();
  for (const char* descr : {"<f4", "<f8", "<i8"}) {
    for (const char* shape :
         {"(4503599627370496,)", "(536870912, 1073741824)"}) {
      const std::string header =
          absl::StrCat("{'descr': '", descr,
                       "', 'fortran_order': True, 'shape': ", shape, "}\n");
      ExpectMalformed(Refusal(NpyBytes(header, kData)), 10 + header.size(),
                      "data: ");
    }
  }
  EXPECT_LT(PeakMemory() - before, int64_t{4} << 20);
}

TEST(NpyMalformed, NamesDTypesThatAreNotOurs) {
  for (const std::string descr :
       {">f4", "=f4", "f4", "<f2", "<i2", "|u1", "|b1", "<c8", "|O", "|S5",
        "<U5", "<M8[ns]", "|V8", "float32", "<f4 ", "<F4", "", "<i8x"}) {
    const Damage damage = {"", "'<f4'", "^'" + descr + "'", ""};
    const auto [header, offset] = Damaged(kHeader, damage);
    const absl::Status status = Refusal(NpyBytes(header, kData));
    EXPECT_TRUE(absl::IsUnimplemented(status)) << status;
    EXPECT_EQ(status.message(),
              absl::StrCat("some/file: offset ", 10 + offset, ": descr: \"",
                           descr, "\" is not one of <f4, <f8, <i4 and <i8"));
  }
  const std::string header =
      "{'descr': '<i8', 'fortran_order': False, 'shape': ()}\n";
  EXPECT_TRUE(
      Refusal(NpyBytes(header, std::string("\0\0\0\x80\xff\xff\xff\xff", 8)))
          .ok());
  EXPECT_EQ(
      Refusal(NpyBytes(header, std::string("\0\0\0\x80\0\0\0\0", 8))).message(),
      "some/file: offset 20: descr: \"<i8\" has a value beyond i32");
}

TEST(NpyMalformed, IsReportedWhenMemoryIsShort) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer needs the address space";
#endif
  const std::string bytes = EncodeNpy(Zeros({int64_t{16} << 20}));
  EXPECT_EXIT(ExitAsMemoryIsShort([&] { return ParseNpy(bytes, "some/file"); }),
              testing::ExitedWithCode(0), "");
}

TEST(NpyMalformed, RefusesAFileCutAnywhere) {
  const std::string whole = SmallFile();
  for (size_t n = 0; n < whole.size(); ++n) {
    const absl::Status status = Refusal(whole.substr(0, n));
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << n << status;
  }
  EXPECT_FALSE(Refusal(whole + "x").ok());
}

TEST(NpyMalformed, SurvivesRandomDamage) {
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
    const auto x = ParseNpy(contents, "some/file");
    if (!x.ok()) {
      ++refused;
      continue;
    }
    // What was accepted can be written, and is then what it was.
    const auto again = ParseNpy(EncodeNpy(*x), "again");
    ASSERT_TRUE(again.ok()) << again.status();
    ExpectSame(*again, *x);
  }
  EXPECT_GT(refused, 5000);
  EXPECT_LT(refused, 9900);
}

}  // namespace
}  // namespace adjoint::io
