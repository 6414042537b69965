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

const Scope* Scope::Outermost() {
  const Scope* scope = innermost;
  while (scope != nullptr && scope->outer_ != nullptr) scope = scope->outer_;
  return scope;
}

const void* Scope::Root() {
  const Scope* root = Outermost();
  return root == nullptr ? nullptr : root->subject_;
}

std::string Scope::Path() {
  if (innermost == nullptr) return "";
  const Scope* root = Outermost();
  if (root->subject_ == innermost->subject_) return "";
  return root->path_of_(root->subject_, innermost->subject_);
}

std::string WithPath(std::string text) {
  const std::string path = Scope::Path();
  if (!path.empty()) text += " (in " + path + ")";
  return text;
}

}  // namespace adjoint
