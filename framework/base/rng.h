// Random numbers that are the same on every machine.
//
// A counter-based generator (philox.h): block i of a stream is a pure function
// of (key, i), so a fill can be shared among threads and a generator's whole
// state is two numbers that a checkpoint can hold.
//
// "Every machine" means one whose double is IEEE 754's: even the normals are
// computed by operations that it rounds in one way, not by libm's log and cos.
//
// There is no global generator: weights, dropout and shuffles each take one.
#ifndef ADJOINT_FRAMEWORK_BASE_RNG_H_
#define ADJOINT_FRAMEWORK_BASE_RNG_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace adjoint {

// A stream of random numbers. Copying one copies its position: both copies then
// yield the same numbers. Not safe to share between threads; Split instead.
class Rng {
 public:
  // All that a generator is; two of equal state yield equal numbers.
  struct State {
    uint64_t key = 0;
    uint64_t position = 0;  // Of the next block of four 32-bit words.
    friend bool operator==(const State&, const State&) = default;
  };

  explicit Rng(uint64_t seed);
  explicit Rng(State state) : state_(state) {}

  State state() const { return state_; }

  // An independent stream; this one moves on by one block. Streams split off
  // one after the other differ from each other and from their parent.
  Rng Split();

  // Uniform over all 64-bit values.
  uint64_t NextBits();

  // Uniform over [0, 1), a multiple of 2^-53.
  double NextUniform();

  // Uniform over [0, n), without bias. REQUIRES: n >= 1.
  int64_t NextBelow(int64_t n);

  // Fills `out` with independent draws. The values depend on the state and on
  // their index alone, not on the number of threads. T is float or double; the
  // floats are the doubles of the same state, rounded.
  //
  // Uniform over [low, high), also after rounding.
  // REQUIRES: low < high, a T lies in [low, high), and high - low is finite.
  template <class T>
  void FillUniform(absl::Span<T> out, double low, double high);
  // Normal of the given mean and standard deviation (Box and Muller 1958).
  template <class T>
  void FillNormal(absl::Span<T> out, double mean, double stddev);

  // The numbers 0 to n - 1 in random order (Fisher-Yates; all n! orders are
  // equally likely). REQUIRES: n >= 0.
  std::vector<int64_t> Permutation(int64_t n);

 private:
  State state_;
};

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_RNG_H_
