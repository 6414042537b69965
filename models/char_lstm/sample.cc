#include "models/char_lstm/sample.h"

#include <algorithm>
#include <cmath>

namespace adjoint::models {
namespace {

// An index, with the probability softmax(logits / temperature) of each.
int32_t Draw(const Tensor& logits, double temperature, Rng& rng) {
  const Tensor p = Softmax(Cast(logits, DType::kF64) / temperature);
  const absl::Span<const double> chances = p.data<double>();
  double rest = rng.NextUniform();
  // The chances may add up to a little less than 1: the last one takes it.
  const size_t last = chances.size() - 1;
  size_t drawn = 0;
  while (drawn < last && rest >= chances[drawn]) rest -= chances[drawn++];
  return static_cast<int32_t>(drawn);
}

}  // namespace

std::vector<int32_t> Sample(const CharLstm& model, int32_t first,
                            const SampleOptions& options, Rng& rng) {
  NoGrad no_grad;
  std::vector<int32_t> text;
  nn::LstmState state;
  int32_t id = first;
  while (static_cast<int64_t>(text.size()) < options.length) {
    CharLstm::Output read =
        model.Continue(FromValues<int32_t>({1, 1}, {id}), state);
    id = Draw(Reshape(read.logits, {-1}), options.temperature, rng);
    if (id == options.stop) break;
    text.push_back(id);
    state = std::move(read.state);
  }
  return text;
}

}  // namespace adjoint::models
