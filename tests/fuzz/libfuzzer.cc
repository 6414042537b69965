// libFuzzer's side of a target.
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/fuzz/target.h"

// Puts the seeds into the folders that are named.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  for (int i = 1; i < *argc; ++i) {
    const std::string folder = (*argv)[i];
    if (absl::StartsWith(folder, "-")) continue;
    int count = 0;
    for (const std::string& seed : adjoint::fuzz::Seeds()) {
      std::ofstream(absl::StrCat(folder, "/seed-", count++), std::ios::binary)
          << seed;
    }
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  adjoint::fuzz::Fuzz(
      absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
