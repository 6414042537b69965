// metrics.jsonl, which a resumed run reads.
#include "framework/train/metric_row.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/target.h"

namespace adjoint::fuzz {
namespace {

std::string Encode(const std::vector<train::MetricRow>& rows) {
  std::string file;
  for (const train::MetricRow& row : rows) file += train::JsonLine(row);
  return file;
}

}  // namespace

bool Fuzz(absl::string_view bytes) {
  const std::string path = WriteTemporary("metrics.jsonl", bytes);
  const auto size = static_cast<int64_t>(bytes.size());
  const auto rows = Within(1000 * size + (256 << 10),
                           [&] { return train::ReadMetricRows(path); });
  if (!rows.ok()) {
    RequirePlace(rows.status(), path);
    return false;
  }
  const std::string file = Encode(*rows);
  const auto again =
      train::ReadMetricRows(WriteTemporary("metrics.jsonl", file));
  Require(again.ok() && Encode(*again) == file,
          "what was read can be written and read again");
  return true;
}

std::vector<std::string> Seeds() {
  return {R"({"step":10,"epoch":1,"seconds":0.1,"split":"train","loss":0.5})"
          "\n"
          R"({"step":20,"epoch":1,"seconds":0.2,"split":"train","loss":null})"
          "\n",
          R"({"step":469,"epoch":1,"seconds":1e1,"split":"test","a \u00e9":-1})"
          "\n"
          R"({"step":)",
          ""};
}

}  // namespace adjoint::fuzz
