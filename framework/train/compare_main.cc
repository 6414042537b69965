// Several runs on one page:
//
//   ./bazelw run //framework/train:compare -- runs/a runs/b --out=compare.html
#include "absl/strings/str_format.h"
#include "framework/train/compare.h"

int main(int argc, char** argv) {
  const absl::StatusOr<std::string> page = adjoint::train::Compare(
      absl::MakeConstSpan(argv, static_cast<size_t>(argc)).subspan(argc > 0));
  if (!page.ok()) {
    absl::FPrintF(stderr, "compare: %s\n", page.status().message());
    return 1;
  }
  absl::PrintF("%s\n", *page);
  return 0;
}
