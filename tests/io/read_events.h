// Events files as TensorBoard reads them.
#ifndef ADJOINT_TESTS_IO_READ_EVENTS_H_
#define ADJOINT_TESTS_IO_READ_EVENTS_H_

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace adjoint::io {

struct Event {
  double time = 0;
  int64_t step = 0;
  std::string version;   // "" if it has none.
  bool restart = false;  // A session log whose status is START.
  std::vector<std::pair<std::string, float>> scalars;
};

// The events of one file up to where its bytes end, in mid-record perhaps, or a
// checksum is wrong; `whole` is whether that was its end.
struct Events {
  std::vector<Event> events;
  bool whole = false;
};
Events ReadEvents(const std::string& path);

// What TensorBoard shows of a folder: its files by name, of which a restart
// makes void what has its step or a later one. (step, tag, value), sorted.
std::vector<std::tuple<int64_t, std::string, float>> ShownScalars(
    const std::string& folder);

}  // namespace adjoint::io

#endif  // ADJOINT_TESTS_IO_READ_EVENTS_H_
