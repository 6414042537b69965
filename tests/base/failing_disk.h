// A disk of which a call fails: the process's calls that change files, replaced
// by ones that do as they are told.
#ifndef ADJOINT_TESTS_BASE_FAILING_DISK_H_
#define ADJOINT_TESTS_BASE_FAILING_DISK_H_

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace adjoint {

// While one lives, the calls to create (open with O_CREAT), read, write, fsync,
// close, rename, link and ftruncate are counted, from 0, and one of them may
// fail. What is flushed is not forced to any real disk. Only those of the
// thread that made it: a test's own output is to wait until it is gone.
class FailingDisk {
 public:
  struct Options {
    int failing_call = -1;  // None.
    int error = 0;          // What errno says then.
    // All calls from that one on fail, as those of a disk that stays full;
    // reads and closes still succeed.
    bool for_good = false;
    // The most bytes that a call reads or writes.
    size_t most = std::numeric_limits<size_t>::max();
  };

  explicit FailingDisk(const Options& options);
  ~FailingDisk();
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;

  // The names of the calls so far, "write" and so on.
  const std::vector<std::string>& calls() const { return calls_; }

  // Whether a call has failed.
  bool failed() const { return failed_; }

  // For the replaced calls. Notes the call; whether it is to fail, and then
  // errno is set.
  bool Fails(const char* call);
  size_t Most(size_t size) const;

 private:
  const Options options_;
  std::vector<std::string> calls_;
  bool failed_ = false;
};

}  // namespace adjoint

#endif  // ADJOINT_TESTS_BASE_FAILING_DISK_H_
