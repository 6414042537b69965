#include "framework/testing/ops_readme.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "framework/base/file.h"
#include "framework/core/catalog.h"

namespace adjoint::testing {
namespace {

// It also fails when the linker has dropped an op.
TEST(OpsReadme, IsUpToDate) {
  const absl::StatusOr<std::string> page = ReadFile("framework/ops/README.md");
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(*page, OpsReadme())
      << "run ./bazelw run //framework/testing:ops_readme_main";
}

// Those that the headers of the ops declare.
std::set<std::string> Functions() {
  const std::regex declaration("\n(?:Tensor|ChannelStatistics) (\\w+)\\(");
  std::set<std::string> functions;
  for (const auto& file :
       std::filesystem::directory_iterator("framework/ops")) {
    if (file.path().extension() != ".h") continue;
    const std::string text = ReadFile(file.path().string()).value();
    for (std::sregex_iterator it(text.begin(), text.end(), declaration), end;
         it != end; ++it) {
      functions.insert((*it)[1]);
    }
  }
  return functions;
}

// "max_pool2d_gather" is a part of MaxPool2d.
bool IsNamedAfter(const std::set<std::string>& small_functions,
                  const std::string& op) {
  const std::set<std::string> parts = {"bias",  "gather",   "grad",
                                       "index", "gradient", "input",
                                       "slope", "weight",   "weights"};
  std::vector<std::string> words = absl::StrSplit(op, '_');
  while (!words.empty()) {
    if (small_functions.count(absl::StrJoin(words, "")) > 0) return true;
    if (parts.count(words.back()) == 0) return false;
    words.pop_back();
  }
  return false;
}

TEST(OpsReadme, TellsTheFunctionOfEachOpThatIsNotNamedAfterIt) {
  const std::set<std::string> functions = Functions();
  EXPECT_GT(functions.size(), 40u);
  std::set<std::string> small;
  for (const std::string& f : functions) small.insert(absl::AsciiStrToLower(f));
  for (const CatalogEntry& entry : Catalog()) {
    const std::string op(entry.name), function(FunctionOf(op));
    if (function.empty()) {
      EXPECT_TRUE(IsNamedAfter(small, op)) << op;
    } else {
      EXPECT_FALSE(IsNamedAfter(small, op)) << op;
      EXPECT_EQ(functions.count(function), 1u) << function;
    }
  }
}

}  // namespace
}  // namespace adjoint::testing
