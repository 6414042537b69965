#include "models/char_lstm/model.h"

#include <utility>

namespace adjoint::models {

CharLstm::CharLstm(const CharLstmOptions& options, Rng& rng)
    : embedding_(options.characters, options.embedding, rng,
                 {.dtype = options.dtype}),
      lstm_(options.embedding, options.hidden, rng,
            {.num_layers = options.layers, .dtype = options.dtype}),
      out_(options.hidden, options.characters, rng, {.dtype = options.dtype}) {}

void CharLstm::Visit(nn::Visitor& visit) const {
  visit("embedding", embedding_);
  visit("lstm", lstm_);
  visit("out", out_);
}

Tensor CharLstm::Forward(const Tensor& ids, const nn::Pass& pass) const {
  return out_(lstm_(embedding_(ids, pass), pass), pass);
}

CharLstm::Output CharLstm::Continue(const Tensor& ids,
                                    const nn::LstmState& state) const {
  nn::Lstm::Output read = lstm_.Continue(embedding_(ids), state);
  return {out_(read.y), std::move(read.state)};
}

}  // namespace adjoint::models
