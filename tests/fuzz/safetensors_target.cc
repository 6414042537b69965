#include <algorithm>

#include "framework/core/tensor.h"
#include "framework/io/safetensors.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/target.h"

namespace adjoint::fuzz {
namespace {

std::string File(const std::string& header, int bytes) {
  std::string file;
  for (int i = 0; i < 8; ++i) {
    file.push_back(static_cast<char>(header.size() >> 8 * i));
  }
  return file + header + std::string(bytes, '\0');
}

bool Check(absl::string_view bytes, bool convert) {
  // Small tensors take blocks of 128 bytes and more.
  const auto size = static_cast<int64_t>(bytes.size());
  const int64_t most =
      std::min(size + (16 << 20), 100 * size + (int64_t{256} << 10));
  const absl::StatusOr<io::SafetensorsFile> file = Within(most, [&] {
    return io::ParseSafetensors(bytes, kPath, {.convert = convert});
  });
  if (!file.ok()) {
    RequirePlace(file.status());
    return false;
  }
  const absl::StatusOr<std::string> written =
      io::EncodeSafetensors(file->tensors, file->metadata);
  Require(written.ok(), "what was read can be written");
  const absl::StatusOr<io::SafetensorsFile> again =
      io::ParseSafetensors(*written, kPath);
  Require(again.ok() && again->metadata == file->metadata &&
              again->tensors.size() == file->tensors.size(),
          "and read again");
  Require(*io::EncodeSafetensors(again->tensors, again->metadata) == *written,
          "and is then what it was");
  return true;
}

}  // namespace

bool Fuzz(absl::string_view bytes) {
  const bool plain = Check(bytes, false);
  const bool converted = Check(bytes, true);
  Require(converted || !plain, "who converts takes no less");
  return converted;
}

std::vector<std::string> Seeds() {
  return {
      File(R"({})", 0),
      File(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}} )", 12),
      File(
          R"({"__metadata__":{"k":"v\n\u00e9\ud83d\ude00"},"b.0":{"dtype":"F64",)"
          R"("shape":[],"data_offsets":[0,8]},"c":{"dtype":"I32","shape":[2,0],)"
          R"("data_offsets":[8,8]}})",
          8),
      File(R"({"h":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]},)"
           R"("b":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]},)"
           R"("i":{"dtype":"I64","shape":[1],"data_offsets":[8,16]}})",
           16),
  };
}

}  // namespace adjoint::fuzz
