// The graph: what was applied to what.
//
// The ops record it (op.h), Grad reads it (autograd/grad.h). Neither knows of
// the other; both know Node.
#ifndef ADJOINT_FRAMEWORK_CORE_NODE_H_
#define ADJOINT_FRAMEWORK_CORE_NODE_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "framework/core/ref.h"

namespace adjoint {

class Array;
class Tensor;

// One recorded application, or a leaf. A node keeps its inputs alive and never
// its output, so graphs have no cycles and live as long as their results.
class Node : public RefCounted {
 public:
  // Ids only grow, over all threads: a node's inputs have smaller ids, so
  // creation order is a topological order.
  uint64_t id() const { return id_; }

  // The newest id so far: nodes made from here on have larger ones.
  static uint64_t NewestId();

  // The op's name; "leaf" for a leaf.
  virtual absl::string_view name() const = 0;

  // The tensors it was applied to. Their values are ghosts where the op did not
  // declare to save them. Empty for a leaf.
  virtual absl::Span<const Tensor> inputs() const = 0;

  // The value of the output, where it is kept for the rule; else null.
  virtual const Array* saved_output() const { return nullptr; }

  // The op's rule, its vector-Jacobian product: from the cotangent `dy` of the
  // output (the derivative of the final result with respect to it) to the
  // cotangents of the inputs. dx[i] is written where needs[i]; it is left
  // undefined where the derivative is zero everywhere. Its shape is one that
  // sums to that of input i by broadcasting's rule.
  virtual void Vjp(const Tensor& dy, absl::Span<const bool> needs,
                   absl::Span<Tensor> dx) const = 0;

  bool is_leaf() const { return inputs().empty(); }

  // Frees a node, and what only it kept alive, without recursion: a chain of a
  // million nodes is freed in constant stack.
  static void Delete(const Node* node);

  static void* operator new(size_t bytes);
  static void operator delete(void* node, size_t bytes);

 protected:
  Node();
  virtual ~Node() = default;

 private:
  const uint64_t id_;
  mutable const Node* next_dying_ = nullptr;
};

// Whether ops applied on this thread are recorded. They are at first.
bool IsRecording();

// Sets IsRecording() until the end of the scope.
class RecordingScope {
 public:
  explicit RecordingScope(bool record);
  ~RecordingScope();
  RecordingScope(const RecordingScope&) = delete;
  RecordingScope& operator=(const RecordingScope&) = delete;

 private:
  const bool before_;
};

// Within its scope nothing is recorded: `NoGrad no_grad;` for evaluation.
struct NoGrad : RecordingScope {
  NoGrad() : RecordingScope(false) {}
};

}  // namespace adjoint

#endif  // ADJOINT_FRAMEWORK_CORE_NODE_H_
