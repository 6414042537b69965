#include "framework/ops/check_indices.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "framework/base/error.h"

namespace adjoint {

void CheckIndices(const Tensor& indices, int64_t bound,
                  absl::string_view noun) {
  const absl::Span<const int32_t> data = indices.data<int32_t>();
  for (size_t p = 0; p < data.size(); ++p) {
    if (0 <= data[p] && data[p] < bound) continue;
    std::vector<int64_t> place(indices.rank());
    int64_t rest = static_cast<int64_t>(p);
    for (int axis = indices.rank(); axis-- > 0;) {
      place[axis] = rest % indices.shape()[axis];
      rest /= indices.shape()[axis];
    }
    throw ValueError(absl::StrCat(noun, " ", data[p], " at [",
                                  absl::StrJoin(place, ","), "] is not in [0, ",
                                  bound, ")"));
  }
}

}  // namespace adjoint
