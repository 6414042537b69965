// Text that a language model writes.
#ifndef ADJOINT_MODELS_CHAR_LSTM_SAMPLE_H_
#define ADJOINT_MODELS_CHAR_LSTM_SAMPLE_H_

#include <cstdint>
#include <vector>

#include "framework/adjoint.h"
#include "models/char_lstm/model.h"

namespace adjoint::models {

struct SampleOptions {
  int64_t length = 300;  // The most characters.
  int32_t stop = -1;     // Ends the sample, without being in it; -1: nothing.
  // Below 1 the likely becomes likelier: 1 is what the model believes, towards
  // 0 it is always the likeliest. > 0.
  double temperature = 0.8;
};

// The ids of what the model writes after `first`, each drawn from
// softmax(logits / temperature) and read before the next. A function of the
// parameters, the arguments and the state of `rng`.
std::vector<int32_t> Sample(const CharLstm& model, int32_t first,
                            const SampleOptions& options, Rng& rng);

}  // namespace adjoint::models

#endif  // ADJOINT_MODELS_CHAR_LSTM_SAMPLE_H_
