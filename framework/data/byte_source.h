// The bytes that a file means: its own, or what they inflate to if it is
// compressed by gzip. A parser that takes them in order, and no more than it
// needs, never holds more of them than it asked for, however well the file
// compresses.
#ifndef ADJOINT_FRAMEWORK_DATA_BYTE_SOURCE_H_
#define ADJOINT_FRAMEWORK_DATA_BYTE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace adjoint::data {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // Fills `out` from its front with the next bytes and returns how many there
  // were: fewer than out.size() only at the end. InvalidArgument if gzip's data
  // are damaged; its checksum and length are checked before a call returns
  // fewer, and so is that nothing follows its one member.
  virtual absl::StatusOr<size_t> Read(absl::Span<uint8_t> out) = 0;

  // How many more bytes can follow at most, judged by the file's real size and,
  // for gzip, by the 32 bits in which it keeps its length.
  virtual uint64_t MaxRemaining() const = 0;

  uint64_t FileSize() const { return contents_.size(); }

  // The CRC-32 of all bytes of this source; gzip keeps it in its last bytes.
  // REQUIRES: a Read has come to the end, and so has checked those.
  virtual uint32_t Crc32() const = 0;

  // The error of a file that breaks its format: one line of path, offset among
  // the bytes of this source, field and problem.
  absl::Status Malformed(uint64_t offset, absl::string_view field,
                         absl::string_view problem) const;

 protected:
  // `unit` is what messages call an offset.
  ByteSource(absl::string_view contents, absl::string_view path,
             absl::string_view unit)
      : contents_(contents), path_(path), unit_(unit) {}

  const absl::string_view contents_;
  const absl::string_view path_;

 private:
  const absl::string_view unit_;
};

// A source of the file at `path` with these `contents`: inflated if they begin
// with gzip's magic 1f 8b. Both arguments must outlive it. Throws
// std::bad_alloc, as Read does, if memory is short.
std::unique_ptr<ByteSource> OpenByteSource(absl::string_view contents,
                                           absl::string_view path);

}  // namespace adjoint::data

#endif  // ADJOINT_FRAMEWORK_DATA_BYTE_SOURCE_H_
