"""Writes print_golden.h: arrays and how NumPy prints them.

Run with NumPy 1.24; later versions choose the scientific form differently:

  python3 tests/core/print_golden.py > tests/core/print_golden.h
"""
import numpy as np

F32, F64, I32 = np.float32, np.float64, np.int32
NAN, INF = np.nan, np.inf

# (dtype, shape, values); the values repeat until the shape is full, so that
# with a period of seven the fourth of 7 k elements in a row is elided.
CASES = [
    # Every rank.
    (F32, (), [3.5]),
    (F32, (), [7]),
    (F64, (), [-1e-9]),
    (I32, (), [-42]),
    (F32, (3,), [1, 2, 3]),
    (F32, (2, 3), [1, 2.5, 3, 4, 5, 6]),
    (F32, (2, 2, 3), range(12)),
    (F64, (2, 1, 2, 2), [0.5, -0.25, 100, 0]),
    (I32, (2, 2, 2), [1, -20, 300, 4, 5, 6, -7, 8]),
    (I32, (1, 1, 1, 1), [9]),
    # No elements.
    (F32, (0,), []),
    (F64, (2, 0), []),
    (I32, (0, 3, 4), []),
    # Digits: shortest, at most eight after the point.
    (F32, (4,), [0.1, 0.2, 1 / 3, 2 / 3]),
    (F64, (4,), [0.1, 0.2, 1 / 3, 2 / 3]),
    (F64, (3,), [0.30000000000000004, 1, 0.999999999999]),
    (F64, (2,), [1.000000005, 1.000000015]),
    (F64, (2,), [2.0**-9, 3 * 2.0**-10]),
    (F32, (3,), [16777216, 16777217, 33554432]),
    (F32, (2,), [99999992, 67108864]),
    (F64, (2,), [99999999, 12345678.125]),
    (F64, (2,), [-0.0, 0.0]),
    (F32, (4,), [-1.5, 22.25, -333.125, 0]),
    (I32, (3,), [-2147483648, 2147483647, 0]),
    # Scientific form, and the bounds at which it begins.
    (F32, (3,), [1e-4, 1e-3, 1e-2]),
    (F64, (3,), [1e-4, 1e-3, 1e-2]),
    (F64, (2,), [9.9999e-5, 1e-4]),
    (F64, (2,), [1e8, 1e6]),
    (F64, (2,), [99999999.5, 1e6]),
    (F64, (2,), [1, 1000]),
    (F64, (2,), [1, 1000.0000001]),
    (F64, (3,), [0, 1e-10, -1]),
    (F64, (2,), [1, 1e100]),
    (F64, (2,), [-1e-300, 1.7976931348623157e308]),
    (F64, (1,), [5e-324]),
    (F32, (2,), [3.4028234663852886e38, 1.401298464324817e-45]),
    (F32, (3,), [99999992, 0.5, 123456792]),
    (F64, (2,), [9.99999999999e20, 1.5]),
    (F32, (2, 2), [1234567.9, -3.2e-7, 0, 1]),
    # Not finite.
    (F32, (3,), [NAN, 1, -2.5]),
    (F32, (3,), [INF, NAN, NAN]),
    (F32, (2,), [-INF, NAN]),
    (F64, (4,), [-INF, 1, INF, 20.125]),
    (F64, (3,), [NAN, 1e10, -INF]),
    (F64, (1,), [INF]),
    # Rows longer than 75 columns.
    (F32, (30,), range(30)),
    (F32, (26,), [0.125, 1, 2]),
    (F64, (2, 12), [1 / 3, -1, 100]),
    (I32, (2, 2, 20), range(80)),
    (I32, (36,), [1]),
    (I32, (37,), [1]),
    (I32, (38,), [1]),
    (I32, (2, 24), [10]),
    (I32, (25,), [10]),
    (I32, (2, 25), [10]),
    # Elided: more than 1,000 elements, axes longer than six.
    (I32, (1000,), [5]),
    (I32, (1001,), range(1001)),
    (F32, (1001,), range(1001)),
    (F32, (1001,), [1, 2, 3, 1e9, 5, 6, 7]),
    (F64, (143, 7), [1 / 3, 2, -3, 1e-9, 5, 6, 7]),
    (I32, (40, 30), range(1200)),
    (I32, (6, 200), range(1200)),
    (I32, (7, 144), range(1008)),
    (I32, (3, 7, 50), range(1050)),
    (F64, (12, 2, 7, 6), range(1008)),
    (F64, (2, 501), [1e-200, -1 / 3, 1e200]),
]


def literal(value):
  value = float(value)
  if np.isnan(value):
    return 'NAN'
  if np.isinf(value):
    return '-INFINITY' if value < 0 else 'INFINITY'
  return repr(value)


def brief(values):
  """0, 1, 2, ... is what an empty list stands for."""
  if isinstance(values, range) and values.start == 0:
    return '{}'
  return '{' + ', '.join(literal(v) for v in values) + '}'


print(f'''// Written by print_golden.py with NumPy {np.__version__}.
#ifndef ADJOINT_TESTS_CORE_PRINT_GOLDEN_H_
#define ADJOINT_TESTS_CORE_PRINT_GOLDEN_H_

#include <cmath>
#include <vector>

#include "framework/core/dtype.h"
#include "framework/core/shape.h"

namespace adjoint {{

struct PrintGolden {{
  DType dtype;
  Shape shape;
  std::vector<double> values;  // Repeat to fill the shape; if none: 0, 1, 2...
  const char* text;
}};

// clang-format off
inline const std::vector<PrintGolden>& PrintGoldens() {{
  static const std::vector<PrintGolden>& goldens =
      *new std::vector<PrintGolden>{{''')
for dtype, shape, values in CASES:
  size = int(np.prod(shape, dtype=int))
  array = np.resize(np.array(list(values)), size).astype(dtype).reshape(shape)
  name = {F32: 'kF32', F64: 'kF64', I32: 'kI32'}[dtype]
  dims = '{' + ', '.join(str(d) for d in shape) + '}'
  print(f'''{{DType::{name}, {dims}, {brief(values)},
R"({np.array2string(array)})"}},''')
print('''};
  return goldens;
}
// clang-format on

}  // namespace adjoint

#endif  // ADJOINT_TESTS_CORE_PRINT_GOLDEN_H_''')
