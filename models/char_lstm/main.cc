// Trains the character-level language model on words or on any text.

#include <cstdint>
#include <string>

#include "absl/flags/flag.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"
#include "framework/train/flags.h"
#include "framework/train/train_main.h"
#include "models/char_lstm/program.h"

namespace ad = adjoint;

ABSL_FLAG(std::string, text, "",
          "A text to learn from, plain or compressed by gzip, instead of the "
          "words");
ABSL_FLAG(int64_t, hidden, ad::models::CharLstmOptions().hidden,
          "The size of each layer's state");
ABSL_FLAG(int64_t, layers, ad::models::CharLstmOptions().layers,
          "The number of layers of memory");
ABSL_FLAG(int64_t, length, ad::models::CharLstmProgramOptions().length,
          "How many characters are read at once in training");

namespace {

absl::Status Configure(const ad::train::CommandLine&,
                       ad::train::Program& program) {
  using ad::train::CheckRange;
  const ad::models::CharLstmProgramOptions options = {
      .text = ad::ResolveUserPath(absl::GetFlag(FLAGS_text)),
      .length = absl::GetFlag(FLAGS_length),
      .lstm = {.hidden = absl::GetFlag(FLAGS_hidden),
               .layers = absl::GetFlag(FLAGS_layers)}};
  for (const absl::Status& status :
       {CheckRange("hidden", options.lstm.hidden, 1, 8192),
        CheckRange("layers", options.lstm.layers, 1, 16),
        CheckRange("length", options.length, 1, 65536)}) {
    if (!status.ok()) return status;
  }
  program.make = [options](const ad::train::TaskOptions& task) {
    return ad::models::MakeCharLstm(options, task);
  };
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  return ad::train::TrainMain(argc, argv, Configure);
}
