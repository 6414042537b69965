// config.json, which a resumed run is compared with.
#include "absl/strings/match.h"
#include "framework/train/config.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/target.h"

namespace adjoint::fuzz {
namespace {

absl::StatusOr<train::RunConfig> Read(absl::string_view bytes) {
  const std::string path = WriteTemporary("config.json", bytes);
  const auto size = static_cast<int64_t>(bytes.size());
  auto config = Within(1000 * size + (256 << 10),
                       [] { return train::ReadConfig(TemporaryFolder()); });
  Require(config.ok() || absl::StartsWith(config.status().message(), path),
          "an error names the path");
  return config;
}

}  // namespace

bool Fuzz(absl::string_view bytes) {
  const absl::StatusOr<train::RunConfig> config = Read(bytes);
  if (!config.ok()) return false;
  const std::string text = train::ToJson(*config);
  const absl::StatusOr<train::RunConfig> again = Read(text);
  Require(again.ok() && train::ToJson(*again) == text,
          "what was read can be written and read again");
  Require(train::Differences(*config, *again,
                             [](absl::string_view) { return true; })
              .empty(),
          "and is then no other run");
  return true;
}

std::vector<std::string> Seeds() {
  train::RunConfig config = {.model = "m"};
  const std::string first = train::ToJson(config);
  config.flags = {{"epochs", "10"}, {"data_dir", "/a \"b\""}};
  config.train = {.examples = 60000, .checksum = "crc32 0123abcd"};
  config.facts = {{"commit", "1a2b"}, {"cpu", "x"}};
  return {first, train::ToJson(config)};
}

}  // namespace adjoint::fuzz
