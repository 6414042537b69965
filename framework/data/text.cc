#include "framework/data/text.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/base/file.h"
#include "framework/base/rng.h"
#include "framework/base/within_memory.h"
#include "framework/core/array.h"
#include "framework/core/dtype.h"
#include "framework/data/byte_source.h"

namespace adjoint::data {
namespace {

constexpr uint64_t kFirstBlock = uint64_t{64} << 10;

absl::StatusOr<std::string> ReadAll(ByteSource& source, absl::string_view path,
                                    uint64_t max_bytes) {
  // Doubling keeps the memory in proportion to the bytes that were really
  // there. `reserve` makes each step exact. One byte more than there can be is
  // asked for: a source that gives less has ended, and has checked its end.
  std::string text;
  while (true) {
    const uint64_t begin = text.size();
    const uint64_t wanted =
        std::min({begin + source.MaxRemaining() + 1, max_bytes + 1,
                  std::max(source.FileSize() + kFirstBlock, 2 * begin)});
    text.reserve(wanted);
    text.resize(wanted);
    absl::StatusOr<size_t> n = source.Read(absl::MakeSpan(
        reinterpret_cast<uint8_t*>(&text[begin]), wanted - begin));
    if (!n.ok()) return n.status();
    text.resize(begin + *n);
    if (text.size() > max_bytes) {
      return absl::OutOfRangeError(
          absl::StrCat(path, ": holds more than ", max_bytes, " bytes"));
    }
    if (text.size() < wanted) return text;
  }
}

// The lines of `text` without what ends them.
std::vector<absl::string_view> Lines(absl::string_view text) {
  std::vector<absl::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    absl::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.push_back(line);
  }
  return lines;
}

// Element j of row i is ids[first(i) + j]: i32 [rows.size(), length].
template <class Fn>
Tensor Pieces(absl::Span<const int32_t> ids, int64_t n, int64_t length,
              Fn first) {
  const Ref<Array> out = Array::New(DType::kI32, {n, length});
  int32_t* to = static_cast<int32_t*>(out->data());
  for (int64_t i = 0; i < n; ++i, to += length) {
    std::copy_n(ids.begin() + first(i), length, to);
  }
  return Tensor(out);
}

}  // namespace

absl::StatusOr<std::string> ParseText(absl::string_view contents,
                                      absl::string_view path,
                                      int64_t max_bytes) {
  ADJOINT_CHECK(max_bytes >= 0);
  return WithinMemory(path, [&] {
    return ReadAll(*OpenByteSource(contents, path), path, max_bytes);
  });
}

absl::StatusOr<std::string> ReadText(const std::string& path,
                                     int64_t max_bytes) {
  absl::StatusOr<std::string> contents = ReadFile(path, max_bytes);
  if (!contents.ok()) return contents.status();
  return ParseText(*contents, path, max_bytes);
}

std::string ShuffleLines(absl::string_view text, uint64_t seed) {
  const std::vector<absl::string_view> lines = Lines(text);
  std::string shuffled;
  shuffled.reserve(text.size() + 1);
  for (int64_t i : Rng(seed).Permutation(lines.size())) {
    absl::StrAppend(&shuffled, lines[i], "\n");
  }
  return shuffled;
}

TextSplit SplitTail(absl::string_view text, double test_fraction) {
  if (!(test_fraction >= 0 && test_fraction <= 1)) {
    throw ValueError(absl::StrCat("SplitTail: the fraction must be in [0, 1]: ",
                                  test_fraction));
  }
  const size_t test =
      std::min<size_t>(text.size(), std::llround(test_fraction * text.size()));
  return {text.substr(0, text.size() - test), text.substr(text.size() - test)};
}

Vocabulary::Vocabulary(absl::string_view text) {
  ids_.fill(-1);
  for (char c : text) ids_[static_cast<uint8_t>(c)] = 0;
  for (int byte = 0; byte < 256; ++byte) {
    if (ids_[byte] < 0) continue;
    ids_[byte] = static_cast<int32_t>(characters_.size());
    characters_.push_back(static_cast<char>(byte));
  }
}

absl::StatusOr<std::vector<int32_t>> Vocabulary::Encode(
    absl::string_view text) const {
  std::vector<int32_t> ids(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    ids[i] = ids_[static_cast<uint8_t>(text[i])];
    if (ids[i] < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("offset ", i, ": '", absl::CHexEscape(text.substr(i, 1)),
                       "' is not in the vocabulary"));
    }
  }
  return ids;
}

std::string Vocabulary::Decode(absl::Span<const int32_t> ids) const {
  std::string text(ids.size(), '\0');
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0 || ids[i] >= size()) {
      throw ValueError(absl::StrCat("Vocabulary: ", ids[i], " at ", i,
                                    " is not in [0, ", size(), ")"));
    }
    text[i] = characters_[ids[i]];
  }
  return text;
}

TextDataset::TextDataset(std::vector<int32_t> ids, int64_t length)
    : ids_(std::move(ids)), length_(length) {
  if (length < 1) {
    throw ValueError(
        absl::StrCat("TextDataset: the length must be >= 1: ", length));
  }
  // The last element of a stream is only ever a target.
  size_ = ids_.empty() ? 0 : (static_cast<int64_t>(ids_.size()) - 1) / length;
}

Batch TextDataset::Gather(absl::Span<const int64_t> rows) const {
  for (int64_t row : rows) ADJOINT_CHECK(0 <= row && row < size_);
  const int64_t n = rows.size();
  return {.x = Pieces(ids_, n, length_,
                      [&](int64_t i) { return rows[i] * length_; }),
          .y = Pieces(ids_, n, length_,
                      [&](int64_t i) { return rows[i] * length_ + 1; })};
}

}  // namespace adjoint::data
