// Loops compiled for the vectors that the processor has.
//
//   WithWidestVectors([=] {
//     for (int64_t i = 0; i < n; ++i) y[i] = a * x[i] + y[i];
//   });
//
// The program runs on any x86-64, whose vectors hold four floats; most have
// eight or sixteen. The compiler makes the loop for each, and the processor
// chooses. Where the compiler can fuse a product and a sum it does, so results
// may differ between processors in their last bits; on one they are a function
// of the input.
#ifndef ADJOINT_FRAMEWORK_BASE_VECTORIZE_H_
#define ADJOINT_FRAMEWORK_BASE_VECTORIZE_H_

// Before a loop no turn of which writes what another reads or writes, as the
// compiler cannot always see: it then makes vectors without checking that.
#if defined(__clang__)
#define ADJOINT_INDEPENDENT_TURNS _Pragma("clang loop vectorize(assume_safety)")
#else
#define ADJOINT_INDEPENDENT_TURNS _Pragma("GCC ivdep")
#endif

namespace adjoint {
namespace vectorize_internal {

enum class Width { kBaseline, kAvx2, kAvx512 };

// That of this processor; a test may set a lesser one.
extern Width widest;

#if defined(__x86_64__)

// `flatten` inlines the loop and all that it calls, for what is not inlined is
// compiled for the baseline.
template <class Fn>
[[gnu::flatten, gnu::target("avx2,fma")]] void RunAvx2(const Fn& fn) {
  fn();
}

// g++ would use half of each register, lest the clock drops as it did on the
// first such processors.
#if defined(__clang__)
#define ADJOINT_AVX512 "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"
#else
#define ADJOINT_AVX512 \
  "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,prefer-vector-width=512"
#endif

template <class Fn>
[[gnu::flatten, gnu::target(ADJOINT_AVX512)]] void RunAvx512(const Fn& fn) {
  fn();
}

#undef ADJOINT_AVX512

#endif

}  // namespace vectorize_internal

// Calls `fn`, whose definition has to be in sight.
template <class Fn>
inline void WithWidestVectors(const Fn& fn) {
#if defined(__x86_64__)
  using vectorize_internal::Width;
  switch (vectorize_internal::widest) {
    case Width::kAvx512:
      return vectorize_internal::RunAvx512(fn);
    case Width::kAvx2:
      return vectorize_internal::RunAvx2(fn);
    case Width::kBaseline:
      break;
  }
#endif
  fn();
}

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_BASE_VECTORIZE_H_
