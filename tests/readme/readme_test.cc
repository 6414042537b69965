// README and docs/training.md tell the truth: their code is the code that is
// compiled here.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "framework/base/file.h"

namespace adjoint {
namespace {

std::string Contents(const std::string& path) {
  absl::StatusOr<std::string> contents = ReadFile(path);
  EXPECT_TRUE(contents.ok()) << contents.status();
  return contents.ok() ? *contents : "";
}

// A block of C++ and the file that the line before it names:
// <!-- tests/readme/train.cc -->
struct Block {
  std::string file;
  std::string code;
};

std::vector<Block> CppBlocks(const std::string& markdown) {
  std::vector<Block> blocks;
  std::string previous;
  bool inside = false;
  for (absl::string_view line : absl::StrSplit(markdown, '\n')) {
    if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      absl::StrAppend(&blocks.back().code, line, "\n");
    } else if (line == "```cpp") {
      inside = true;
      std::string file = previous;
      if (absl::StartsWith(file, "<!-- ") && absl::EndsWith(file, " -->")) {
        file = file.substr(5, file.size() - 9);
      }
      blocks.push_back({file, ""});
    }
    previous = std::string(line);
  }
  return blocks;
}

TEST(Readme, EveryCppBlockIsCompiledAndTested) {
  std::vector<Block> blocks = CppBlocks(Contents("README.md"));
  EXPECT_GE(blocks.size(), 5u);
  const std::vector<Block> used = CppBlocks(Contents("docs/training.md"));
  EXPECT_GE(used.size(), 1u);
  blocks.insert(blocks.end(), used.begin(), used.end());
  for (const Block& block : blocks) {
    EXPECT_TRUE(absl::StrContains(Contents(block.file), block.code))
        << "not in " << block.file << ":\n"
        << block.code;
  }
}

}  // namespace
}  // namespace adjoint
