// What files that are made to take memory do take.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"
#include "framework/data/idx.h"
#include "tests/data/idx_bytes.h"
#include "tests/fuzz/heap.h"

namespace adjoint {
namespace {

constexpr int64_t kSmall = 128 << 10, kLarge = 16 << 20;

std::string Repeated(const std::string& text, int64_t times) {
  std::string all;
  for (int64_t i = 0; i < times; ++i) all += text;
  return all;
}

template <class Parse>
int64_t MemoryOf(Parse parse) {
  const int64_t before = fuzz::ResetHeapPeak();
  { const auto result = parse(); }
  return fuzz::HeapPeak() - before;
}

TEST(Memory, OfACsvFileIsBoundedByTheFile) {
  std::string names = "k\n";
  for (int i = 0; i < 200000; ++i) absl::StrAppend(&names, i, "\n");
  const int64_t kRows = 500000;
  struct {
    const char* name;
    std::string file;
  } const cases[] = {
      {"a row of empty cells", std::string(4 << 20, ',')},
      {"a row of numbers", Repeated("1,", 1 << 20) + "1"},
      {"a column of numbers", Repeated("1\n", kRows)},
      {"empty lines behind a wide row",
       Repeated("1,", 1 << 16) + "1" + std::string(1 << 20, '\n')},
      {"empty cells behind a good row",
       Repeated("1,", 1 << 10) + "1\n" + std::string(1 << 21, ',')},
      {"a cell of quotes", "\"" + std::string(4 << 20, '"') + "\"\n"},
      {"an open quote", "\"" + std::string(4 << 20, 'x')},
      {"as many classes as rows", names},
      {"as many headers as bytes", std::string(4 << 20, ',') + "\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto size = static_cast<int64_t>(c.file.size());
    for (DType dtype : {DType::kF32, DType::kF64}) {
      for (bool header : {false, true}) {
        EXPECT_LE(MemoryOf([&] {
                    return data::ParseCsv(c.file, "f",
                                          {.header = header, .dtype = dtype});
                  }),
                  6 * size + kSmall);
        EXPECT_LE(
            MemoryOf([&] {
              return data::ParseCsv(
                  c.file, "f",
                  {.header = header, .target_is_class = true, .dtype = dtype});
            }),
            6 * size + kLarge);
      }
    }
    const std::string zipped = data::Gzip(c.file);
    EXPECT_LE(MemoryOf([&] {
                return data::ParseCsv(zipped, "f", {.dtype = DType::kF64});
              }),
              static_cast<int64_t>(zipped.size()) + 6 * size + kSmall);
  }
}

TEST(Memory, OfCifar10IsBoundedByTheFile) {
  const std::string file = Repeated("\x01" + std::string(3072, 'x'), 1000);
  const auto size = static_cast<int64_t>(file.size());
  EXPECT_LE(MemoryOf([&] { return data::ParseCifar10(file, "f"); }),
            2 * size + kSmall);
  const std::string zipped = data::Gzip(file);
  EXPECT_LE(MemoryOf([&] { return data::ParseCifar10(zipped, "f"); }),
            3 * size + kSmall);
}

TEST(Memory, OfIdxAndTextsIsBoundedByTheFile) {
  const std::string file =
      data::IdxHeader(0x0E, 2, {1 << 10, 1 << 10}) + std::string(8 << 20, 'x');
  const auto size = static_cast<int64_t>(file.size());
  EXPECT_LE(MemoryOf([&] { return data::ParseIdx(file, "f"); }), size + kSmall);
  const std::string zipped = data::Gzip(file);
  EXPECT_LE(MemoryOf([&] { return data::ParseIdx(zipped, "f"); }),
            3 * size + kSmall);
  EXPECT_LE(MemoryOf([&] { return data::ParseText(file, "f"); }),
            size + kSmall);
  EXPECT_LE(MemoryOf([&] { return data::ParseText(zipped, "f"); }),
            3 * size + kSmall);
}

// A bound that is never nearly reached would show nothing.
TEST(Memory, IsSeen) {
  if (!fuzz::kHeapIsSeen) GTEST_SKIP() << "malloc is not ours to replace";
  EXPECT_GE(MemoryOf([] { return std::string(1 << 20, 'x'); }), 1 << 20);
  EXPECT_GE(MemoryOf([] { return Zeros({1 << 20}); }), 4 << 20);
}

}  // namespace
}  // namespace adjoint
