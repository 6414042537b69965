#include "framework/io/npy.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "framework/base/file.h"
#include "framework/base/within_memory.h"
#include "framework/io/element.h"
#include "framework/io/npy_header.h"
#include "framework/io/scanner.h"

namespace adjoint::io {
namespace {

// The step from one element to the next along each axis, in elements, where
// the first axis is the fastest.
std::vector<int64_t> FortranSteps(const Shape& shape) {
  std::vector<int64_t> steps(shape.rank());
  int64_t step = 1;
  for (int i = 0; i < shape.rank(); ++i) {
    steps[i] = step;
    step *= shape[i];
  }
  return steps;
}

struct NpyReader {
  absl::string_view descr;
  int64_t size;  // Bytes of an element.
  DType to;
  bool (*copy)(const char* from, absl::Span<const int64_t> steps, Array& array);
};
constexpr NpyReader kNpyReaders[] = {
    {"<f4", 4, DType::kF32, CopyElements<float, float>},
    {"<f8", 8, DType::kF64, CopyElements<double, double>},
    {"<i4", 4, DType::kI32, CopyElements<int32_t, int32_t>},
    {"<i8", 8, DType::kI32, CopyElements<int64_t, int32_t>},
};

absl::Status Refusal(const NpyHeader& header, absl::string_view path,
                     absl::string_view reason) {
  return absl::UnimplementedError(absl::StrCat(
      path, ": offset ", header.descr_at,
      ": descr: ", Quoted(header.descr.substr(0, 32)), " ", reason));
}

// The elements of `size` bytes each, which are exactly the rest of the file.
absl::StatusOr<absl::string_view> Data(absl::string_view contents,
                                       absl::string_view path,
                                       const NpyHeader& header, int64_t size) {
  // No overflow: at most 2^59 elements of 8 bytes.
  const uint64_t wanted = header.shape.size() * size;
  const absl::string_view data = contents.substr(header.size);
  if (data.size() == wanted) return data;
  return Malformed(
      path, header.size, "data",
      absl::StrCat(header.descr, " ", header.shape.ToString(), " takes ",
                   wanted, " bytes, but ", data.size(), " follow"));
}

absl::StatusOr<Tensor> Parse(absl::string_view contents,
                             absl::string_view path) {
  const absl::StatusOr<NpyHeader> header = ParseNpyHeader(contents, path);
  if (!header.ok()) return header.status();
  const auto* reader = std::find_if(
      std::begin(kNpyReaders), std::end(kNpyReaders),
      [&](const NpyReader& r) { return r.descr == header->descr; });
  if (reader == std::end(kNpyReaders)) {
    return Refusal(*header, path, "is not one of <f4, <f8, <i4 and <i8");
  }
  const absl::StatusOr<absl::string_view> data =
      Data(contents, path, *header, reader->size);
  if (!data.ok()) return data.status();
  Ref<Array> array = Array::New(reader->to, header->shape);
  std::vector<int64_t> steps;
  if (header->fortran_order) steps = FortranSteps(header->shape);
  if (!reader->copy(data->data(), steps, *array)) {
    return Refusal(*header, path,
                   absl::StrCat("has a value beyond ", Name(reader->to)));
  }
  return Tensor(std::move(array));
}

absl::StatusOr<ByteArray> ParseBytes(absl::string_view contents,
                                     absl::string_view path) {
  const absl::StatusOr<NpyHeader> header = ParseNpyHeader(contents, path);
  if (!header.ok()) return header.status();
  if (header->descr != "|u1") return Refusal(*header, path, "is not |u1");
  if (header->fortran_order && header->shape.rank() > 1) {
    return Refusal(*header, path, "in Fortran's order is not read");
  }
  const absl::StatusOr<absl::string_view> data =
      Data(contents, path, *header, 1);
  if (!data.ok()) return data.status();
  return ByteArray{header->shape, {data->begin(), data->end()}};
}

}  // namespace

absl::StatusOr<Tensor> ParseNpy(absl::string_view contents,
                                absl::string_view path) {
  return WithinMemory(path, [&] { return Parse(contents, path); });
}

absl::StatusOr<ByteArray> ParseNpyBytes(absl::string_view contents,
                                        absl::string_view path) {
  return WithinMemory(path, [&] { return ParseBytes(contents, path); });
}

absl::StatusOr<ByteArray> ReadNpyBytes(const std::string& path) {
  absl::StatusOr<std::string> contents = ReadFile(path);
  if (!contents.ok()) return contents.status();
  return ParseNpyBytes(*contents, path);
}

absl::StatusOr<Tensor> ReadNpy(const std::string& path) {
  absl::StatusOr<std::string> contents = ReadFile(path);
  if (!contents.ok()) return contents.status();
  return ParseNpy(*contents, path);
}

std::string EncodeNpy(const Tensor& x) {
  std::string shape;
  for (int64_t d : x.shape().dims()) {
    absl::StrAppend(&shape, shape.empty() ? "" : ", ", d);
  }
  if (x.rank() == 1) shape += ',';
  // NumPy's name of a dtype: order, kind, bytes.
  std::string header = absl::StrCat(
      "{'descr': '<", Name(x.dtype()).substr(0, 1), SizeOf(x.dtype()),
      "', 'fortran_order': False, 'shape': (", shape, "), }");
  // The elements begin at a multiple of 64.
  constexpr size_t kBefore = 10;
  const size_t size = (kBefore + header.size() + 1 + 63) / 64 * 64 - kBefore;
  header.resize(size - 1, ' ');
  std::string out = absl::StrCat(
      kNpyMagic, absl::string_view("\x01\x00", 2),
      std::string{static_cast<char>(size & 0xff), static_cast<char>(size >> 8)},
      header, "\n");
  absl::StrAppend(&out, BytesOf(LittleEndian(x)));
  return out;
}

absl::Status WriteNpy(const std::string& path, const Tensor& x) {
  return WriteFileAtomically(path, EncodeNpy(x));
}

}  // namespace adjoint::io
