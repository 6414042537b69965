#include "framework/train/progress_json.h"

#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "framework/train/json_error.h"
#include "nlohmann/json.hpp"

namespace adjoint::train {
namespace {

using Json = nlohmann::ordered_json;

// The fields, named once for both directions: a Writer puts them into JSON, a
// Reader takes them out.

// What `Of` may be, const or not.
template <class T, class Of>
concept Is = std::same_as<std::remove_const_t<T>, Of>;

template <class F>
void Fields(F& field, Is<NamedValue> auto& x) {
  field("name", x.name);
  field("value", x.value);
}

template <class F>
void Fields(F& field, Is<Metrics::Sums> auto& x) {
  field("examples", x.examples);
  field("classified", x.classified);
  field("correct", x.correct);
  field("loss", x.loss);
  field("parts", x.parts);
}

template <class F>
void Fields(F& field, Is<EpochReport> auto& x) {
  field("epoch", x.epoch);
  field("epochs", x.epochs);
  field("steps", x.steps);
  field("train_seconds", x.train_seconds);
  field("step_seconds", x.step_seconds);
  field("total_seconds", x.total_seconds);
  field("train", x.train);
  field("test", x.test);
  field("best", x.best);
}

template <class F>
void Fields(F& field, Is<Progress> auto& x) {
  field("batch", x.batch);
  field("step", x.step);
  field("rng", x.rng);
  field("train", x.train);
  field("epoch_seconds", x.epoch_seconds);
  field("first_step_seconds", x.first_step_seconds);
  field("total_seconds", x.total_seconds);
  field("rate_factor", x.rate_factor);
  field("rollbacks", x.rollbacks);
  field("mean_norm", x.norms.mean);
  field("norms", x.norms.count);
  field("skipped", x.skipped);
  field("epochs", x.epochs);
  field("undone_best", x.undone_best);
}

class Writer {
 public:
  void operator()(const char* name, int64_t x) { json_[name] = x; }
  void operator()(const char* name, bool x) { json_[name] = x; }
  void operator()(const char* name, const std::string& x) { json_[name] = x; }
  // JSON has no infinity and no NaN.
  void operator()(const char* name, double x) {
    json_[name] = std::isfinite(x) ? Json(x) : Json(absl::StrCat(x));
  }
  void operator()(const char* name, const std::optional<Rng::State>& x) {
    json_[name] = x ? Json{x->key, x->position} : Json(nullptr);
  }
  void operator()(const char* name, const std::optional<EpochReport>& x) {
    if (!x) return;
    Writer writer;
    Fields(writer, *x);
    json_[name] = std::move(writer.json_);
  }
  template <class T>
  void operator()(const char* name, const std::vector<T>& all) {
    Json& list = json_[name] = Json::array();
    for (const T& x : all) {
      Writer writer;
      Fields(writer, x);
      list.push_back(std::move(writer.json_));
    }
  }
  void operator()(const char* name, const Metrics& x) {
    Writer writer;
    Fields(writer, x.sums());
    json_[name] = std::move(writer.json_);
  }

  const Json& json() const { return json_; }

 private:
  Json json_ = Json::object();
};

class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {}

  void operator()(const char* name, int64_t& x) {
    const Json& json = json_.at(name);
    if (!json.is_number_integer()) Fail(name);
    x = json.get<int64_t>();
    if (x < 0) Fail(name);
  }
  void operator()(const char* name, bool& x) { x = json_.at(name).get<bool>(); }
  void operator()(const char* name, std::string& x) {
    x = json_.at(name).get<std::string>();
  }
  void operator()(const char* name, double& x) {
    const Json& json = json_.at(name);
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (json.is_number()) {
      x = json.get<double>();
    } else if (json == "nan" || json == "-nan") {
      x = std::numeric_limits<double>::quiet_NaN();
    } else if (json == "inf" || json == "-inf") {
      x = json == "inf" ? kInfinity : -kInfinity;
    } else {
      Fail(name);
    }
  }
  void operator()(const char* name, std::optional<Rng::State>& x) {
    const Json& json = json_.at(name);
    if (json.is_null()) {
      x.reset();
    } else {
      // A number with a fraction need not fit.
      for (int i : {0, 1}) {
        if (!json.at(i).is_number_unsigned()) Fail(name);
      }
      x = {json.at(0).get<uint64_t>(), json.at(1).get<uint64_t>()};
    }
  }
  void operator()(const char* name, std::optional<EpochReport>& x) {
    x.reset();
    if (!json_.contains(name)) return;
    Reader reader(json_.at(name));
    Fields(reader, x.emplace());
  }
  template <class T>
  void operator()(const char* name, std::vector<T>& all) {
    const Json& list = json_.at(name);
    if (!list.is_array()) Fail(name);
    for (const Json& json : list) {
      Reader reader(json);
      Fields(reader, all.emplace_back());
    }
  }
  void operator()(const char* name, Metrics& x) {
    Reader reader(json_.at(name));
    Metrics::Sums sums;
    Fields(reader, sums);
    x = Metrics(std::move(sums));
  }

 private:
  [[noreturn]] static void Fail(const char* name) {
    throw std::invalid_argument(absl::StrCat(name, " has another type"));
  }

  const Json& json_;
};

}  // namespace

std::string ToJson(const Progress& progress) {
  Writer writer;
  Fields(writer, progress);
  return writer.json().dump();
}

absl::StatusOr<Progress> ProgressFromJson(absl::string_view text) try {
  const Json json = Json::parse(text.begin(), text.end());
  Reader reader(json);
  Progress progress;
  Fields(reader, progress);
  return progress;
} catch (const std::exception& e) {  // JSON's and Fail's.
  return absl::InvalidArgumentError(JsonError(e));
}

}  // namespace adjoint::train
