#include "framework/train/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "framework/base/error.h"

namespace adjoint::train {
namespace {

// What a handler may touch: lock-free atomics.
std::atomic<bool> installed{false};
std::atomic<bool> live_line{false};
std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free);

constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};

void Say(const char* text) {
  // Nothing can be done about an error here.
  [[maybe_unused]] const ssize_t n =
      write(STDERR_FILENO, text, std::strlen(text));
}

// Runs between any two instructions of any thread: only what signal-safety(7)
// lists.
void OnSignal(int signal) {
  const int saved_errno = errno;
  if (live_line.load()) Say("\r\033[K");
  int none = 0;
  if (!received.compare_exchange_strong(none, signal)) {
    Say("stopped\n");
    _exit(128 + signal);
  }
  Say("finishing this step; press Ctrl-C again to stop now\n");
  errno = saved_errno;
}

void Install(int signal, struct sigaction& old) {
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;  // A file being written is written on.
  sigemptyset(&action.sa_mask);
  // While one is handled the others wait.
  for (const int other : kSignals) sigaddset(&action.sa_mask, other);
  ADJOINT_CHECK(sigaction(signal, nullptr, &old) == 0);
  if (old.sa_handler == SIG_IGN) return;
  ADJOINT_CHECK(sigaction(signal, &action, nullptr) == 0);
}

}  // namespace

Interrupt::Interrupt(const InterruptOptions& options) {
  ADJOINT_CHECK(!installed.exchange(true));
  live_line = options.live;
  received = 0;
  for (size_t i = 0; i < kSignals.size(); ++i) Install(kSignals[i], old_[i]);
}

Interrupt::~Interrupt() {
  for (size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], &old_[i], nullptr);
  }
  installed = false;
}

int Interrupt::exit_code() const {
  const int signal = received.load(std::memory_order_relaxed);
  return signal == 0 ? 0 : 128 + signal;
}

}  // namespace adjoint::train
