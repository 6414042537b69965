#include "tests/io/read_events.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "framework/io/crc32c.h"

namespace adjoint::io {
namespace {

// Little-endian, as this machine is.
template <class T>
T Fixed(absl::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

bool HasCrc(absl::string_view bytes, absl::string_view crc) {
  return std::rotl(Fixed<uint32_t>(crc) - 0xa282ead8, 15) == Crc32c(bytes);
}

// A field of a protocol buffer, and what is behind it.
struct Field {
  int number;
  uint64_t integer = 0;     // Of a varint, and the bits of a fixed one.
  absl::string_view bytes;  // Of a string or a message.
};

uint64_t TakeVarint(absl::string_view& rest) {
  uint64_t value = 0;
  for (int shift = 0; !rest.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(rest[0]);
    rest.remove_prefix(1);
    value |= uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) break;
  }
  return value;
}

Field TakeField(absl::string_view& rest) {
  const uint64_t key = TakeVarint(rest);
  Field field = {static_cast<int>(key >> 3)};
  const auto take = [&rest](size_t size) {
    const absl::string_view taken = rest.substr(0, size);
    rest.remove_prefix(taken.size());
    return taken;
  };
  switch (key & 7) {
    case 0:
      field.integer = TakeVarint(rest);
      break;
    case 1:
      field.integer = Fixed<uint64_t>(take(8));
      break;
    case 2:
      field.bytes = take(TakeVarint(rest));
      break;
    case 5:
      field.integer = Fixed<uint32_t>(take(4));
      break;
  }
  return field;
}

std::pair<std::string, float> ScalarOf(absl::string_view value) {
  std::pair<std::string, float> scalar;
  while (!value.empty()) {
    const Field field = TakeField(value);
    if (field.number == 1) scalar.first = std::string(field.bytes);
    if (field.number == 2) {
      scalar.second =
          std::bit_cast<float>(static_cast<uint32_t>(field.integer));
    }
  }
  return scalar;
}

Event EventOf(absl::string_view bytes) {
  Event event;
  while (!bytes.empty()) {
    Field field = TakeField(bytes);
    if (field.number == 1) event.time = std::bit_cast<double>(field.integer);
    if (field.number == 2) event.step = static_cast<int64_t>(field.integer);
    if (field.number == 3) event.version = std::string(field.bytes);
    if (field.number == 7) event.restart = TakeField(field.bytes).integer == 1;
    while (field.number == 5 && !field.bytes.empty()) {
      event.scalars.push_back(ScalarOf(TakeField(field.bytes).bytes));
    }
  }
  return event;
}

}  // namespace

Events ReadEvents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  absl::string_view rest = text;
  Events read;
  while (rest.size() >= 12 && HasCrc(rest.substr(0, 8), rest.substr(8, 4))) {
    const auto size = Fixed<uint64_t>(rest);
    if (rest.size() < 12 + size + 4) break;
    const absl::string_view event = rest.substr(12, size);
    if (!HasCrc(event, rest.substr(12 + size, 4))) break;
    read.events.push_back(EventOf(event));
    rest.remove_prefix(12 + size + 4);
  }
  read.whole = rest.empty();
  return read;
}

std::vector<std::tuple<int64_t, std::string, float>> ShownScalars(
    const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (absl::StrContains(entry.path().filename().string(), "tfevents")) {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::tuple<int64_t, std::string, float>> shown;
  for (const std::string& path : paths) {
    for (const Event& event : ReadEvents(path).events) {
      if (event.restart) {
        shown.erase(std::remove_if(shown.begin(), shown.end(),
                                   [&](const auto& scalar) {
                                     return std::get<0>(scalar) >= event.step;
                                   }),
                    shown.end());
      }
      for (const auto& [tag, value] : event.scalars) {
        shown.emplace_back(event.step, tag, value);
      }
    }
  }
  std::sort(shown.begin(), shown.end());
  return shown;
}

}  // namespace adjoint::io
