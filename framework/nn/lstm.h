// The long short-term memory.
#ifndef ADJOINT_FRAMEWORK_NN_LSTM_H_
#define ADJOINT_FRAMEWORK_NN_LSTM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "framework/nn/dropout.h"
#include "framework/nn/module.h"

namespace adjoint::nn {

struct LstmOptions {
  int64_t num_layers = 1;  // Each but the first reads the h of the one below.
  bool bias = true;
  // In training, applied to what each layer but the last gives to the next.
  double dropout = 0;
  DType dtype = DType::kF32;
};

// What a sequence leaves behind for its continuation. Both are
// [layers, batch, hidden]; undefined stands for zeros.
struct LstmState {
  Tensor h, c;

  // The same values without their history: where truncated backpropagation
  // through time ends.
  LstmState Detach() const;
};

// Long short-term memory (Hochreiter and Schmidhuber 1997), with the forget
// gate of Gers, Schmidhuber and Cummins (2000), as in PyTorch with
// batch_first = True: x [batch, time, input] -> [batch, time, hidden], the h of
// the last layer at all times. ops/lstm.h has the formulas.
//
// Parameters of layer k, named as in PyTorch, with the rows of the gates in the
// order i, f, g, o: weight_ih_lk [4 hidden, input], or [4 hidden, hidden] for
// k >= 1, weight_hh_lk [4 hidden, hidden], bias_ih_lk and bias_hh_lk
// [4 hidden]. They begin uniform over +-1/sqrt(hidden).
class Lstm final : public Layer {
 public:
  // Throws ShapeError unless the sizes and the number of layers are >= 1, and
  // ValueError unless 0 <= dropout < 1.
  Lstm(int64_t input_size, int64_t hidden_size, Rng& rng,
       const LstmOptions& options = {});

  void Visit(Visitor& visit) const override;
  std::string Kind() const override;

  // From a state of zeros. Throws ShapeError unless x has rank 3, `input`
  // features and at least one time, and ValueError in training with dropout if
  // the pass has no rng.
  Tensor Forward(const Tensor& x, const Pass& pass) const override;

  struct Output {
    Tensor y;         // [batch, time, hidden]
    LstmState state;  // After the last time.
  };
  // From `state`, such as that after an earlier part of the same streams. Text
  // is generated with a time of 1. Throws as Forward does, and ShapeError for a
  // state of another shape.
  Output Continue(const Tensor& x, const LstmState& state,
                  const Pass& pass = {}) const;

 private:
  struct Weights {
    Parameter weight_ih, weight_hh, bias_ih, bias_hh;
  };
  // `last` is given the state after the last time, unless it is null: only few
  // ask for it.
  Tensor Run(Tensor x, const LstmState& state, const Pass& pass,
             LstmState* last) const;

  int64_t input_size_, hidden_size_;
  Dropout dropout_;
  std::vector<Weights> layers_;
};

}  // namespace adjoint::nn

#endif  // ADJOINT_FRAMEWORK_NN_LSTM_H_
