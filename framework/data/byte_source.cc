#include "framework/data/byte_source.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/base/error.h"
#include "framework/data/checksum.h"

namespace adjoint::data {
namespace {

class PlainSource : public ByteSource {
 public:
  PlainSource(absl::string_view contents, absl::string_view path)
      : ByteSource(contents, path, "offset") {}

  absl::StatusOr<size_t> Read(absl::Span<uint8_t> out) override {
    const size_t n = std::min(out.size(), contents_.size() - in_);
    std::copy_n(contents_.begin() + in_, n, out.begin());
    in_ += n;
    return n;
  }

  uint64_t MaxRemaining() const override { return contents_.size() - in_; }

  uint32_t Crc32() const override { return ChecksumOf(contents_).crc32; }

 private:
  size_t in_ = 0;  // Bytes given so far.
};

class GzipSource : public ByteSource {
 public:
  GzipSource(absl::string_view contents, absl::string_view path)
      : ByteSource(contents, path, "inflated offset") {
    // 16: the gzip format, and no other of zlib's.
    if (inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~GzipSource() override { inflateEnd(&stream_); }

  absl::StatusOr<size_t> Read(absl::Span<uint8_t> out) override {
    size_t filled = 0;
    while (filled < out.size() && !ended_) {
      // zlib counts in 32 bits, so a large span is handed over in parts.
      constexpr size_t kPart = std::numeric_limits<uInt>::max();
      const auto in =
          static_cast<uInt>(std::min(kPart, contents_.size() - in_));
      const auto room = static_cast<uInt>(std::min(kPart, out.size() - filled));
      stream_.next_in =
          reinterpret_cast<Bytef*>(const_cast<char*>(contents_.data() + in_));
      stream_.avail_in = in;
      stream_.next_out = out.data() + filled;
      stream_.avail_out = room;
      const int code = inflate(&stream_, Z_NO_FLUSH);
      in_ += in - stream_.avail_in;
      filled += room - stream_.avail_out;
      if (absl::Status status = Judge(code); !status.ok()) return status;
    }
    out_ += filled;
    return filled;
  }

  uint64_t MaxRemaining() const override {
    // Deflate's densest symbol copies 258 bytes and takes 2 bits.
    constexpr uint64_t kMaxRatio = 258 * 8 / 2;
    // What gzip's own length field can express.
    constexpr uint64_t kMaxLength = std::numeric_limits<uint32_t>::max();
    return std::min(kMaxRatio * contents_.size(),
                    kMaxLength - std::min(kMaxLength, out_));
  }

  uint32_t Crc32() const override {
    ADJOINT_CHECK(ended_);
    uint32_t crc32 = 0;
    for (int i = 0; i < 4; ++i) {
      const auto byte = static_cast<uint8_t>(contents_[in_ - 8 + i]);
      crc32 |= uint32_t{byte} << 8 * i;
    }
    return crc32;
  }

 private:
  absl::Status Judge(int code) {
    if (code == Z_OK) return absl::OkStatus();
    if (code == Z_MEM_ERROR) throw std::bad_alloc();
    if (code != Z_STREAM_END) {
      return Damaged(code == Z_BUF_ERROR      ? "the file ends too early"
                     : stream_.msg != nullptr ? stream_.msg
                                              : "invalid data");
    }
    ended_ = true;
    if (in_ == contents_.size()) return absl::OkStatus();
    return Damaged(absl::StrCat(contents_.size() - in_,
                                " bytes follow the end of the first member"));
  }

  absl::Status Damaged(absl::string_view problem) const {
    return absl::InvalidArgumentError(
        absl::StrCat(path_, ": offset ", in_, ": gzip: ", problem));
  }

  size_t in_ = 0;     // Bytes of the file taken so far.
  uint64_t out_ = 0;  // Bytes given so far.
  z_stream stream_ = {};
  bool ended_ = false;
};

}  // namespace

absl::Status ByteSource::Malformed(uint64_t offset, absl::string_view field,
                                   absl::string_view problem) const {
  return absl::InvalidArgumentError(absl::StrCat(
      path_, ": ", unit_, " ", offset, ": ", field, ": ", problem));
}

std::unique_ptr<ByteSource> OpenByteSource(absl::string_view contents,
                                           absl::string_view path) {
  if (absl::StartsWith(contents, "\x1f\x8b")) {
    return std::make_unique<GzipSource>(contents, path);
  }
  return std::make_unique<PlainSource>(contents, path);
}

}  // namespace adjoint::data
