"""Writes numpy_files.h: arrays as NumPy writes them.

Run with NumPy 1.24:

  python3 tests/io/golden/numpy_files.py > tests/io/golden/numpy_files.h

The elements of each array, in row-major order, are -2, -1, 0, 1, ...
"""
import io

import numpy as np

# (dtype, shape, in Fortran's order, version)
CASES = [
    ('<f4', (2, 3), False, (1, 0)),
    ('<f8', (2, 3), False, (1, 0)),
    ('<i4', (2, 3), False, (1, 0)),
    ('<i8', (2, 3), False, (1, 0)),
    ('<f4', (), False, (1, 0)),
    ('<f4', (5,), False, (1, 0)),
    ('<f4', (0, 4), False, (1, 0)),
    ('<f4', (2, 3), False, (2, 0)),
    ('<f4', (2, 3), False, (3, 0)),
    ('<f4', (2, 3), True, (1, 0)),
    ('<f8', (2, 3, 4), True, (1, 0)),
    ('<i8', (3, 1, 2, 2), True, (2, 0)),
    ('<i4', (2, 1, 2, 1, 2, 1, 1, 2), True, (1, 0)),
]
DTYPES = {'<f4': 'kF32', '<f8': 'kF64', '<i4': 'kI32', '<i8': 'kI32'}

print('''// Written by numpy_files.py.
#ifndef ADJOINT_TESTS_IO_GOLDEN_NUMPY_FILES_H_
#define ADJOINT_TESTS_IO_GOLDEN_NUMPY_FILES_H_

#include <vector>

#include "framework/core/dtype.h"
#include "framework/core/shape.h"

namespace adjoint::io {

struct NumpyFile {
  DType dtype;  // As we read it.
  Shape shape;
  const char* bytes;  // In hexadecimal digits.
};

// clang-format off
inline const std::vector<NumpyFile>& NumpyFiles() {
  static const std::vector<NumpyFile>& files = *new std::vector<NumpyFile>{''')
for dtype, shape, fortran, version in CASES:
  size = int(np.prod(shape, dtype=int))
  array = (np.arange(size) - 2).astype(dtype).reshape(shape)
  if fortran:
    array = np.asfortranarray(array)
  file = io.BytesIO()
  np.lib.format.write_array(file, array, version)
  digits = file.getvalue().hex()
  lines = [digits[i:i + 72] for i in range(0, len(digits), 72)]
  dims = '{' + ', '.join(str(d) for d in shape) + '}'
  print(f'''{{DType::{DTYPES[dtype]}, {dims},''')
  print(' "' + '"\n "'.join(lines) + '"},')
print('''};
  return files;
}
// clang-format on

}  // namespace adjoint::io

#endif  // ADJOINT_TESTS_IO_GOLDEN_NUMPY_FILES_H_''')
