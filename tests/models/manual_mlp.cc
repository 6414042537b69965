// The loops of docs/tutorial/backprop_by_hand.md, each below its equation.
//
// Letters: s is a sample and y its label, l a layer, j a unit of layer l, i a
// unit of layer l - 1, k and m are outputs. Matrices lie row by row in flat
// vectors: W^l_ji is w[l][j * in + i] and z^l_sj is z[l][s * out + j], where
// `in` is d_{l-1} and `out` is d_l.
#include "tests/models/manual_mlp.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace adjoint::testing {
namespace {

double F(Activation activation, double z) {
  // relu: f(z) = max(z, 0)
  if (activation == Activation::kRelu) return z > 0 ? z : 0;
  // sigmoid: f(z) = 1 / (1 + exp(-z))
  return 1 / (1 + std::exp(-z));
}

// f'(z), given a = f(z) too.
double Slope(Activation activation, double z, double a) {
  // relu: f'(z) = 1 where z > 0, else 0
  if (activation == Activation::kRelu) return z > 0 ? 1 : 0;
  // sigmoid: f'(z) = a (1 - a)
  return a * (1 - a);
}

// log sum_m exp(z_m). The largest z is taken out so that exp cannot overflow.
template <class T>
double LogSumExp(const T* z, int outputs) {
  const double top = *std::max_element(z, z + outputs);
  double sum = 0;
  for (int m = 0; m < outputs; ++m) sum += std::exp(z[m] - top);
  return top + std::log(sum);
}

// L_s, the loss of one sample with outputs z and label y.
template <class T>
double SampleLoss(Loss loss, const T* z, int outputs, int y) {
  // L_s = -log p_y, where p_k = exp(z_k) / sum_m exp(z_m)
  if (loss == Loss::kCrossEntropy) return LogSumExp(z, outputs) - z[y];
  // L_s = sum_k (z_k - t_k)^2 / d_D, where t = onehot(y)
  double sum = 0;
  for (int k = 0; k < outputs; ++k) {
    const double t = k == y ? 1 : 0;
    sum += (z[k] - t) * (z[k] - t);
  }
  return sum / outputs;
}

// dL_s/dz_k of the same.
template <class T>
double SampleSlope(Loss loss, const T* z, int outputs, int y, int k) {
  const double t = k == y ? 1 : 0;
  // dL_s/dz_k = p_k - t_k
  if (loss == Loss::kCrossEntropy) {
    return std::exp(z[k] - LogSumExp(z, outputs)) - t;
  }
  // dL_s/dz_k = 2 (z_k - t_k) / d_D
  return 2 * (z[k] - t) / outputs;
}

}  // namespace

template <class T>
ManualMlp<T>::ManualMlp(std::vector<int> sizes, Activation activation,
                        Loss loss)
    : sizes(std::move(sizes)), activation(activation), loss(loss) {
  const int layers = depth() + 1;
  for (auto* each : {&w, &b, &z, &a, &delta, &dw, &db, &v_w, &v_b}) {
    each->resize(layers);
  }
  for (int l = 1; l < layers; ++l) {
    for (auto* each : {&w, &dw, &v_w}) {
      (*each)[l].resize(this->sizes[l] * this->sizes[l - 1]);
    }
    for (auto* each : {&b, &db, &v_b}) (*each)[l].resize(this->sizes[l]);
  }
}

template <class T>
double ManualMlp<T>::Forward(const std::vector<T>& x,
                             const std::vector<int>& labels) {
  this->labels = labels;
  const int n = static_cast<int>(labels.size());
  // a^0 = x
  a[0] = x;
  for (int l = 1; l <= depth(); ++l) {
    const int in = sizes[l - 1], out = sizes[l];
    z[l].resize(n * out);
    if (l < depth()) a[l].resize(n * out);
    for (int s = 0; s < n; ++s) {
      for (int j = 0; j < out; ++j) {
        // z^l_sj = sum_i W^l_ji a^{l-1}_si + b^l_j
        double sum = b[l][j];
        for (int i = 0; i < in; ++i) {
          sum += double{w[l][j * in + i]} * a[l - 1][s * in + i];
        }
        z[l][s * out + j] = static_cast<T>(sum);
        // a^l_sj = f(z^l_sj)
        if (l < depth()) {
          a[l][s * out + j] = static_cast<T>(F(activation, z[l][s * out + j]));
        }
      }
    }
  }
  // L = 1/n sum_s L_s
  const int outputs = sizes[depth()];
  double sum = 0;
  for (int s = 0; s < n; ++s) {
    sum += SampleLoss(loss, &z[depth()][s * outputs], outputs, labels[s]);
  }
  return sum / n;
}

template <class T>
void ManualMlp<T>::Backward() {
  const int n = static_cast<int>(labels.size());
  const int outputs = sizes[depth()];
  // delta^D_sk = 1/n dL_s/dz^D_sk
  delta[depth()].resize(n * outputs);
  for (int s = 0; s < n; ++s) {
    for (int k = 0; k < outputs; ++k) {
      delta[depth()][s * outputs + k] = static_cast<T>(
          SampleSlope(loss, &z[depth()][s * outputs], outputs, labels[s], k) /
          n);
    }
  }
  for (int l = depth(); l >= 1; --l) {
    WeightGradient(l);
    InputGradient(l);
  }
}

// dL/dW^l and dL/db^l, from delta^l and what layer l read.
template <class T>
void ManualMlp<T>::WeightGradient(int l) {
  const int n = static_cast<int>(labels.size());
  const int in = sizes[l - 1], out = sizes[l];
  for (int j = 0; j < out; ++j) {
    // dL/dW^l_ji = sum_s delta^l_sj a^{l-1}_si
    for (int i = 0; i < in; ++i) {
      double sum = 0;
      for (int s = 0; s < n; ++s) {
        sum += double{delta[l][s * out + j]} * a[l - 1][s * in + i];
      }
      dw[l][j * in + i] = static_cast<T>(sum);
    }
    // dL/db^l_j = sum_s delta^l_sj
    double sum = 0;
    for (int s = 0; s < n; ++s) sum += delta[l][s * out + j];
    db[l][j] = static_cast<T>(sum);
  }
}

// delta^{l-1} from delta^l; at the first layer, dL/dx.
template <class T>
void ManualMlp<T>::InputGradient(int l) {
  const int n = static_cast<int>(labels.size());
  const int in = sizes[l - 1], out = sizes[l];
  std::vector<T>& result = l == 1 ? dx : delta[l - 1];
  result.resize(n * in);
  for (int s = 0; s < n; ++s) {
    for (int i = 0; i < in; ++i) {
      // dL/da^{l-1}_si = sum_j W^l_ji delta^l_sj
      double da = 0;
      for (int j = 0; j < out; ++j) {
        da += double{w[l][j * in + i]} * delta[l][s * out + j];
      }
      // delta^{l-1}_si = dL/da^{l-1}_si f'(z^{l-1}_si)
      if (l > 1) {
        da *= Slope(activation, z[l - 1][s * in + i], a[l - 1][s * in + i]);
      }
      result[s * in + i] = static_cast<T>(da);
    }
  }
}

template <class T>
void ManualMlp<T>::Sgd(double learning_rate, double momentum) {
  const auto step = [&](std::vector<T>& value, const std::vector<T>& g,
                        std::vector<T>& v) {
    for (size_t i = 0; i < value.size(); ++i) {
      // v = momentum v + g
      v[i] = static_cast<T>(momentum * v[i] + g[i]);
      // w = w - learning_rate v
      value[i] = static_cast<T>(value[i] - learning_rate * v[i]);
    }
  };
  for (int l = 1; l <= depth(); ++l) {
    step(w[l], dw[l], v_w[l]);
    step(b[l], db[l], v_b[l]);
  }
}

template <class T>
double ManualMlp<T>::DistanceToKink() const {
  double distance = std::numeric_limits<double>::infinity();
  for (int l = 1; l < depth(); ++l) {
    for (const T value : z[l]) {
      distance = std::min(distance, std::abs(double{value}));
    }
  }
  return distance;
}

template struct ManualMlp<float>;
template struct ManualMlp<double>;

}  // namespace adjoint::testing
