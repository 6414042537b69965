#include "framework/nn/pool2d.h"

#include "absl/strings/str_cat.h"
#include "framework/base/error.h"

namespace adjoint::nn {
namespace {

template <class Options>
void Check(const char* layer, const Options& o) {
  if (o.kernel.h < 1 || o.kernel.w < 1 || o.stride.h < 0 || o.stride.w < 0) {
    throw ShapeError(
        absl::StrCat(layer, ": kernel must be >= 1 and stride >= 0: kernel ",
                     o.kernel.ToString(), ", stride ", o.stride.ToString()));
  }
  if (o.padding.h < 0 || o.padding.w < 0 || o.padding.h > o.kernel.h / 2 ||
      o.padding.w > o.kernel.w / 2) {
    throw ShapeError(
        absl::StrCat(layer, ": padding must be from 0 to half of the kernel: ",
                     o.padding.ToString(), ", kernel ", o.kernel.ToString()));
  }
}

// "MaxPool2d 3x3 stride 2x2"; the stride only if it is not the kernel's.
template <class Options>
std::string KindOf(const char* layer, const Options& o) {
  std::string kind = absl::StrCat(layer, " ", o.kernel.ToString());
  if (!(o.stride == 0 || o.stride == o.kernel)) {
    absl::StrAppend(&kind, " stride ", o.stride.ToString());
  }
  return kind;
}

}  // namespace

MaxPool2d::MaxPool2d(const MaxPool2dOptions& options) : options_(options) {
  Check("MaxPool2d", options);
}

std::string MaxPool2d::Kind() const { return KindOf("MaxPool2d", options_); }

AvgPool2d::AvgPool2d(const AvgPool2dOptions& options) : options_(options) {
  Check("AvgPool2d", options);
}

std::string AvgPool2d::Kind() const { return KindOf("AvgPool2d", options_); }

}  // namespace adjoint::nn
