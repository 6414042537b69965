// Arrays of doubles with ops in the plainest loops: an oracle that shares no
// line with the framework.
#ifndef ADJOINT_TESTS_AUTOGRAD_PLAIN_H_
#define ADJOINT_TESTS_AUTOGRAD_PLAIN_H_

#include <cstdint>
#include <functional>
#include <vector>

namespace adjoint::plain {

using Extents = std::vector<int64_t>;
using Index = std::vector<int64_t>;

struct Values {
  Extents extents;
  std::vector<double> x;  // In row-major order.

  // The element at `index`, as NumPy broadcasts: the last axes are matched, and
  // an axis of extent 1 has the same element everywhere.
  double At(const Index& index) const;
};

int64_t SizeOf(const Extents& extents);

// An array of what `fn` gives for each index, in row-major order.
Values Build(const Extents& extents, std::function<double(const Index&)> fn);

// What both broadcast to. REQUIRES: they do.
Extents Broadcast(const Extents& a, const Extents& b);

Values Map(const Values& x, std::function<double(double)> fn);
Values Zip(const Values& a, const Values& b,
           std::function<double(double, double)> fn);

// fn of the elements along `axes`, each of which stays with extent 1 if
// `keepdims`. `axes` are sorted and not negative.
Values Reduce(const Values& x, const std::vector<int>& axes, bool keepdims,
              std::function<double(const std::vector<double>&)> fn);

// fn of the elements along `axis`, as many as there were.
Values MapAlong(
    const Values& x, int axis,
    std::function<std::vector<double>(const std::vector<double>&)> fn);

// a [..., m, k], b [..., k, n], the front axes broadcast.
Values MatMul(const Values& a, const Values& b);

// Axis i of the result is axis axes[i] of x.
Values Transpose(const Values& x, const std::vector<int>& axes);

}  // namespace adjoint::plain

#endif  // ADJOINT_TESTS_AUTOGRAD_PLAIN_H_
