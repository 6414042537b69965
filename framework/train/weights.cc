#include "framework/train/weights.h"

#include <algorithm>
#include <vector>

#include "framework/base/sha256.h"

namespace adjoint::train {

std::string WeightsSha256(const nn::Module& model) {
  std::vector<nn::NamedParameter> parameters = nn::Parameters(model);
  std::sort(parameters.begin(), parameters.end(),
            [](const nn::NamedParameter& a, const nn::NamedParameter& b) {
              return a.name < b.name;
            });
  Sha256 sha;
  for (const nn::NamedParameter& p : parameters) {
    const Array& array = *p.parameter.value().array();
    sha.Update(absl::string_view(static_cast<const char*>(array.data()),
                                 array.shape().size() * SizeOf(array.dtype())));
  }
  return sha.HexDigest();
}

}  // namespace adjoint::train
