#include "framework/train/train_main.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "framework/base/error.h"
#include "framework/train/display_text.h"
#include "framework/train/session.h"

namespace adjoint::train {
namespace {

// In so many steps each of models/ learns what it can learn of one batch. The
// usual number of epochs would be as many steps.
constexpr int64_t kStepsByHeart = 300;

absl::StatusOr<int> Main(int argc, char** argv, const Configure& configure,
                         Program program) {
  SetDefaults(program.recipe);
  const std::string help = FlagsHelp();  // With the defaults.
  const absl::StatusOr<CommandLine> line = ParseFlags(argc, argv);
  if (!line.ok()) return line.status();
  if (line->help) {
    absl::PrintF("%s.\n\n%s", program.doc, help);
    return 0;
  }
  if (configure) {
    absl::Status status = configure(*line, program);
    if (!status.ok()) return status;
  }
  SetDefaults(program.recipe, *line);
  absl::StatusOr<SharedFlags> flags = GetSharedFlags();
  if (!flags.ok()) return flags.status();
  if (flags->overfit > 0 && !line->Has("epochs")) {
    int64_t& epochs = flags->recipe.epochs;
    epochs = std::max(epochs, (kStepsByHeart - 1) / flags->overfit + 1);
    SetDefaults(flags->recipe);  // So that config.json tells.
  }
  if (program.make_optimizer) {
    if (line->Has("optimizer")) {
      return absl::InvalidArgumentError(
          "--optimizer: this program has one of its own");
    }
    // So that config.json names no other.
    Recipe named = flags->recipe;
    named.optimizer = "own";
    SetDefaults(named);
  }
  return RunSession(program, *flags);
}

}  // namespace

int TrainMain(int argc, char** argv, const Configure& configure) {
  const std::vector<Program> programs = ListedPrograms();
  ADJOINT_CHECK(programs.size() == 1);
  const auto fail = [&](absl::string_view why) {
    // It may quote a file.
    absl::FPrintF(stderr, "%s: %s\n", programs[0].name, EscapeLines(why));
    return 1;
  };
  // A model's own code may misuse the tensor API, which throws.
  try {
    const absl::StatusOr<int> code = Main(argc, argv, configure, programs[0]);
    return code.ok() ? *code : fail(code.status().message());
  } catch (const std::bad_alloc&) {
    return fail("out of memory");
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}

}  // namespace adjoint::train
