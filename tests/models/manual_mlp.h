// A multi-layer perceptron whose backward pass was derived by hand.
//
// This is the witness against which the framework's automatic gradients are
// compared, so it uses nothing of the framework: plain loops and the standard
// library. docs/tutorial/backprop_by_hand.md derives every line of it and uses
// the same letters. With depth D, sizes d_0 .. d_D and a batch of n samples:
//
//   a^0 = x                  the input                        [n, d_0]
//   z^l = W^l a^{l-1} + b^l  l = 1 .. D                       [n, d_l]
//   a^l = f(z^l)             l = 1 .. D-1; z^D is the output  [n, d_l]
//   L = loss(z^D, labels)    a number
//
// T, float or double, is the type of every number that is kept. Each formula is
// evaluated in double and rounded to T once, when its value is stored. Hence
// ManualMlp<float> differs from ManualMlp<double> by less than 2e-7 of the
// largest gradient in a tensor (784-128-64-10, see its test), and a framework
// held to 1e-5 in float answers for its own rounding alone.
#ifndef ADJOINT_TESTS_MODELS_MANUAL_MLP_H_
#define ADJOINT_TESTS_MODELS_MANUAL_MLP_H_

#include <vector>

namespace adjoint::testing {

enum class Activation {
  kSigmoid,  // f(z) = 1 / (1 + exp(-z))
  kRelu,     // f(z) = max(z, 0), with f'(0) = 0
};

enum class Loss {
  kCrossEntropy,  // mean over samples of -log softmax(z^D)[label]
  kSquaredError,  // mean over samples and outputs of (z^D - onehot(label))^2
};

// All members are public and stay as the last call left them, so that a reader
// can look at every number on the way. Vectors of vectors are indexed by layer,
// l = 0 .. D, as in the formulas; those that a layer does not have are empty.
template <class T>
struct ManualMlp {
  // `sizes` is {d_0, ..., d_D}, for instance {784, 128, 64, 10}, at least two
  // of them, each >= 1. Weights and biases start at zero: the caller fills
  // `w` and `b`.
  ManualMlp(std::vector<int> sizes, Activation activation, Loss loss);

  // Sets z and a, and returns the loss, from x [n, d_0], row-major, and
  // labels [n], each in [0, d_D). REQUIRES: n >= 1.
  double Forward(const std::vector<T>& x, const std::vector<int>& labels);

  // Sets delta, dw, db and dx to the gradient of the last Forward's loss.
  // REQUIRES: Forward was called, and w and b have not changed since.
  void Backward();

  // The two parts of Backward at layer l, which read delta[l]: the first sets
  // dw[l] and db[l], the second delta[l - 1], or dx if l = 1.
  void WeightGradient(int l);
  void InputGradient(int l);

  // One step of stochastic gradient descent with momentum as PyTorch defines
  // it: v = momentum * v + g, then w = w - learning_rate * v, v starting at 0.
  void Sgd(double learning_rate, double momentum);

  // The smallest |z| in a hidden layer, after Forward. Relu has its kink at 0:
  // where two computations of z round to different sides of it, their
  // gradients differ by much more than a rounding. A comparison with relu is
  // fair only if this is larger than the rounding of z. Infinite if D = 1.
  double DistanceToKink() const;

  int depth() const { return static_cast<int>(sizes.size()) - 1; }  // D

  const std::vector<int> sizes;
  const Activation activation;
  const Loss loss;

  std::vector<std::vector<T>> w, b;      // W^l [d_l, d_{l-1}], b^l [d_l]
  std::vector<std::vector<T>> z, a;      // [n, d_l]
  std::vector<std::vector<T>> delta;     // delta^l = dL/dz^l [n, d_l]
  std::vector<std::vector<T>> dw, db;    // shaped as w, b
  std::vector<T> dx;                     // dL/dx [n, d_0]
  std::vector<std::vector<T>> v_w, v_b;  // momentum, shaped as w, b
  std::vector<int> labels;               // of the last Forward
};

extern template struct ManualMlp<float>;
extern template struct ManualMlp<double>;

}  // namespace adjoint::testing

#endif  // ADJOINT_TESTS_MODELS_MANUAL_MLP_H_
