#include "framework/base/peak_memory.h"

#include <sys/resource.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "framework/base/file.h"

namespace adjoint {
namespace {

// The number of KiB behind `name` in /proc/self/status; 0 if it is not there.
int64_t KibibytesOf(absl::string_view name) {
  const absl::StatusOr<std::string> status = ReadFile("/proc/self/status");
  if (!status.ok()) return 0;
  const absl::string_view text = *status;
  const size_t at = text.find(name);
  if (at == text.npos) return 0;
  const absl::string_view line = text.substr(at + name.size());
  int64_t kibibytes;
  return absl::SimpleAtoi(
             absl::StripAsciiWhitespace(line.substr(0, line.find(" kB"))),
             &kibibytes)
             ? kibibytes
             : 0;
}

}  // namespace

int64_t PeakMemoryBytes() {
  // getrusage counts in what the process was before it called exec: a copy of
  // the one that started it, however large.
  int64_t kibibytes = KibibytesOf("\nVmHWM:");
  if (kibibytes == 0) {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    kibibytes = usage.ru_maxrss;
  }
  return kibibytes << 10;
}

}  // namespace adjoint
