// Texts, and gzip with them: what is taken is damaged beneath the checksum too.
#include "absl/strings/match.h"
#include "framework/data/text.h"
#include "tests/data/idx_bytes.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/target.h"

namespace adjoint::fuzz {

bool Fuzz(absl::string_view bytes) {
  const auto size = static_cast<int64_t>(bytes.size());
  const absl::StatusOr<std::string> text =
      Within(size + 3 * BytesHeld(bytes) + (128 << 10),
             [&] { return data::ParseText(bytes, kPath); });
  if (!absl::StartsWith(bytes, "\x1f\x8b")) {
    Require(text.ok() && *text == bytes, "a plain text is its bytes");
  }
  const absl::StatusOr<std::string> limited = data::ParseText(bytes, kPath, 10);
  if (!text.ok()) {
    RequirePlace(text.status());
    return false;
  }
  Require(limited.ok() == (text->size() <= 10), "the limit is heeded");
  Require(*data::ParseText(data::Gzip(*text), kPath) == *text,
          "gzip changes nothing");
  const data::Vocabulary vocabulary(*text);
  Require(vocabulary.Decode(*vocabulary.Encode(*text)) == *text,
          "a text is read back from its numbers");
  return true;
}

std::vector<std::string> Seeds() {
  return {"", "a\nbc\r\n\xc3\xa9\n", data::Gzip(""),
          data::Gzip("one two three one two three"),
          data::Gzip(std::string(2000, 'a'))};
}

}  // namespace adjoint::fuzz
