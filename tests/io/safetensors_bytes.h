// Safetensors files put together by hand.
#ifndef ADJOINT_TESTS_IO_SAFETENSORS_BYTES_H_
#define ADJOINT_TESTS_IO_SAFETENSORS_BYTES_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "framework/io/safetensors.h"
#include "tests/io/hostile.h"

namespace adjoint::io {

// The eight bytes of a header's length.
inline std::string LengthBytes(uint64_t length) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(length >> 8 * i & 0xff);
  return bytes;
}

inline std::string SafetensorsBytes(const std::string& header,
                                    const std::string& data = "") {
  return LengthBytes(header.size()) + header + data;
}

// f32 [2,2] and i32 [3]: 28 bytes of data.
inline constexpr char kHeader[] =
    R"({"__metadata__":{"k":"v"},)"
    R"("a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)"
    R"("b":{"dtype":"I32","shape":[3],"data_offsets":[16,28]}})";
inline const std::string kData(28, 'x');

inline std::string SmallFile() { return SafetensorsBytes(kHeader, kData); }

// What is said of a file that has `contents`.
inline absl::Status Refusal(const std::string& contents) {
  return ParseSafetensors(contents, "some/file", {.convert = true}).status();
}

// That the small file so damaged is refused where the mark is.
inline void ExpectRefused(const Damage& damage,
                          const std::string& data = kData) {
  SCOPED_TRACE(damage.name);
  const auto [header, offset] = Damaged(kHeader, damage);
  ExpectMalformed(Refusal(SafetensorsBytes(header, data)), 8 + offset,
                  damage.what);
}

}  // namespace adjoint::io

#endif  // ADJOINT_TESTS_IO_SAFETENSORS_BYTES_H_
