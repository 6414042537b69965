// A language model that reads text a character at a time and tells, for each,
// which one may follow.
#ifndef ADJOINT_MODELS_CHAR_LSTM_MODEL_H_
#define ADJOINT_MODELS_CHAR_LSTM_MODEL_H_

#include <cstdint>
#include <string>

#include "framework/adjoint.h"

namespace adjoint::models {

struct CharLstmOptions {
  int64_t characters = 0;  // The size of the vocabulary.
  int64_t embedding = 32;
  int64_t hidden = 192;
  int64_t layers = 1;
  DType dtype = DType::kF32;
};

// A vector for each character, a long short-term memory and a fully connected
// layer: ids i32 [batch, time] of [0, characters) -> the logits of what follows
// each of them [batch, time, characters].
class CharLstm final : public nn::Layer {
 public:
  // Throws ShapeError unless all sizes are >= 1.
  CharLstm(const CharLstmOptions& options, Rng& rng);

  void Visit(nn::Visitor& visit) const override;
  std::string Kind() const override { return "CharLstm"; }

  // From a state of zeros: nothing is known of what came before.
  Tensor Forward(const Tensor& ids, const nn::Pass& pass) const override;

  struct Output {
    Tensor logits;        // [batch, time, characters]
    nn::LstmState state;  // After the last time.
  };
  // From the state after an earlier part of the same texts.
  Output Continue(const Tensor& ids, const nn::LstmState& state) const;

 private:
  nn::Embedding embedding_;
  nn::Lstm lstm_;
  nn::Linear out_;
};

}  // namespace adjoint::models

#endif  // ADJOINT_MODELS_CHAR_LSTM_MODEL_H_
