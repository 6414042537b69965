// What tests of parsers share: damaged files, and what must be said of them.
#ifndef ADJOINT_TESTS_IO_HOSTILE_H_
#define ADJOINT_TESTS_IO_HOSTILE_H_

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/core/memory.h"
#include "framework/core/tensor.h"

namespace adjoint::io {

// A change of a file's text, and the error that it must give.
struct Damage {
  const char* name;
  std::string from, to;  // A ^ in `to`, which is left out, marks the error.
  std::string what;      // "field: problem".
};

// `text` with `damage`, and the place of the mark.
inline std::pair<std::string, size_t> Damaged(std::string text,
                                              const Damage& damage) {
  const size_t at = text.find(damage.from);
  EXPECT_NE(at, std::string::npos) << damage.name;
  text.replace(at, damage.from.size(), damage.to);
  const size_t mark = text.find('^');
  EXPECT_NE(mark, std::string::npos) << damage.name;
  text.erase(mark, 1);
  return {text, mark};
}

// That `status` is what a file at some/file gets: one line of path, offset,
// field and problem.
inline void ExpectMalformed(const absl::Status& status, size_t offset,
                            const std::string& what) {
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  const std::string wanted =
      absl::StrCat("some/file: offset ", offset, ": ", what);
  EXPECT_TRUE(absl::StartsWith(status.message(), wanted))
      << status << "\nbut not " << wanted;
  for (char c : status.message()) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << status;
}

// A tensor with these bytes for its elements.
inline Tensor FromBytes(DType dtype, const Shape& shape,
                        const std::string& bytes) {
  Ref<Array> array = Array::New(dtype, shape);
  EXPECT_EQ(bytes.size(), shape.size() * SizeOf(dtype));
  std::memcpy(array->data(), bytes.data(), bytes.size());
  return Tensor(std::move(array));
}

// The bytes of the elements: NaN is equal to itself.
inline std::string Bytes(const Tensor& x) {
  return {static_cast<const char*>(x.array()->data()),
          x.size() * SizeOf(x.dtype())};
}

inline void ExpectSame(const Tensor& a, const Tensor& b) {
  EXPECT_EQ(a.dtype(), b.dtype());
  EXPECT_EQ(a.shape(), b.shape());
  EXPECT_TRUE(Bytes(a) == Bytes(b)) << a << "\n" << b;
}

// The most memory that the process has ever used, in bytes.
inline int64_t PeakMemory() {
  rusage usage;
  EXPECT_EQ(getrusage(RUSAGE_SELF, &usage), 0);
  return int64_t{usage.ru_maxrss} << 10;
}

// In a process of its own that may take no more memory: exits with 0 if
// parse() says so.
template <class Parse>
[[noreturn]] void ExitAsMemoryIsShort(Parse parse) {
  SetMemoryCacheLimit(0);
  const rlimit limit = {1, 1};
  setrlimit(RLIMIT_AS, &limit);
  std::exit(absl::IsResourceExhausted(parse().status()) ? 0 : 1);
}

}  // namespace adjoint::io

#endif  // ADJOINT_TESTS_IO_HOSTILE_H_
