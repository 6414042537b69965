#include "framework/core/observer.h"

namespace adjoint {
namespace {

constinit thread_local Observer* current = nullptr;
constinit thread_local BackwardScope* backward = nullptr;

}  // namespace

ObserverScope::ObserverScope(Observer* observer) : before_(current) {
  current = observer;
}

ObserverScope::~ObserverScope() { current = before_; }

Observer* CurrentObserver() { return current; }

BackwardScope::BackwardScope() : outer_(backward) { backward = this; }

BackwardScope::~BackwardScope() { backward = outer_; }

bool InBackward() { return backward != nullptr; }

uint64_t NodeInBackward() { return backward == nullptr ? 0 : backward->node_; }

}  // namespace adjoint
