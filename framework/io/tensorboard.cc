#include "framework/io/tensorboard.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <filesystem>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "framework/io/crc32c.h"

namespace adjoint::io {
namespace {

// The numbers of the fields of Event, Summary, Summary.Value and SessionLog.
enum EventField { kWallTime = 1, kStep, kFileVersion, kSummary = 5, kLog = 7 };
constexpr int kValue = 1;
constexpr int kTag = 1, kSimpleValue = 2;
constexpr int kStatus = 1;
constexpr uint64_t kStart = 1;  // A status.

// Protocol buffers' types on the wire.
enum WireType { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

template <class T>
void AppendFixed(std::string& out, T bits) {
  for (size_t i = 0; i < sizeof(T); ++i) {
    out.push_back(static_cast<char>(bits >> 8 * i & 0xff));
  }
}

// Seven bits a byte, the lowest first; the top bit says that more follow.
void AppendVarint(std::string& out, uint64_t x) {
  for (; x >= 0x80; x >>= 7) out.push_back(static_cast<char>(x | 0x80));
  out.push_back(static_cast<char>(x));
}

void AppendKey(std::string& out, int field, WireType type) {
  AppendVarint(out, static_cast<uint64_t>(field) << 3 | type);
}

void AppendBytes(std::string& out, int field, absl::string_view bytes) {
  AppendKey(out, field, kBytes);
  AppendVarint(out, bytes.size());
  out.append(bytes.data(), bytes.size());
}

std::string EventAt(double time, int64_t step) {
  std::string event;
  AppendKey(event, kWallTime, kFixed64);
  AppendFixed(event, std::bit_cast<uint64_t>(time));
  AppendKey(event, kStep, kVarint);
  AppendVarint(event, static_cast<uint64_t>(step));
  return event;
}

// A checksum of bytes that hold their own checksum would be weak: it is
// rotated, and a constant added.
uint32_t MaskedCrc(absl::string_view bytes) {
  return std::rotr(Crc32c(bytes), 15) + 0xa282ead8;
}

std::string Record(absl::string_view event) {
  std::string record;
  AppendFixed(record, uint64_t{event.size()});
  AppendFixed(record, MaskedCrc(record));
  record.append(event.data(), event.size());
  AppendFixed(record, MaskedCrc(event));
  return record;
}

double Now() {
  return std::chrono::duration<double>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

constexpr char kPrefix[] = "events.out.tfevents.";

// The latest of the times in the names of the files in `folder`; 0 if there is
// none.
int64_t LatestTime(const std::string& folder) {
  int64_t latest = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end;
       !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    absl::string_view rest = name;
    int64_t time;
    if (absl::ConsumePrefix(&rest, kPrefix) && rest.find('.') == 10 &&
        absl::SimpleAtoi(rest.substr(0, 10), &time)) {
      latest = std::max(latest, time);
    }
  }
  return latest;
}

std::string HostName() {
  std::array<char, 256> name = {};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

}  // namespace

std::string FileVersionRecord(double time) {
  std::string event = EventAt(time, 0);
  AppendBytes(event, kFileVersion, "brain.Event:2");
  return Record(event);
}

std::string RestartRecord(double time, int64_t step) {
  std::string log;
  AppendKey(log, kStatus, kVarint);
  AppendVarint(log, kStart);
  std::string event = EventAt(time, step);
  AppendBytes(event, kLog, log);
  return Record(event);
}

std::string ScalarsRecord(double time, int64_t step,
                          absl::Span<const Scalar> scalars) {
  std::string summary;
  for (const Scalar& scalar : scalars) {
    std::string value;
    AppendBytes(value, kTag, scalar.tag);
    AppendKey(value, kSimpleValue, kFixed32);
    AppendFixed(value,
                std::bit_cast<uint32_t>(static_cast<float>(scalar.value)));
    AppendBytes(summary, kValue, value);
  }
  std::string event = EventAt(time, step);
  AppendBytes(event, kSummary, summary);
  return Record(event);
}

absl::StatusOr<std::unique_ptr<EventWriter>> EventWriter::Open(
    const std::string& folder) {
  const double now = Now();
  const int64_t time =
      std::max(static_cast<int64_t>(now), LatestTime(folder) + 1);
  for (int count = 0;; ++count) {
    absl::StatusOr<std::unique_ptr<AppendFile>> file =
        AppendFile::Open(absl::StrFormat("%s/%s%010d.%s.%d.%d", folder, kPrefix,
                                         time, HostName(), getpid(), count),
                         AppendFile::Start::kNew);
    if (absl::IsAlreadyExists(file.status())) continue;
    if (!file.ok()) return file.status();
    (*file)->Append(FileVersionRecord(now));
    return std::unique_ptr<EventWriter>(new EventWriter(*std::move(file)));
  }
}

void EventWriter::Restart(int64_t step) {
  file_->Append(RestartRecord(Now(), step));
}

void EventWriter::Add(int64_t step, absl::Span<const Scalar> scalars,
                      double seconds_ago) {
  file_->Append(ScalarsRecord(Now() - seconds_ago, step, scalars));
}

}  // namespace adjoint::io
