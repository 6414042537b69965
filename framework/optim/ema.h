// Averages of weights over the steps of a training.
//
//   Ema ema(model);
//   for (...) {
//     optimizer.Step(model, gradients);
//     ema.Update(model);
//   }
//   ema.Swap(model);  // The model has the averages...
//   Evaluate(model);
//   ema.Swap(model);  // ...and now its own weights again.
#ifndef ADJOINT_FRAMEWORK_OPTIM_EMA_H_
#define ADJOINT_FRAMEWORK_OPTIM_EMA_H_

#include <vector>

#include "framework/nn/module.h"

namespace adjoint::optim {

struct EmaOptions {
  double decay = 0.999;  // In [0, 1).
};

// The exponential moving average of each floating-point parameter, running
// statistics included (Polyak and Juditsky 1992; Tarvainen and Valpola 2017):
//
//   average = decay average + (1 - decay) w, from the first w on
//
// A model is the averaged one, or another of the same names, shapes and dtypes;
// all others throw ValueError and nothing is changed.
class Ema {
 public:
  // Throws ValueError for options out of range.
  explicit Ema(const nn::Module& model, EmaOptions options = {});

  // Takes the weights into the averages.
  void Update(const nn::Module& model);

  // Gives `model` the averages as its weights.
  void CopyTo(const nn::Module& model) const;

  // Exchanges the averages and the weights.
  void Swap(const nn::Module& model);

  // The averages by the names of their parameters: what a checkpoint holds.
  const std::vector<nn::NamedParameter>& State() const { return averages_; }

 private:
  // The averaged parameters of `model`, in the order of averages_.
  std::vector<nn::NamedParameter> Match(const nn::Module& model) const;

  EmaOptions options_;
  std::vector<nn::NamedParameter> averages_;
};

}  // namespace adjoint::optim

#endif  // ADJOINT_FRAMEWORK_OPTIM_EMA_H_
