#include "framework/core/node.h"

#include <atomic>

#include "framework/core/memory.h"

namespace adjoint {
namespace {

constinit std::atomic<uint64_t> last_id{0};
constinit thread_local bool recording = true;

}  // namespace

Node::Node() : id_(last_id.fetch_add(1, std::memory_order_relaxed) + 1) {}

uint64_t Node::NewestId() { return last_id.load(std::memory_order_relaxed); }

void Node::Delete(const Node* node) {
  // Deleting a node drops the last reference to some of its inputs, which calls
  // this function again: the inner calls only append to the list that the
  // outermost one works off.
  static constinit thread_local const Node* dying = nullptr;
  static constinit thread_local bool draining = false;
  node->next_dying_ = dying;
  dying = node;
  if (draining) return;
  draining = true;
  while (dying != nullptr) {
    const Node* next = dying;
    dying = next->next_dying_;
    delete next;
  }
  draining = false;
}

void* Node::operator new(size_t bytes) { return AllocateMemory(bytes); }

void Node::operator delete(void* node, size_t bytes) {
  FreeMemory(node, bytes);
}

bool IsRecording() { return recording; }

RecordingScope::RecordingScope(bool record) : before_(recording) {
  recording = record;
}

RecordingScope::~RecordingScope() { recording = before_; }

}  // namespace adjoint
