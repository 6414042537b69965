// The matrix product of OpenBLAS, oneDNN and Eigen on the shapes of
// //bench:gemm, beside ours in one process, in random order:
//
//   ./bazelw run //bench:gemm_libraries -- --benchmark_repetitions=5
//       --benchmark_enable_random_interleaving
//       --benchmark_report_aggregates_only --benchmark_filter=f32/512

#include <cblas.h>
#include <omp.h>
#include <oneapi/dnnl/dnnl.h>

#include <cstdint>
#include <eigen3/Eigen/Core>

#include "bench/gemm_benchmark.h"

namespace adjoint {
namespace {

using kernels::Matrix;

CBLAS_TRANSPOSE Transpose(bool transposed) {
  return transposed ? CblasTrans : CblasNoTrans;
}

void OpenBlas(int64_t m, int64_t n, int64_t k, Matrix<float> a, Matrix<float> b,
              float* c) {
  cblas_sgemm(CblasRowMajor, Transpose(a.transposed), Transpose(b.transposed),
              m, n, k, 1, a.data, a.ld, b.data, b.ld, 0, c, n);
}

void OpenBlas(int64_t m, int64_t n, int64_t k, Matrix<double> a,
              Matrix<double> b, double* c) {
  cblas_dgemm(CblasRowMajor, Transpose(a.transposed), Transpose(b.transposed),
              m, n, k, 1, a.data, a.ld, b.data, b.ld, 0, c, n);
}

void OneDnn(int64_t m, int64_t n, int64_t k, Matrix<float> a, Matrix<float> b,
            float* c) {
  dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', m, n, k, 1,
             a.data, a.ld, b.data, b.ld, 0, c, n);
}

template <class T>
void Eigens(int64_t m, int64_t n, int64_t k, Matrix<T> a, Matrix<T> b, T* c) {
  using Rows =
      Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Stored = Eigen::Map<const Rows>;
  Eigen::Map<Rows> out(c, m, n);
  const Stored x(a.data, a.transposed ? k : m, a.ld);
  const Stored y(b.data, b.transposed ? n : k, b.ld);
  if (a.transposed && b.transposed) {
    out.noalias() = x.transpose() * y.transpose();
  } else if (a.transposed) {
    out.noalias() = x.transpose() * y;
  } else if (b.transposed) {
    out.noalias() = x * y.transpose();
  } else {
    out.noalias() = x * y;
  }
}

[[maybe_unused]] const bool registered = [] {
  openblas_set_num_threads(1);
  omp_set_num_threads(1);  // oneDNN's.
  RegisterGemm("adjoint", AdjointGemm<float>, AdjointGemm<double>);
  RegisterGemm("openblas", OpenBlas, OpenBlas);
  RegisterGemm("onednn", OneDnn, nullptr);
  RegisterGemm("eigen", Eigens<float>, Eigens<double>);
  return true;
}();

}  // namespace
}  // namespace adjoint
