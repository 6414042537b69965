#include "framework/testing/ops_readme.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "framework/core/catalog.h"

namespace adjoint::testing {
namespace {

// By op. What errors and profiles call "rows" its user calls Slice.
constexpr std::pair<absl::string_view, absl::string_view> kFunctions[] = {
    {"absolute_error", "MeanAbsoluteError"},
    {"absolute_error_grad", "MeanAbsoluteError"},
    {"binary_cross_entropy", "BinaryCrossEntropyWithLogits"},
    {"binary_cross_entropy_grad", "BinaryCrossEntropyWithLogits"},
    {"channel_moments", "MomentsOfChannels"},
    {"channel_scale", "BatchNorm"},
    {"larger_share", "Maximum"},
    {"rows", "Slice"},
    {"soft_target_cross_entropy", "SoftmaxCrossEntropy"},
    {"squared_error", "MeanSquaredError"},
    {"squared_error_grad", "MeanSquaredError"},
};

// "nothing", "the output", "input 0, the output", ...
std::string Saved(const CatalogEntry& entry) {
  if (!entry.differentiable) return "constant";
  std::vector<std::string> parts;
  if (entry.arity < 0 && Includes(entry.save, Save::kInputs)) {
    parts.push_back("the inputs");
  }
  for (int i = 0; i < entry.arity; ++i) {
    if (!IncludesInput(entry.save, i)) continue;
    parts.push_back(entry.arity == 1 ? "the input" : absl::StrCat("input ", i));
  }
  if (Includes(entry.save, Save::kOutput)) parts.push_back("the output");
  return parts.empty() ? "nothing" : absl::StrJoin(parts, ", ");
}

// What Markdown would take for the end of a cell.
std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"|", "\\|"}});
}

// The first cell of an op's row.
std::string NameCell(absl::string_view op) {
  const absl::string_view function = FunctionOf(op);
  return absl::StrCat(
      "`", op, "`", function.empty() ? "" : absl::StrCat(", `", function, "`"));
}

}  // namespace

absl::string_view FunctionOf(absl::string_view op) {
  for (const auto& [name, function] : kFunctions) {
    if (name == op) return function;
  }
  return "";
}

std::string OpsReadme() {
  std::string page =
      "# The ops\n"
      "\n"
      "Made from the catalogue by `./bazelw run //framework/testing:"
      "ops_readme_main`; a\n"
      "test fails when it is out of date. Each op is proven on its own "
      "examples "
      "by\n"
      "`./bazelw test //tests/ops:conformance`.\n"
      "\n"
      "Errors and profiles name the op. Where the function that applies it is "
      "not called\n"
      "alike, it stands beside it; `_grad`, `_gradient`, `_slope` and the like "
      "belong to\n"
      "the backward rule of what stands before.\n"
      "\n"
      "*Saved* is what the op keeps for its backward rule; *constant* means "
      "that no\n"
      "gradient flows through it.\n"
      "\n"
      "| op | formula | saved |\n"
      "| --- | --- | --- |\n";
  for (const CatalogEntry& entry : Catalog()) {
    absl::StrAppend(&page, "| ", NameCell(entry.name), " | ",
                    Escaped(entry.doc), " | ", Saved(entry), " |\n");
  }
  return page;
}

}  // namespace adjoint::testing
