// Scalars for TensorBoard.
//
// An events file is a list of records: the length (u64), its checksum, the
// bytes of a protocol buffer Event and their checksum, all little-endian
// (tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto).
// TensorBoard reads all files of a folder, by name, as one.
#ifndef ADJOINT_FRAMEWORK_IO_TENSORBOARD_H_
#define ADJOINT_FRAMEWORK_IO_TENSORBOARD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "framework/io/append_file.h"

namespace adjoint::io {

struct Scalar {
  std::string tag;  // "loss/train": what is before the / is shown together.
  double value;     // Kept as f32.
};

// The records. Times are in seconds since 1970.
std::string FileVersionRecord(double time);
// TensorBoard forgets what came before with this step or a later one.
std::string RestartRecord(double time, int64_t step);
std::string ScalarsRecord(double time, int64_t step,
                          absl::Span<const Scalar> scalars);

// Writes the events of one process.
class EventWriter {
 public:
  // Starts the new file
  // <folder>/events.out.tfevents.<time>.<host>.<process>.<count>. The time is
  // in seconds, and later than that of any file there: TensorBoard is to read
  // it behind them, also if both began in one second or a clock was set back.
  static absl::StatusOr<std::unique_ptr<EventWriter>> Open(
      const std::string& folder);

  // What was added for `step` and later ones, here or in older files of the
  // folder, is void.
  void Restart(int64_t step);
  // Of `seconds_ago`, for that is what TensorBoard's axis of time shows.
  void Add(int64_t step, absl::Span<const Scalar> scalars,
           double seconds_ago = 0);

  // As AppendFile::Flush.
  absl::Status Flush() { return file_->Flush(); }

  const std::string& path() const { return file_->path(); }

 private:
  explicit EventWriter(std::unique_ptr<AppendFile> file)
      : file_(std::move(file)) {}

  std::unique_ptr<AppendFile> file_;
};

}  // namespace adjoint::io

#endif  // ADJOINT_FRAMEWORK_IO_TENSORBOARD_H_
