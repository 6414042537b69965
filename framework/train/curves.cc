#include "framework/train/curves.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "framework/train/page.h"

namespace adjoint::train {
namespace {

// The least and the greatest of each of max_points / 2 stretches, in their
// order.
std::vector<Curve::Point> Thin(const std::vector<Curve::Point>& points,
                               int64_t max_points) {
  const auto n = static_cast<int64_t>(points.size());
  if (n <= max_points) return points;
  const int64_t stretches = std::max<int64_t>(1, max_points / 2);
  const auto less = [](const Curve::Point& a, const Curve::Point& b) {
    return a.value < b.value;
  };
  std::vector<Curve::Point> kept;
  for (int64_t s = 0; s < stretches; ++s) {
    auto [first, second] =
        std::minmax_element(points.begin() + n * s / stretches,
                            points.begin() + n * (s + 1) / stretches, less);
    if (second < first) std::swap(first, second);
    kept.push_back(*first);
    if (second != first) kept.push_back(*second);
  }
  return kept;
}

template <class Member>
void AppendArray(std::string& json, absl::string_view name, const Curve& curve,
                 Member member) {
  absl::StrAppend(&json, ",\"", name, "\":[");
  const char* comma = "";
  for (const Curve::Point& point : curve.points) {
    absl::StrAppend(&json, comma, point.*member);
    comma = ",";
  }
  json += "]";
}

}  // namespace

std::vector<Curve> Curves(absl::Span<const MetricRow> rows,
                          int64_t max_points) {
  std::vector<Curve> curves;
  for (const MetricRow& row : rows) {
    for (const NamedValue& value : row.values) {
      if (!std::isfinite(value.value)) continue;
      auto curve =
          std::find_if(curves.begin(), curves.end(), [&](const Curve& other) {
            return other.name == value.name && other.split == row.split;
          });
      if (curve == curves.end()) {
        curve = curves.insert(curve, {row.split, value.name, {}});
      }
      curve->points.push_back({row.step, row.epoch, value.value});
    }
  }
  for (Curve& curve : curves) curve.points = Thin(curve.points, max_points);
  return curves;
}

std::string CurvesJson(absl::Span<const Curve> curves) {
  std::string json = "[";
  for (const Curve& curve : curves) {
    absl::StrAppend(&json, json.size() > 1 ? "," : "",
                    "{\"split\":", JsonString(curve.split),
                    ",\"name\":", JsonString(curve.name));
    AppendArray(json, "step", curve, &Curve::Point::step);
    AppendArray(json, "epoch", curve, &Curve::Point::epoch);
    AppendArray(json, "value", curve, &Curve::Point::value);
    json += "}";
  }
  return json + "]";
}

}  // namespace adjoint::train
