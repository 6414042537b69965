#include "framework/core/scope.h"

namespace adjoint {
namespace {

constinit thread_local Scope* innermost = nullptr;

}  // namespace

Scope::Scope(const void* subject, PathOf path_of)
    : subject_(subject), path_of_(path_of), outer_(innermost) {
  innermost = this;
}

Scope::~Scope() { innermost = outer_; }

const void* Scope::Subject() {
  return innermost == nullptr ? nullptr : innermost->subject_;
}

std::string Scope::Path() {
  if (innermost == nullptr) return "";
  const Scope* root = innermost;
  while (root->outer_ != nullptr) root = root->outer_;
  if (root->subject_ == innermost->subject_) return "";
  return root->path_of_(root->subject_, innermost->subject_);
}

std::string WithPath(std::string text) {
  const std::string path = Scope::Path();
  if (!path.empty()) text += " (in " + path + ")";
  return text;
}

}  // namespace adjoint
