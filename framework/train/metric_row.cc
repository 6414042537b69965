#include "framework/train/metric_row.h"

#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "framework/base/file.h"
#include "framework/train/json_number.h"
#include "nlohmann/json.hpp"

namespace adjoint::train {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kMaxFileBytes = int64_t{1} << 30;

// A field as RFC 4180 quotes it.
std::string CsvText(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string CsvNumber(double x) {
  return std::isfinite(x) ? JsonNumber(x).dump() : "";
}

// Sets `to`, unless `json` is not an integer in [0, 2^53).
bool GetCount(const Json& json, int64_t& to) {
  if (!json.is_number_integer()) return false;
  to = json.get<int64_t>();
  return to >= 0 && to < int64_t{1} << 53;
}

bool GetNumber(const Json& json, double& to) {
  to = std::numeric_limits<double>::quiet_NaN();
  if (json.is_number()) to = json.get<double>();
  return json.is_number() || json.is_null();
}

bool GetText(const Json& json, std::string& to) {
  if (!json.is_string()) return false;
  to = json.get<std::string>();
  return true;
}

// What is wrong with `json` as a row; "" if nothing, and `row` is set.
std::string Problem(const Json& json, MetricRow& row) {
  if (json.is_discarded()) return "not JSON";
  if (!json.is_object()) return "not an object";
  for (const char* field : {"step", "epoch", "seconds", "split"}) {
    if (!json.contains(field)) return absl::StrCat(field, ": missing");
  }
  for (const auto& [name, field] : json.items()) {
    if (name == "step" || name == "epoch") {
      if (!GetCount(field, name == "step" ? row.step : row.epoch)) {
        return absl::StrCat(name, ": must be an integer in [0, 2^53)");
      }
    } else if (name == "split") {
      if (!GetText(field, row.split)) return "split: must be a string";
    } else {
      double value;
      if (!GetNumber(field, value)) {
        return absl::StrCat(absl::CHexEscape(name.substr(0, 64)),
                            ": must be a number or null");
      }
      if (name == "seconds") {
        row.seconds = value;
      } else {
        row.values.push_back({name, value});
      }
    }
  }
  return "";
}

}  // namespace

std::string JsonLine(const MetricRow& row) {
  Json json;
  json["step"] = row.step;
  json["epoch"] = row.epoch;
  json["seconds"] = JsonNumber(row.seconds);
  json["split"] = row.split;
  for (const auto& [name, value] : row.values) json[name] = JsonNumber(value);
  // A name that is not UTF-8 must not throw.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string CsvHeader(absl::Span<const std::string> names) {
  std::string line = "step,epoch,seconds,split";
  for (const std::string& name : names) {
    absl::StrAppend(&line, ",", CsvText(name));
  }
  return line + "\n";
}

std::string CsvLine(const MetricRow& row, absl::Span<const std::string> names) {
  std::string line =
      absl::StrCat(row.step, ",", row.epoch, ",", CsvNumber(row.seconds), ",",
                   CsvText(row.split));
  for (const std::string& name : names) {
    line += ',';
    for (const NamedValue& v : row.values) {
      if (v.name == name) line += CsvNumber(v.value);
    }
  }
  return line + "\n";
}

absl::StatusOr<std::vector<MetricRow>> ReadMetricRows(
    const std::string& path, std::string* passed_over) {
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxFileBytes);
  if (!text.ok()) return text.status();
  std::vector<MetricRow> rows;
  std::string first;  // What is wrong with the first line that is not a row,
  int64_t wrong = 0;  // and how many are not.
  int64_t line = 0;
  absl::string_view rest = *text;
  for (size_t end; (end = rest.find('\n')) != rest.npos;
       rest.remove_prefix(end + 1)) {
    ++line;
    MetricRow row;
    const std::string problem = Problem(
        Json::parse(rest.data(), rest.data() + end, nullptr, false), row);
    if (problem.empty()) {
      rows.push_back(std::move(row));
    } else if (++wrong == 1) {
      first = absl::StrCat(path, ": line ", line, ": ", problem);
      if (passed_over == nullptr) return absl::InvalidArgumentError(first);
    }
  }
  if (wrong > 0) {
    *passed_over = absl::StrCat(
        first, "; ", wrong == 1 ? "it is" : absl::StrCat(wrong, " lines are"),
        " left out");
  }
  return rows;
}

}  // namespace adjoint::train
