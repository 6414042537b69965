#include "tests/autograd/plain.h"

#include <algorithm>
#include <utility>

namespace adjoint::plain {

double Values::At(const Index& index) const {
  const size_t skipped = index.size() - extents.size();
  int64_t at = 0;
  for (size_t i = 0; i < extents.size(); ++i) {
    at = at * extents[i] + (extents[i] == 1 ? 0 : index[skipped + i]);
  }
  return x[at];
}

int64_t SizeOf(const Extents& extents) {
  int64_t size = 1;
  for (const int64_t extent : extents) size *= extent;
  return size;
}

Values Build(const Extents& extents, std::function<double(const Index&)> fn) {
  Values result = {extents, {}};
  Index index(extents.size());
  for (int64_t i = 0; i < SizeOf(extents); ++i) {
    int64_t rest = i;
    for (size_t axis = extents.size(); axis-- > 0;) {
      index[axis] = rest % extents[axis];
      rest /= extents[axis];
    }
    result.x.push_back(fn(index));
  }
  return result;
}

Extents Broadcast(const Extents& a, const Extents& b) {
  Extents result = a.size() > b.size() ? a : b;
  const Extents& other = a.size() > b.size() ? b : a;
  const size_t skipped = result.size() - other.size();
  for (size_t i = 0; i < other.size(); ++i) {
    if (result[skipped + i] == 1) result[skipped + i] = other[i];
  }
  return result;
}

Values Map(const Values& x, std::function<double(double)> fn) {
  return Build(x.extents, [&](const Index& i) { return fn(x.At(i)); });
}

Values Zip(const Values& a, const Values& b,
           std::function<double(double, double)> fn) {
  return Build(Broadcast(a.extents, b.extents),
               [&](const Index& i) { return fn(a.At(i), b.At(i)); });
}

Values Reduce(const Values& x, const std::vector<int>& axes, bool keepdims,
              std::function<double(const std::vector<double>&)> fn) {
  Extents kept = x.extents;
  for (const int axis : axes) kept[axis] = 1;
  Values result = Build(kept, [&](const Index& place) {
    std::vector<double> along;
    Build(x.extents, [&](const Index& i) {
      bool here = true;
      for (size_t axis = 0; axis < i.size(); ++axis) {
        here = here && (kept[axis] == 1 || i[axis] == place[axis]);
      }
      if (here) along.push_back(x.At(i));
      return 0;
    });
    return fn(along);
  });
  if (!keepdims) {
    Extents extents;
    for (size_t i = 0; i < kept.size(); ++i) {
      if (std::find(axes.begin(), axes.end(), i) == axes.end()) {
        extents.push_back(kept[i]);
      }
    }
    result.extents = std::move(extents);
  }
  return result;
}

Values MapAlong(
    const Values& x, int axis,
    std::function<std::vector<double>(const std::vector<double>&)> fn) {
  return Build(x.extents, [&](const Index& place) {
    std::vector<double> along;
    Index i = place;
    for (i[axis] = 0; i[axis] < x.extents[axis]; ++i[axis]) {
      along.push_back(x.At(i));
    }
    return fn(along)[place[axis]];
  });
}

Values MatMul(const Values& a, const Values& b) {
  const size_t p = a.extents.size(), q = b.extents.size();
  const int64_t m = a.extents[p - 2], k = a.extents[p - 1];
  const int64_t n = b.extents[q - 1];
  Extents extents = Broadcast(Extents(a.extents.begin(), a.extents.end() - 2),
                              Extents(b.extents.begin(), b.extents.end() - 2));
  extents.push_back(m);
  extents.push_back(n);
  return Build(extents, [&](const Index& place) {
    Index left = place, right = place;
    double sum = 0;
    for (int64_t i = 0; i < k; ++i) {
      left[left.size() - 1] = i;
      right[right.size() - 2] = i;
      sum += a.At(left) * b.At(right);
    }
    return sum;
  });
}

Values Transpose(const Values& x, const std::vector<int>& axes) {
  Extents extents;
  for (const int axis : axes) extents.push_back(x.extents[axis]);
  return Build(extents, [&](const Index& place) {
    Index from(place.size());
    for (size_t i = 0; i < axes.size(); ++i) from[axes[i]] = place[i];
    return x.At(from);
  });
}

}  // namespace adjoint::plain
