// The header is a literal of Python, of which NumPy writes a small part; that
// part alone is read here.
#include "framework/io/npy.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/base/file.h"
#include "framework/io/element.h"
#include "framework/io/scanner.h"

namespace adjoint::io {
namespace {

constexpr absl::string_view kMagic("\x93NUMPY", 6);
constexpr size_t kMaxHeaderBytes = 65536;

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

struct Reader {
  absl::string_view descr;
  int64_t size;  // Bytes of an element.
  DType to;
  bool (*copy)(const char* from, absl::Span<const int64_t> steps, Array& array);
};
constexpr Reader kReaders[] = {
    {"<f4", 4, DType::kF32, CopyElements<float, float>},
    {"<f8", 8, DType::kF64, CopyElements<double, double>},
    {"<i4", 4, DType::kI32, CopyElements<int32_t, int32_t>},
    {"<i8", 8, DType::kI32, CopyElements<int64_t, int32_t>},
};

struct Header {
  absl::string_view descr;
  bool fortran_order = false;
  Shape shape;
  size_t size = 0;      // In bytes, with what precedes the text.
  size_t descr_at = 0;  // Where in the file it is.
};

class HeaderParser {
 public:
  HeaderParser(absl::string_view text, size_t offset, absl::string_view path)
      : scan_(text, offset, path, " ") {}

  absl::StatusOr<Header> Parse() && {
    if (!ScanDict() || !ScanPadding()) return scan_.status();
    return header_;
  }

 private:
  static constexpr absl::string_view kKeys[] = {"descr", "fortran_order",
                                                "shape"};

  bool ScanDict() {
    if (!scan_.Expect("{")) return false;
    std::array<bool, 3> seen = {};
    while (!scan_.Take("}")) {
      const size_t at = scan_.Here();
      absl::string_view name;
      if (!ScanString(name)) return false;
      const auto* key = std::find(std::begin(kKeys), std::end(kKeys), name);
      if (key == std::end(kKeys)) {
        return scan_.FailAt(at, absl::StrCat("unknown key ", Quoted(name)));
      }
      if (std::exchange(seen[key - kKeys], true)) {
        return scan_.FailAt(at, absl::StrCat(*key, " occurs twice"));
      }
      if (!scan_.Expect(":") || !ScanValue(*key)) return false;
      scan_.Enter("header");
      if (scan_.Take(",")) continue;
      if (!scan_.Expect("}")) return false;
      break;
    }
    for (size_t i = 0; i < seen.size(); ++i) {
      if (!seen[i]) return scan_.Fail(absl::StrCat(kKeys[i], " is missing"));
    }
    return true;
  }

  bool ScanPadding() {
    scan_.Here();
    if (scan_.Rest() == "\n") return true;
    return scan_.Fail("not spaces and a newline follow the closing }");
  }

  bool ScanValue(absl::string_view key) {
    scan_.Enter(std::string(key));
    if (key == "shape") return ScanShape();
    if (key == "descr") {
      header_.descr_at = scan_.Here();
      if (absl::StartsWith(scan_.Rest(), "[")) {
        return scan_.Fail("arrays of records are not read");
      }
      return ScanString(header_.descr);
    }
    header_.fortran_order = scan_.Take("True");
    return header_.fortran_order || scan_.Take("False") ||
           scan_.FailForWantOf("True or False");
  }

  // Scans a tuple: (), (3,), (2, 3).
  bool ScanShape() {
    const size_t at = scan_.Here();
    std::array<int64_t, Shape::kMaxRank> dims;
    size_t rank = 0;
    if (!scan_.Expect("(")) return false;
    while (!scan_.Take(")")) {
      if (rank == dims.size()) {
        return scan_.Fail(absl::StrCat("more than ", rank, " axes"));
      }
      if (!scan_.Integer(dims[rank++])) return false;
      if (scan_.Take(",")) continue;
      // Python takes (3) for a number.
      if (rank == 1) return scan_.Expect(",");
      if (!scan_.Expect(")")) return false;
      break;
    }
    const auto shape = CheckedShape(absl::MakeSpan(dims.data(), rank));
    if (!shape) return scan_.FailAt(at, "the shape is too large");
    header_.shape = *shape;
    return true;
  }

  bool ScanString(absl::string_view& value) {
    scan_.Here();
    const absl::string_view quote = scan_.Rest().substr(0, 1);
    if (quote != "'" && quote != "\"") return scan_.FailForWantOf("a string");
    const size_t end = scan_.Rest().find_first_of("'\"\\\n", 1);
    if (end == absl::string_view::npos || scan_.Rest()[end] != quote[0]) {
      return scan_.Fail("a string has no end");
    }
    value = scan_.Rest().substr(1, end - 1);
    scan_.Advance(end + 1);
    return true;
  }

  Scanner scan_;
  Header header_;
};

absl::StatusOr<Header> ParseHeader(absl::string_view contents,
                                   absl::string_view path) {
  if (!absl::StartsWith(contents, kMagic)) {
    return Malformed(path, 0, "magic", "not a file of NumPy's");
  }
  if (contents.size() < 8) {
    return Malformed(path, 6, "version", "the file ends too early");
  }
  const auto major = static_cast<uint8_t>(contents[6]);
  const auto minor = static_cast<uint8_t>(contents[7]);
  if (major < 1 || major > 3 || minor != 0) {
    return Malformed(path, 6, "version",
                     absl::StrCat(major, ".", minor, " is not 1.0 to 3.0"));
  }
  const size_t begin = major == 1 ? 10 : 12;
  if (contents.size() < begin) {
    return Malformed(path, 8, "header length", "the file ends too early");
  }
  const size_t length = major == 1 ? LoadElement<uint16_t>(contents.data() + 8)
                                   : LoadElement<uint32_t>(contents.data() + 8);
  if (length > kMaxHeaderBytes) {
    return Malformed(path, 8, "header length",
                     absl::StrCat(length, " is more than ", kMaxHeaderBytes));
  }
  if (length > contents.size() - begin) {
    return Malformed(path, 8, "header length",
                     absl::StrCat(length, ", but ", contents.size() - begin,
                                  " bytes follow"));
  }
  absl::StatusOr<Header> header =
      HeaderParser(contents.substr(begin, length), begin, path).Parse();
  if (header.ok()) header->size = begin + length;
  return header;
}

absl::StatusOr<Tensor> Parse(absl::string_view contents,
                             absl::string_view path) {
  const absl::StatusOr<Header> header = ParseHeader(contents, path);
  if (!header.ok()) return header.status();
  const auto refuse = [&](absl::string_view reason) {
    return absl::UnimplementedError(absl::StrCat(
        path, ": offset ", header->descr_at,
        ": descr: ", Quoted(header->descr.substr(0, 32)), " ", reason));
  };
  const auto* reader =
      std::find_if(std::begin(kReaders), std::end(kReaders),
                   [&](const Reader& r) { return r.descr == header->descr; });
  if (reader == std::end(kReaders)) {
    return refuse("is not one of <f4, <f8, <i4 and <i8");
  }
  // No overflow: at most 2^59 elements of 8 bytes.
  const uint64_t wanted = header->shape.size() * reader->size;
  const absl::string_view data = contents.substr(header->size);
  if (data.size() != wanted) {
    return Malformed(
        path, header->size, "data",
        absl::StrCat(reader->descr, " ", header->shape.ToString(), " takes ",
                     wanted, " bytes, but ", data.size(), " follow"));
  }
  Ref<Array> array = Array::New(reader->to, header->shape);
  std::vector<int64_t> steps;
  if (header->fortran_order) steps = FortranSteps(header->shape);
  if (!reader->copy(data.data(), steps, *array)) {
    return refuse(absl::StrCat("has a value beyond ", Name(reader->to)));
  }
  return Tensor(std::move(array));
}

}  // namespace

absl::StatusOr<Tensor> ParseNpy(absl::string_view contents,
                                absl::string_view path) try {
  return Parse(contents, path);
} catch (const std::bad_alloc&) {
  return absl::ResourceExhaustedError(
      absl::StrCat(path, ": not enough memory for its contents"));
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
      kMagic, absl::string_view("\x01\x00", 2),
      std::string{static_cast<char>(size & 0xff), static_cast<char>(size >> 8)},
      header, "\n");
  AppendElements(out, x);
  return out;
}

absl::Status WriteNpy(const std::string& path, const Tensor& x) {
  return WriteFileAtomically(path, EncodeNpy(x));
}

}  // namespace adjoint::io
