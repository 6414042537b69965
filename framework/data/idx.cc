// One parser reads both forms: it takes bytes from a ByteSource, which is the
// file itself or its inflation. The header comes first, and the size that it
// declares is a hard cap on all that is inflated after it.
#include "framework/data/idx.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "framework/base/file.h"
#include "framework/base/large_pages.h"
#include "framework/base/within_memory.h"
#include "framework/data/byte_source.h"

namespace adjoint::data {
namespace {

constexpr int kMaxRank = 4;
constexpr uint32_t kMaxDimension = uint32_t{1} << 28;
constexpr uint64_t kSmallBlock = uint64_t{64} << 10;
constexpr uint64_t kLikelyRatio = 8;

struct TypeRow {
  IdxType type;
  absl::string_view name;
  int64_t size;
};
constexpr TypeRow kTypes[] = {
    {IdxType::kU8, "u8", 1},   {IdxType::kI8, "i8", 1},
    {IdxType::kI16, "i16", 2}, {IdxType::kI32, "i32", 4},
    {IdxType::kF32, "f32", 4}, {IdxType::kF64, "f64", 8},
};

absl::StatusOr<uint32_t> ReadBigEndian32(ByteSource& source, uint64_t offset,
                                         absl::string_view field) {
  std::array<uint8_t, 4> b;
  absl::StatusOr<size_t> n = source.Read(absl::MakeSpan(b));
  if (!n.ok()) return n.status();
  if (*n < b.size()) {
    return source.Malformed(offset, field,
                            absl::StrCat("only ", *n, " of 4 bytes are there"));
  }
  return uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 |
         uint32_t{b[3]};
}

// Reads all but the elements into `array` and returns the offset of those.
absl::StatusOr<uint64_t> ReadHeader(ByteSource& source, IdxArray& array) {
  absl::StatusOr<uint32_t> magic = ReadBigEndian32(source, 0, "magic");
  if (!magic.ok()) return magic.status();
  if (*magic >> 16 != 0) {
    return source.Malformed(
        0, "magic",
        absl::StrCat("not an IDX file, nor gzip: it begins with 0x",
                     absl::Hex(*magic, absl::kZeroPad8)));
  }
  array.type = static_cast<IdxType>(*magic >> 8 & 0xff);
  if (IdxTypeSize(array.type) == 0) {
    return source.Malformed(
        2, "type",
        absl::StrCat("unknown code 0x",
                     absl::Hex(*magic >> 8 & 0xff, absl::kZeroPad2)));
  }
  const uint32_t rank = *magic & 0xff;
  if (rank < 1 || rank > kMaxRank) {
    return source.Malformed(3, "rank",
                            absl::StrCat(rank, " is not 1 to ", kMaxRank));
  }
  for (uint32_t i = 0; i < rank; ++i) {
    const uint64_t offset = 4 + 4 * i;
    const std::string field = absl::StrCat("dimension ", i);
    absl::StatusOr<uint32_t> d = ReadBigEndian32(source, offset, field);
    if (!d.ok()) return d.status();
    if (*d > kMaxDimension) {
      return source.Malformed(
          offset, field, absl::StrCat(*d, " is more than ", kMaxDimension));
    }
    array.shape.push_back(*d);
  }
  return 4 + 4 * rank;
}

// "[60000,28,28] of u8"
std::string Describe(const IdxArray& array) {
  return absl::StrCat("[", absl::StrJoin(array.shape, ","), "] of ",
                      IdxTypeName(array.type));
}

// The bytes that the elements take, found to be no more than can be there.
absl::StatusOr<uint64_t> DataSize(const ByteSource& source, uint64_t offset,
                                  const IdxArray& array) {
  // An empty array whose other dimensions overflow is refused too, so that
  // strides of a shape that was read are always safe to compute.
  int64_t extent = IdxTypeSize(array.type);
  bool empty = false;
  for (int64_t d : array.shape) {
    empty |= d == 0;
    if (__builtin_mul_overflow(extent, std::max<int64_t>(d, 1), &extent)) {
      return source.Malformed(offset, "data",
                              absl::StrCat(Describe(array), " is too large"));
    }
  }
  const uint64_t size = empty ? 0 : extent;
  const uint64_t most = source.MaxRemaining();
  if (size <= most) return size;
  return source.Malformed(
      offset, "data",
      absl::StrCat(Describe(array), " takes ", size, " bytes, but at most ",
                   most, " can follow"));
}

// Reads the `size` bytes of the elements and checks that nothing follows them.
absl::Status ReadData(ByteSource& source, uint64_t offset, uint64_t size,
                      IdxArray& array) {
  // Most images inflate to less than eight times their file and so get their
  // memory at once; doubling keeps that of others in proportion to the bytes
  // that were really there. `reserve` makes each step exact.
  const uint64_t first = kLikelyRatio * source.FileSize() + kSmallBlock;
  std::vector<uint8_t>& bytes = array.bytes;
  while (bytes.size() < size) {
    const uint64_t begin = bytes.size();
    const size_t end = std::min(size, std::max(first, 2 * begin));
    bytes.reserve(end);
    PreferLargePages(bytes.data(), end);
    bytes.resize(end);
    absl::StatusOr<size_t> n =
        source.Read(absl::MakeSpan(bytes).subspan(begin));
    if (!n.ok()) return n.status();
    if (begin + *n < bytes.size()) {
      return source.Malformed(
          offset, "data",
          absl::StrCat(Describe(array), " takes ", size, " bytes, but only ",
                       begin + *n, " follow"));
    }
  }
  uint8_t extra;
  absl::StatusOr<size_t> n = source.Read(absl::MakeSpan(&extra, 1));
  if (!n.ok()) return n.status();
  if (*n == 0) return absl::OkStatus();
  return source.Malformed(
      offset + size, "data",
      absl::StrCat("more bytes follow the end of ", Describe(array)));
}

void ToHostByteOrder(IdxArray& array) {
  const int64_t size = IdxTypeSize(array.type);
  if (std::endian::native == std::endian::big || size == 1) return;
  for (auto i = array.bytes.begin(); i != array.bytes.end(); i += size) {
    std::reverse(i, i + size);
  }
}

absl::StatusOr<IdxArray> Parse(ByteSource& source) {
  IdxArray array;
  absl::StatusOr<uint64_t> offset = ReadHeader(source, array);
  if (!offset.ok()) return offset.status();
  absl::StatusOr<uint64_t> size = DataSize(source, *offset, array);
  if (!size.ok()) return size.status();
  absl::Status status = ReadData(source, *offset, *size, array);
  if (!status.ok()) return status;
  array.checksum = {source.Crc32(), *offset + *size};
  ToHostByteOrder(array);
  return array;
}

}  // namespace

int64_t IdxTypeSize(IdxType type) {
  for (const TypeRow& row : kTypes) {
    if (row.type == type) return row.size;
  }
  return 0;
}

absl::string_view IdxTypeName(IdxType type) {
  for (const TypeRow& row : kTypes) {
    if (row.type == type) return row.name;
  }
  return "unknown";
}

absl::StatusOr<IdxArray> ParseIdx(absl::string_view contents,
                                  absl::string_view path) {
  return WithinMemory(path,
                      [&] { return Parse(*OpenByteSource(contents, path)); });
}

absl::StatusOr<IdxArray> ReadIdx(const std::string& path) {
  absl::StatusOr<std::string> contents = ReadFile(path);
  if (!contents.ok()) return contents.status();
  return ParseIdx(*contents, path);
}

}  // namespace adjoint::data
