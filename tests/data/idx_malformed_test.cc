// Files that break the format. None may do harm, and the error of each must say
// where it breaks it.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/data/idx.h"
#include "tests/data/idx_bytes.h"

namespace adjoint::data {
namespace {

// [2,3] of u8: 12 bytes of header, 6 of data.
std::string SmallFile() { return IdxHeader(0x08, 2, {2, 3}) + "abcdef"; }

// What holds of every array that was read.
void ExpectConsistent(const IdxArray& array) {
  EXPECT_GE(array.shape.size(), 1u);
  EXPECT_LE(array.shape.size(), 4u);
  int64_t size = IdxTypeSize(array.type);
  EXPECT_GE(size, 1);
  for (int64_t d : array.shape) {
    EXPECT_GE(d, 0);
    EXPECT_LE(d, int64_t{1} << 28);
    size *= d;
  }
  EXPECT_EQ(static_cast<int64_t>(array.bytes.size()), size);
}

// That the file is refused by one line with its path, `where` and `what`.
void ExpectMalformed(const std::string& contents, const std::string& where,
                     const std::string& what) {
  const absl::Status status = ParseIdx(contents, "some/file").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_TRUE(absl::StartsWith(status.message(),
                               absl::StrCat("some/file: ", where, ": ")))
      << status;
  EXPECT_TRUE(absl::StrContains(status.message(), what)) << status;
  EXPECT_FALSE(absl::StrContains(status.message(), "\n")) << status;
}

TEST(IdxMalformed, NamesOffsetAndFieldOfEveryBadHeader) {
  struct Case {
    std::string header;
    int offset;
    std::string field, what;
  };
  std::vector<Case> cases;
  for (int n = 0; n < 4; ++n) {
    cases.push_back({SmallFile().substr(0, n), 0, "magic",
                     absl::StrCat("only ", n, " of 4")});
  }
  for (int n = 4; n < 12; ++n) {
    cases.push_back({SmallFile().substr(0, n), n < 8 ? 4 : 8,
                     absl::StrCat("dimension ", n < 8 ? 0 : 1),
                     absl::StrCat("only ", n % 4, " of 4")});
  }
  for (int bit = 0; bit < 16; ++bit) {
    std::string file = SmallFile();
    file[bit / 8] ^= 1 << bit % 8;
    cases.push_back({file, 0, "magic", "not an IDX file"});
  }
  for (int type = 0; type < 256; ++type) {
    const bool known = type >= 0x08 && type <= 0x0E && type != 0x0A;
    if (known) continue;
    cases.push_back({IdxHeader(type, 1, {0}), 2, "type", "unknown code 0x"});
  }
  for (int rank : {0, 5, 6, 127, 128, 255}) {
    cases.push_back({IdxHeader(0x08, rank, std::vector<uint32_t>(rank)), 3,
                     "rank", absl::StrCat(rank, " is not 1 to 4")});
  }
  for (uint32_t d : {(1u << 28) + 1, 1u << 31, 0xffffffffu}) {
    for (int at = 0; at < 4; ++at) {
      std::vector<uint32_t> shape(4, 1);
      shape[at] = d;
      cases.push_back({IdxHeader(0x08, 4, shape) + "a", 4 + 4 * at,
                       absl::StrCat("dimension ", at),
                       absl::StrCat(d, " is more than 268435456")});
    }
  }
  ASSERT_GE(cases.size(), 60u);
  for (const Case& c : cases) {
    SCOPED_TRACE(c.field + " " + c.what);
    const std::string where = absl::StrCat("offset ", c.offset, ": ", c.field);
    ExpectMalformed(c.header, where, c.what);
    ExpectMalformed(Gzip(c.header), "inflated " + where, c.what);
  }
}

TEST(IdxMalformed, RefusesProductsThatOverflow) {
  constexpr uint32_t k28 = 1u << 28;
  struct {
    int type;
    std::vector<uint32_t> shape;
  } const cases[] = {
      {0x08, {k28, k28, k28, k28}},          // 2^112
      {0x08, {k28, k28, 256}},               // 2^64: wraps to 0
      {0x08, {k28, k28, 128}},               // 2^63: the first too large
      {0x0E, {k28, k28, 16}},                // 2^63 with the elements' size
      {0x0E, {k28, 1, k28, 16}},             // the same in rank 4
      {0x08, {k28, k28, k28, 0}},            // empty, but its strides overflow
      {0x08, {0, k28, k28, k28}},            // the same
      {0x08, {k28, k28, 256, k28}},          // wraps to 0 on the way
      {0x0B, {k28, 1u << 27, k28}},          // 2^84
      {0x08, {k28, k28, 257}},               // wraps to 2^56
      {0x08, {65536, 65536, 65536, 65536}},  // 2^64: wraps to 0
      {0x08, {65536, 65536, 65536, 65537}},  // wraps to 2^48
  };
  for (const auto& c : cases) {
    const int rank = static_cast<int>(c.shape.size());
    const std::string file = IdxHeader(c.type, rank, c.shape);
    const std::string where = absl::StrCat("offset ", file.size(), ": data");
    ExpectMalformed(file, where, "is too large");
    ExpectMalformed(Gzip(file), "inflated " + where, "is too large");
  }
}

TEST(IdxMalformed, RefusesAnySizeButTheExactOne) {
  ExpectMalformed(IdxHeader(0x08, 2, {0, 5}) + "x", "offset 12: data",
                  "more bytes follow");
  for (int type : {0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E}) {
    const int size = 3 * IdxTypeSize(static_cast<IdxType>(type));
    const std::string header = IdxHeader(type, 1, {3});
    for (int actual = 0; actual < size; ++actual) {
      const std::string file = header + std::string(actual, 'x');
      ExpectMalformed(
          file, "offset 8: data",
          absl::StrCat("takes ", size, " bytes, but at most ", actual));
      ExpectMalformed(
          Gzip(file), "inflated offset 8: data",
          absl::StrCat("takes ", size, " bytes, but only ", actual));
    }
    for (int extra : {1, 2, 100, 100000}) {
      const std::string file = header + std::string(size + extra, 'x');
      const std::string where = absl::StrCat("offset ", 8 + size, ": data");
      ExpectMalformed(file, where, "more bytes follow");
      ExpectMalformed(Gzip(file), "inflated " + where, "more bytes follow");
    }
  }
}

TEST(IdxMalformed, RefusesGzipCutAnywhere) {
  const std::string whole = Gzip(SmallFile());
  for (size_t n = 2; n < whole.size(); ++n) {
    ExpectMalformed(whole.substr(0, n), absl::StrCat("offset ", n, ": gzip"),
                    "the file ends too early");
  }
}

TEST(IdxMalformed, RefusesGzipWhoseChecksFail) {
  const std::string whole = Gzip(SmallFile());
  for (size_t bit = 0; bit < 32; ++bit) {
    std::string crc = whole, length = whole;
    crc[whole.size() - 8 + bit / 8] ^= 1 << bit % 8;
    length[whole.size() - 4 + bit / 8] ^= 1 << bit % 8;
    const absl::Status bad_crc = ParseIdx(crc, "some/file").status();
    EXPECT_TRUE(absl::StrContains(bad_crc.message(), "incorrect data check"))
        << bad_crc;
    const absl::Status bad_length = ParseIdx(length, "some/file").status();
    EXPECT_TRUE(
        absl::StrContains(bad_length.message(), "incorrect length check"))
        << bad_length;
  }
}

TEST(IdxMalformed, RefusesBytesAfterTheGzipMember) {
  const std::string whole = Gzip(SmallFile());
  const std::string where = absl::StrCat("offset ", whole.size(), ": gzip");
  for (const std::string& tail : {std::string(1, '\0'), std::string("x"),
                                  std::string(512, '\0'), Gzip(""), whole}) {
    ExpectMalformed(whole + tail, where,
                    absl::StrCat(tail.size(), " bytes follow the end"));
  }
}

TEST(IdxMalformed, RefusesGzipOfSomethingElse) {
  ExpectMalformed(Gzip("P5 28 28 255\n"), "inflated offset 0: magic",
                  "begins with 0x50352032");
  ExpectMalformed(Gzip(Gzip(SmallFile())), "inflated offset 0: magic",
                  "begins with 0x1f8b");
  ExpectMalformed("\x89PNG", "offset 0: magic", "begins with 0x89504e47");
  ExpectMalformed(std::string("\x1f\x8b\x07\x00", 4), "offset 4: gzip", "");
}

// The most memory that the process has ever used, in bytes.
int64_t PeakMemory() {
  rusage usage;
  EXPECT_EQ(getrusage(RUSAGE_SELF, &usage), 0);
  return int64_t{usage.ru_maxrss} << 10;
}

TEST(IdxMalformed, TakesMemoryForWhatIsThereNotForWhatIsDeclared) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer takes several times the memory itself";
#endif
  const int64_t before = PeakMemory();
  // 1 GiB from files that deflate could not squeeze it into.
  const std::string header = IdxHeader(0x08, 2, {1u << 28, 4});
  ExpectMalformed(header + "x", "offset 12: data", "at most 1 can follow");
  ExpectMalformed(Gzip(header + "x"), "inflated offset 12: data",
                  "bytes, but at most ");
  // 1 GiB from a file of 2 MiB, large enough to hold it, which does not.
  std::string noise;
  std::mt19937 bits(1);
  while (noise.size() < size_t{2} << 20) noise.push_back(bits());
  ExpectMalformed(Gzip(header + noise), "inflated offset 12: data",
                  "bytes, but only 2097152 follow");
  // 64 MiB of zeros where 4 bytes were declared.
  const std::string bomb =
      Gzip(IdxHeader(0x08, 1, {4}) + std::string(size_t{64} << 20, '\0'));
  const int64_t with_bomb = PeakMemory();
  ExpectMalformed(bomb, "inflated offset 12: data", "more bytes follow");
  EXPECT_LT(PeakMemory() - with_bomb, int64_t{32} << 20);
  // Half of what was declared: AddressSanitizer keeps what was freed.
  EXPECT_LT(PeakMemory() - before, int64_t{512} << 20);
}

// Reads `contents` where the process may use no more than `memory` bytes, and
// exits with 0 if that is what the error says.
[[noreturn]] void ReadWithin(rlim_t memory, const std::string& contents) {
  const rlimit limit = {memory, memory};
  setrlimit(RLIMIT_AS, &limit);
  const absl::Status status = ParseIdx(contents, "some/file").status();
  std::exit(absl::IsResourceExhausted(status) ? 0 : 1);
}

TEST(IdxMalformed, IsReportedWhenMemoryIsShort) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer needs the address space";
#endif
  constexpr uint32_t kSize = uint32_t{128} << 20;
  const std::string contents =
      Gzip(IdxHeader(0x08, 1, {kSize}) + std::string(kSize, '\0'));
  EXPECT_EXIT(ReadWithin(kSize, contents), testing::ExitedWithCode(0), "");
}

TEST(IdxMalformed, SurvivesRandomDamage) {
  const std::string plain =
      IdxHeader(0x0B, 3, {2, 3, 4}) + std::string(48, 'x');
  const std::string zipped = Gzip(plain);
  std::mt19937 bits(20240101);
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string contents = i % 2 == 0 ? plain : zipped;
    // Mostly in the header, where most of the decisions are.
    const size_t span = i % 8 < 6 ? 16 : contents.size();
    const int flips = 1 + bits() % 3;
    for (int flip = 0; flip < flips; ++flip) {
      contents[bits() % span] ^= 1 << bits() % 8;
    }
    if (i % 16 == 15) contents.resize(bits() % contents.size());
    const absl::StatusOr<IdxArray> a = ParseIdx(contents, "some/file");
    if (a.ok()) {
      ExpectConsistent(*a);
    } else {
      ++refused;
      EXPECT_TRUE(absl::IsInvalidArgument(a.status())) << a.status();
    }
  }
  EXPECT_GT(refused, 1000);
  EXPECT_LT(refused, 2000);
}

}  // namespace
}  // namespace adjoint::data
