#include "framework/core/observer.h"

namespace adjoint {
namespace {

constinit thread_local Observer* current = nullptr;
constinit thread_local bool backward = false;

}  // namespace

ObserverScope::ObserverScope(Observer* observer) : before_(current) {
  current = observer;
}

ObserverScope::~ObserverScope() { current = before_; }

Observer* CurrentObserver() { return current; }

BackwardScope::BackwardScope() : before_(backward) { backward = true; }

BackwardScope::~BackwardScope() { backward = before_; }

bool InBackward() { return backward; }

}  // namespace adjoint
