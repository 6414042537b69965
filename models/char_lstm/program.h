// The language model with its text, for programs and tests.
#ifndef ADJOINT_MODELS_CHAR_LSTM_PROGRAM_H_
#define ADJOINT_MODELS_CHAR_LSTM_PROGRAM_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "framework/adjoint.h"
#include "models/char_lstm/model.h"

namespace adjoint::models {

struct CharLstmProgramOptions {
  // A file to learn from, plain or compressed by gzip, in its own order. Empty
  // means words.txt.gz of the data's folder, whose lines are shuffled.
  std::string text = "";
  int64_t length = 64;  // Of the windows that are learnt from, in characters.
  // The vocabulary is the text's and the dtype the task's, whatever it says.
  CharLstmOptions lstm = {};
};

// The last twentieth of the text, but at least a window, is for the test.
// InvalidArgument, with the file, if the text is too short for two windows.
absl::StatusOr<std::unique_ptr<train::Task>> MakeCharLstm(
    CharLstmProgramOptions program, const train::TaskOptions& options);

}  // namespace adjoint::models

#endif  // ADJOINT_MODELS_CHAR_LSTM_PROGRAM_H_
