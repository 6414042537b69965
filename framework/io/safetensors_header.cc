// The text is scanned once, front to back. A tensor is checked as its entry
// ends; names and places of all tensors against each other at the end.
#include "framework/io/safetensors_header.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "framework/io/element.h"
#include "framework/io/json.h"
#include "framework/io/scanner.h"

namespace adjoint::io {
namespace {

constexpr absl::string_view kMetadata = "__metadata__";
constexpr size_t kMaxHeaderBytes = 100000000;
constexpr size_t kMaxNameBytes = 1024;

// All of safetensors 0.6.
constexpr SafetensorsDType kDTypes[] = {
    {"BOOL", 8},        {"F4", 4},          {"F6_E2M3", 6}, {"F6_E3M2", 6},
    {"U8", 8},          {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8},
    {"F8_E5M2FNUZ", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E8M0", 8}, {"I16", 16},
    {"U16", 16},        {"F16", 16},        {"BF16", 16},   {"I32", 32},
    {"U32", 32},        {"F32", 32},        {"C64", 64},    {"F64", 64},
    {"I64", 64},        {"U64", 64},
};

// Scans the members of an object: fn(key, offset of the key) scans a value.
template <class Fn>
bool ScanObject(Scanner& scan, Fn fn) {
  if (!scan.Expect("{")) return false;
  if (scan.Take("}")) return true;
  std::string key;
  do {
    const size_t at = scan.Here();
    if (!ScanJsonString(scan, key) || !scan.Expect(":") || !fn(key, at)) {
      return false;
    }
  } while (scan.Take(","));
  return scan.Expect("}");
}

class HeaderParser {
 public:
  // `text` is the header without its length; `data_size` bytes follow it.
  HeaderParser(absl::string_view text, absl::string_view path,
               int64_t data_size)
      : scan_(text, 8, path, kJsonBlanks), data_size_(data_size) {}

  absl::StatusOr<SafetensorsHeader> Parse() && {
    if (!ScanHeader() || !NamesDiffer() || !TensorsTile()) {
      return scan_.status();
    }
    return std::move(header_);
  }

 private:
  using Fields = std::array<size_t, 3>;  // Offsets; 0 for none yet.
  enum Field { kDType, kShape, kOffsets };
  static constexpr absl::string_view kFields[] = {"dtype", "shape",
                                                  "data_offsets"};

  bool ScanHeader() {
    if (scan_.Rest().substr(0, 1) != "{") {
      return scan_.Fail("not a safetensors file: does not begin with {");
    }
    const bool scanned =
        ScanObject(scan_, [&](const std::string& key, size_t at) {
          const bool ok =
              key == kMetadata ? ScanMetadata(at) : ScanTensor(key, at);
          scan_.Enter("header");
          return ok;
        });
    if (!scanned) return false;
    const size_t padding = scan_.Rest().find_first_not_of(' ');
    if (padding == absl::string_view::npos) return true;
    scan_.Advance(padding);
    return scan_.Fail("not only spaces follow the closing }");
  }

  bool ScanMetadata(size_t at) {
    scan_.Enter(std::string(kMetadata));
    if (std::exchange(has_metadata_, true)) {
      return scan_.FailAt(at, "occurs twice");
    }
    return ScanObject(scan_, [&](std::string& key, size_t key_at) {
      if (header_.metadata.size() == kMaxSafetensors) {
        return scan_.FailAt(key_at,
                            absl::StrCat("more than ", kMaxSafetensors));
      }
      const auto [pair, is_new] = header_.metadata.try_emplace(std::move(key));
      if (!is_new) return scan_.FailAt(key_at, "a key occurs twice");
      return ScanJsonString(scan_, pair->second);
    });
  }

  bool ScanTensor(const std::string& name, size_t at) {
    scan_.Enter("name");
    if (const absl::string_view fault = FaultOfName(name); !fault.empty()) {
      return scan_.FailAt(at, fault);
    }
    if (header_.entries.size() == kMaxSafetensors) {
      return scan_.FailAt(
          at, absl::StrCat("more than ", kMaxSafetensors, " tensors"));
    }
    SafetensorsEntry& entry = header_.entries.emplace_back();
    entry.name = name;
    entry.at = at;
    Enter(entry);
    Fields fields = {};
    return ScanObject(scan_,
                      [&](const std::string& key, size_t key_at) {
                        return ScanField(key, key_at, entry, fields);
                      }) &&
           CheckEntry(entry, fields);
  }

  bool ScanField(const std::string& key, size_t at, SafetensorsEntry& entry,
                 Fields& fields) {
    const auto field = std::find(std::begin(kFields), std::end(kFields), key);
    if (field == std::end(kFields)) {
      return scan_.FailAt(at, "a key is not dtype, shape or data_offsets");
    }
    const auto which = static_cast<Field>(field - kFields);
    if (fields[which] != 0) {
      return scan_.FailAt(at, absl::StrCat(*field, " occurs twice"));
    }
    fields[which] = scan_.Here();
    switch (which) {
      case kDType:
        return ScanDType(entry);
      case kShape:
        return ScanShape(entry);
      default:
        return scan_.Expect("[") && scan_.Integer(entry.begin) &&
               scan_.Expect(",") && scan_.Integer(entry.end) &&
               scan_.Expect("]");
    }
  }

  bool ScanDType(SafetensorsEntry& entry) {
    const size_t at = scan_.Here();
    std::string name;
    if (!ScanJsonString(scan_, name)) return false;
    for (const SafetensorsDType& dtype : kDTypes) {
      if (dtype.name == name) entry.dtype = &dtype;
    }
    if (entry.dtype != nullptr) return true;
    return scan_.FailAt(
        at, absl::StrCat("unknown dtype ", Quoted(name.substr(0, 32))));
  }

  bool ScanShape(SafetensorsEntry& entry) {
    const size_t at = scan_.Here();
    std::array<int64_t, Shape::kMaxRank> dims;
    size_t rank = 0;
    if (!scan_.Expect("[")) return false;
    if (!scan_.Take("]")) {
      do {
        if (rank == dims.size()) {
          return scan_.Fail(absl::StrCat("more than ", rank, " axes"));
        }
        if (!scan_.Integer(dims[rank++])) return false;
      } while (scan_.Take(","));
      if (!scan_.Expect("]")) return false;
    }
    const auto shape = CheckedShape(absl::MakeSpan(dims.data(), rank));
    if (!shape) return scan_.FailAt(at, "the shape is too large");
    entry.shape = *shape;
    return true;
  }

  bool CheckEntry(const SafetensorsEntry& entry, const Fields& fields) {
    for (size_t i = 0; i < fields.size(); ++i) {
      if (fields[i] == 0) {
        return scan_.FailAt(entry.at, absl::StrCat(kFields[i], " is missing"));
      }
    }
    const std::string offsets =
        absl::StrCat("data_offsets [", entry.begin, ",", entry.end, "]");
    if (entry.begin > entry.end) {
      return scan_.FailAt(fields[kOffsets],
                          absl::StrCat(offsets, " end before they begin"));
    }
    if (entry.end > data_size_) {
      return scan_.FailAt(fields[kOffsets],
                          absl::StrCat(offsets, " reach beyond the ",
                                       data_size_, " bytes of data"));
    }
    const std::string what =
        absl::StrCat(entry.dtype->name, " ", entry.shape.ToString());
    int64_t bits;
    if (__builtin_mul_overflow(entry.shape.size(), entry.dtype->bits, &bits)) {
      return scan_.FailAt(fields[kShape], absl::StrCat(what, " is too large"));
    }
    if (bits % 8 != 0 || bits / 8 != entry.end - entry.begin) {
      return scan_.FailAt(fields[kOffsets],
                          absl::StrCat(offsets, " are not the ", bits,
                                       " bits that ", what, " takes"));
    }
    return true;
  }

  bool NamesDiffer() {
    std::set<absl::string_view> names;
    for (const SafetensorsEntry& entry : header_.entries) {
      if (!names.insert(entry.name).second) {
        Enter(entry);
        return scan_.FailAt(entry.at, "occurs twice");
      }
    }
    return true;
  }

  // Sorts the tensors and checks that they fill the data without hole and
  // overlap.
  bool TensorsTile() {
    std::vector<SafetensorsEntry>& entries = header_.entries;
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
      return std::tie(a.begin, a.end, a.at) < std::tie(b.begin, b.end, b.at);
    });
    int64_t end = 0;
    for (const SafetensorsEntry& entry : entries) {
      if (entry.begin != end) {
        Enter(entry);
        return scan_.FailAt(
            entry.at,
            absl::StrCat("begins at byte ", entry.begin, " of the data, ",
                         entry.begin > end ? "a hole behind" : "overlapping",
                         " what ends at ", end));
      }
      end = entry.end;
    }
    if (end == data_size_) return true;
    return scan_.Fail(absl::StrCat("the tensors take ", end, " of the ",
                                   data_size_, " bytes of data"));
  }

  void Enter(const SafetensorsEntry& entry) {
    scan_.Enter(absl::StrCat("tensor ", Quoted(entry.name)));
  }

  Scanner scan_;
  const int64_t data_size_;
  bool has_metadata_ = false;
  SafetensorsHeader header_;
};

}  // namespace

absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(
    absl::string_view start, size_t size, absl::string_view path) {
  const auto malformed = [&](size_t offset, absl::string_view problem) {
    return Malformed(path, offset, "header", problem);
  };
  if (size < 8) {
    return malformed(
        0, absl::StrCat("only ", size, " of the 8 bytes of its length"));
  }
  const auto length = LoadElement<uint64_t>(start.data());
  if (length > kMaxHeaderBytes) {
    return malformed(0, absl::StrCat("not a safetensors file: a length of ",
                                     length, ", more than ", kMaxHeaderBytes));
  }
  if (length > size - 8) {
    return malformed(0, absl::StrCat("a length of ", length, ", but ", size - 8,
                                     " bytes follow"));
  }
  const absl::string_view text = start.substr(8, length);
  if (const size_t bad = FirstBadUtf8(text); bad < text.size()) {
    return malformed(8 + bad, "not UTF-8");
  }
  absl::StatusOr<SafetensorsHeader> header =
      HeaderParser(text, path, size - 8 - length).Parse();
  if (header.ok()) header->size = 8 + length;
  return header;
}

absl::string_view FaultOfName(absl::string_view name) {
  if (name == kMetadata) return "the name __metadata__ is taken";
  if (name.size() > kMaxNameBytes) return "a name is longer than 1024 bytes";
  if (FirstBadUtf8(name) < name.size()) return "a name is not UTF-8";
  for (size_t i = 0; i < name.size(); ++i) {
    const uint8_t c = name[i];
    // U+0080 to U+009F, some of which terminals obey, are c2 80 to c2 9f.
    const bool high = c == 0xc2 && static_cast<uint8_t>(name[i + 1]) < 0xa0;
    if (c < 0x20 || c == 0x7f || high) return "a control character in a name";
  }
  return "";
}

}  // namespace adjoint::io
