// A reference-counted pointer whose count lives in the object.
#ifndef ADJOINT_FRAMEWORK_CORE_REF_H_
#define ADJOINT_FRAMEWORK_CORE_REF_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace adjoint {

// What a class inherits to be held by Ref<T>. The class offers
// `static void Delete(const T*)`, called when the last Ref is gone.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  // Whether the caller's Ref is the only one: nobody else can see the object.
  bool unique() const { return refs_.load(std::memory_order_acquire) == 1; }

 private:
  template <class T>
  friend class Ref;

  mutable std::atomic<int32_t> refs_{0};
};

// A pointer that keeps its target alive; null at first. Targets may be shared
// among threads, one Ref may not.
template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}  // NOLINT: null converts as it does for pointers
  explicit Ref(T* target) : target_(target) {
    if (target && target->refs_.load(std::memory_order_relaxed) == 0) {
      // Nobody else knows of a new object: no atomic increment is needed.
      target->refs_.store(1, std::memory_order_relaxed);
    } else {
      Retain();
    }
  }
  Ref(const Ref& other) : target_(other.target_) { Retain(); }
  Ref(Ref&& other) noexcept : target_(std::exchange(other.target_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(target_, other.target_);
    return *this;
  }
  ~Ref() { Release(); }

  T* get() const { return target_; }
  T* operator->() const { return target_; }
  T& operator*() const { return *target_; }
  explicit operator bool() const { return target_ != nullptr; }
  friend bool operator==(const Ref& a, const Ref& b) = default;

 private:
  void Retain() {
    if (target_) target_->refs_.fetch_add(1, std::memory_order_relaxed);
  }
  void Release() {
    if (!target_) return;
    // The sole owner needs no atomic write to learn that it is the last.
    if (target_->refs_.load(std::memory_order_acquire) == 1 ||
        target_->refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      T::Delete(target_);
    }
  }

  T* target_ = nullptr;
};

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_REF_H_
