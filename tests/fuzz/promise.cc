#include "tests/fuzz/promise.h"

#include <zlib.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <stdexcept>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace adjoint::fuzz {

void Require(bool holds, absl::string_view promise) {
  if (!holds) throw std::logic_error(absl::StrCat("broken: ", promise));
}

void RequirePlace(const absl::Status& error, absl::string_view path) {
  const absl::string_view text = error.message();
  const std::string promise =
      absl::StrCat("an error names path and place in a line: ", text);
  Require(absl::StartsWith(text, absl::StrCat(path, ": ")), promise);
  Require(
      absl::StrContains(text, "offset ") || absl::StrContains(text, "line "),
      promise);
  for (char c : text) Require(c >= 0x20 && c < 0x7f, promise);
}

int64_t BytesHeld(absl::string_view file) {
  const auto size = static_cast<int64_t>(file.size());
  if (!absl::StartsWith(file, "\x1f\x8b")) return size;
  z_stream stream = {};
  Require(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK, "zlib begins");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(file.data()));
  stream.avail_in = static_cast<uInt>(size);
  std::array<Bytef, 4096> out;
  int code = Z_OK;
  while (code == Z_OK) {
    stream.next_out = out.data();
    stream.avail_out = out.size();
    code = inflate(&stream, Z_NO_FLUSH);
  }
  const auto held = static_cast<int64_t>(stream.total_out);
  inflateEnd(&stream);
  return held;
}

const std::string& TemporaryFolder() {
  // In memory where there is such a disk, and gone with the process.
  struct Folder {
    Folder() {
      for (const char* where : std::initializer_list<const char*>{
               "/dev/shm", std::getenv("TEST_TMPDIR"), "/tmp"}) {
        if (where == nullptr) continue;
        path = absl::StrCat(where, "/adjoint-fuzz-XXXXXX");
        if (mkdtemp(path.data()) != nullptr) return;
      }
      Require(false, "a temporary folder can be made");
    }
    ~Folder() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
    std::string path;
  };
  static const Folder folder;
  return folder.path;
}

std::string WriteTemporary(absl::string_view name, absl::string_view contents) {
  const std::string path = absl::StrCat(TemporaryFolder(), "/", name);
  // A file that replaces another one is forced to the disk by some systems.
  std::remove(path.c_str());
  std::ofstream file(path, std::ios::binary);
  file.write(contents.data(), static_cast<std::streamsize>(contents.size()));
  file.close();
  Require(file.good(), "the temporary folder can be written to");
  return path;
}

}  // namespace adjoint::fuzz
