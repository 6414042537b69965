// Which module is running: for the text of errors and for observers.
#ifndef ADJOINT_FRAMEWORK_CORE_SCOPE_H_
#define ADJOINT_FRAMEWORK_CORE_SCOPE_H_

#include <string>

namespace adjoint {

// Marks the thread as running inside `subject` while it lives. Scopes nest;
// making one costs two stores, for names are looked up only when asked for.
class Scope {
 public:
  // The dotted name of `inner` as seen from `root`, both subjects of scopes.
  using PathOf = std::string (*)(const void* root, const void* inner);

  Scope(const void* subject, PathOf path_of);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  // What the innermost scope of this thread is in; null outside any.
  static const void* Subject();

  // What the outermost one is in; null outside any.
  static const void* Root();

  // The dotted name of Subject() as seen from Root(): "encoder.0". Empty
  // outside any scope and in the outermost one.
  static std::string Path();

 private:
  static const Scope* Outermost();  // Null outside any.

  const void* const subject_;
  const PathOf path_of_;
  Scope* const outer_;
};

// `text` with " (in encoder.0)" behind it, for errors; as it is where Path() is
// empty.
std::string WithPath(std::string text);

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_SCOPE_H_
