#include <algorithm>
#include <bit>

#include "absl/strings/match.h"
#include "framework/data/idx.h"
#include "tests/data/idx_bytes.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/target.h"

namespace adjoint::fuzz {
namespace {

using data::IdxArray;

absl::StatusOr<IdxArray> Parse(absl::string_view bytes) {
  const auto size = static_cast<int64_t>(bytes.size());
  return Within(8 * size + 3 * BytesHeld(bytes) + (128 << 10),
                [&] { return data::ParseIdx(bytes, kPath); });
}

// The file that has this array.
std::string Encode(const IdxArray& array) {
  std::string file = data::IdxHeader(static_cast<int>(array.type),
                                     static_cast<int>(array.shape.size()),
                                     {array.shape.begin(), array.shape.end()});
  const size_t begin = file.size();
  file.append(array.bytes.begin(), array.bytes.end());
  const int64_t size = data::IdxTypeSize(array.type);
  if (std::endian::native == std::endian::big) return file;
  for (auto i = file.begin() + begin; i != file.end(); i += size) {
    std::reverse(i, i + size);
  }
  return file;
}

}  // namespace

bool Fuzz(absl::string_view bytes) {
  const absl::StatusOr<IdxArray> array = Parse(bytes);
  if (!array.ok()) RequirePlace(array.status());
  if (absl::StartsWith(bytes, "\x1f\x8b")) {
    if (!array.ok()) return false;
    Require(data::ParseIdx(Encode(*array), kPath)->bytes == array->bytes,
            "what was inflated is read as a plain file");
    return true;
  }
  const std::string zipped = data::Gzip(std::string(bytes));
  Require(Parse(zipped).ok() == array.ok(), "gzip changes nothing");
  if (!array.ok()) return false;
  Require(Encode(*array) == bytes, "what is read is what is there");
  return true;
}

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  for (int type : {0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E}) {
    const int64_t size = data::IdxTypeSize(static_cast<data::IdxType>(type));
    seeds.push_back(data::IdxHeader(type, 1, {3}) + std::string(3 * size, 'x'));
    seeds.push_back(data::IdxHeader(type, 4, {1, 2, 1, 2}) +
                    std::string(4 * size, 'y'));
  }
  seeds.push_back(data::IdxHeader(0x08, 3, {2, 2, 2}) + "abcdefgh");
  seeds.push_back(data::IdxHeader(0x08, 2, {0, 5}));
  seeds.push_back(data::Gzip(seeds[0]));
  seeds.push_back(
      data::Gzip(data::IdxHeader(0x08, 1, {300}) + std::string(300, 'z')));
  return seeds;
}

}  // namespace adjoint::fuzz
