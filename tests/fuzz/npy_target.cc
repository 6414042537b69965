#include "framework/core/tensor.h"
#include "framework/io/npy.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/target.h"

namespace adjoint::fuzz {
namespace {

std::string File(const std::string& descr, const std::string& order,
                 const std::string& shape, int bytes, int major = 1) {
  const std::string header = "{'descr': '" + descr +
                             "', 'fortran_order': " + order +
                             ", 'shape': " + shape + ", }\n";
  std::string file("\x93NUMPY", 6);
  file += static_cast<char>(major);
  file += '\0';
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i) {
    file += static_cast<char>(header.size() >> 8 * i);
  }
  return file + header + std::string(bytes, '\0');
}

}  // namespace

bool Fuzz(absl::string_view bytes) {
  const int64_t most = static_cast<int64_t>(bytes.size()) + (128 << 10);
  const absl::StatusOr<Tensor> x =
      Within(most, [&] { return io::ParseNpy(bytes, kPath); });
  const absl::StatusOr<io::ByteArray> array =
      Within(most, [&] { return io::ParseNpyBytes(bytes, kPath); });
  if (!x.ok()) RequirePlace(x.status());
  if (!array.ok()) RequirePlace(array.status());
  Require(!x.ok() || !array.ok(), "an array has one dtype");
  if (array.ok()) {
    Require(static_cast<int64_t>(array->bytes.size()) == array->shape.size(),
            "as many bytes are there as the shape says");
  }
  if (x.ok()) {
    const std::string file = io::EncodeNpy(*x);
    const absl::StatusOr<Tensor> again = io::ParseNpy(file, kPath);
    Require(again.ok() && again->shape() == x->shape(),
            "what was read can be written and read again");
    Require(io::EncodeNpy(*again) == file, "and is then what it was");
  }
  return x.ok() || array.ok();
}

std::vector<std::string> Seeds() {
  return {File("<f4", "False", "(2, 3)", 24),
          File("<f8", "True", "(2, 1, 2)", 32),
          File("<i4", "False", "(3,)", 12, 2),
          File("<i8", "True", "(2, 2)", 32, 3),
          File("|u1", "False", "(2, 2, 3)", 12),
          File("|u1", "True", "(5,)", 5),
          File("<f4", "False", "()", 4),
          File("<f4", "False", "(0, 7)", 0)};
}

}  // namespace adjoint::fuzz
