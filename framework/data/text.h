// Text as training data: a character at a time.
//
//   absl::StatusOr<std::string> text = ReadText("words.txt.gz");
//   const std::string stream = ShuffleLines(*text, 42);
//   const Vocabulary vocabulary(stream);
//   const TextSplit split = SplitTail(stream, 0.1);
//   const TextDataset train(*vocabulary.Encode(split.train), 64);
//
// A character is a byte. Text in UTF-8 thus works, and a model learns that some
// of its characters take two bytes or more; no text is malformed.
#ifndef ADJOINT_FRAMEWORK_DATA_TEXT_H_
#define ADJOINT_FRAMEWORK_DATA_TEXT_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "framework/data/dataset.h"

namespace adjoint::data {

// The bytes that the file at `path` means, unchanged: its own or, if it is
// compressed by gzip, what it inflates to. The contents decide which.
//
// The file is not trusted. Damaged gzip data are an InvalidArgument error with
// path and offset, more than `max_bytes` bytes, in the file or inflated, are
// OutOfRange. Memory stays within the file's size, three times the bytes that
// it really holds and 128 KiB. REQUIRES: max_bytes >= 0.
absl::StatusOr<std::string> ReadText(const std::string& path,
                                     int64_t max_bytes = int64_t{1} << 28);

// The same for the contents of a file; `path` is for messages only.
absl::StatusOr<std::string> ParseText(absl::string_view contents,
                                      absl::string_view path,
                                      int64_t max_bytes = int64_t{1} << 28);

// The lines of `text` in a random order that is a function of `seed` and their
// number, each followed by '\n'. A line ends with '\n', "\r\n" or the text. So
// a list of words becomes a stream whose head and tail are alike.
std::string ShuffleLines(absl::string_view text, uint64_t seed);

// Two parts of a text: the first to train on, the second to test with.
struct TextSplit {
  absl::string_view train, test;
};

// Cuts off the last `test_fraction` of the characters, rounded to the nearest
// number. Throws ValueError unless the fraction is in [0, 1].
TextSplit SplitTail(absl::string_view text, double test_fraction);

// The characters of some text, numbered from 0 in the order of their bytes.
class Vocabulary {
 public:
  // The characters that are in `text`.
  explicit Vocabulary(absl::string_view text);

  int64_t size() const { return characters_.size(); }

  // All of them in order. Vocabulary(characters()) is an equal vocabulary.
  const std::string& characters() const { return characters_; }

  // The numbers of the characters of `text`. InvalidArgument, with the offset,
  // for one that is not in the vocabulary.
  absl::StatusOr<std::vector<int32_t>> Encode(absl::string_view text) const;

  // The characters of these numbers. Throws ValueError, with the place, for one
  // that is not in [0, size()).
  std::string Decode(absl::Span<const int32_t> ids) const;

 private:
  std::string characters_;
  std::array<int32_t, 256> ids_;  // By byte; -1 for no character.
};

// A stream of numbers, cut into examples of `length`: x[i] is the i-th piece of
// the stream, and y[i] what follows each of its elements, that is the same
// piece one further on. Both are i32 [n, length]. The pieces of x do not
// overlap; what is left at the end is not used.
class TextDataset : public Dataset {
 public:
  // Throws ValueError unless length >= 1.
  TextDataset(std::vector<int32_t> ids, int64_t length);

  int64_t size() const override { return size_; }
  Batch Gather(absl::Span<const int64_t> rows) const override;

 private:
  std::vector<int32_t> ids_;
  int64_t length_;
  int64_t size_;
};

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_TEXT_H_
