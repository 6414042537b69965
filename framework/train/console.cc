#include "framework/train/console.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "framework/base/parallel_for.h"
#include "framework/core/observer.h"
#include "framework/kernels/instruction_set.h"

namespace adjoint::train {
namespace {

// Remembers the shape of the last output inside each module.
class OutputShapes final : public Observer {
 public:
  void OnOp(const OpEvent& event) override {
    by_module[Scope::Subject()] = event.output.shape();
  }

  std::map<const void*, Shape> by_module;
};

// [128,64] as "[N,64]".
std::string BatchShape(const Shape& shape) {
  if (shape.rank() == 0) return "[]";
  std::vector<std::string> extents = {"N"};
  for (int64_t extent : shape.dims().subspan(1)) {
    extents.push_back(absl::StrCat(extent));
  }
  return absl::StrCat("[", absl::StrJoin(extents, ","), "]");
}

// Pads each column to its widest cell; the first two align left.
std::string Columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> width(rows[0].size());
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      width[i] = std::max(width[i], row[i].size());
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string gap(width[i] - row[i].size(), ' ');
      absl::StrAppend(&line, i == 0 ? " " : "  ", i < 2 ? "" : gap, row[i],
                      i < 2 ? gap : "");
    }
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

bool HasChildren(const std::vector<nn::NamedModule>& modules,
                 const nn::NamedModule& m) {
  const std::string prefix = m.name.empty() ? "" : absl::StrCat(m.name, ".");
  return std::any_of(
      modules.begin(), modules.end(), [&](const nn::NamedModule& other) {
        return other.module != m.module && other.name.rfind(prefix, 0) == 0;
      });
}

// "153k" or "980".
std::string Rate(double per_second) {
  return per_second >= 10000 ? absl::StrFormat("%.0fk", per_second / 1000)
                             : absl::StrFormat("%.0f", per_second);
}

std::string Percent(double fraction) {
  return absl::StrFormat("%.2f %%", 100 * fraction);
}

// "bits/char 2.31".
std::string ToString(const Metric& metric, const Metrics& metrics) {
  return absl::StrCat(metric.name, " ",
                      absl::StrFormat("%.4g", metric.value(metrics)),
                      metric.unit.empty() ? "" : " ", metric.unit);
}

double PeakMebibytes() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;  // Linux counts in KiB.
}

}  // namespace

std::string WithCommas(int64_t n) {
  std::string digits = absl::StrCat(n);
  for (int i = static_cast<int>(digits.size()) - 3; i > (n < 0 ? 1 : 0);
       i -= 3) {
    digits.insert(i, ",");
  }
  return digits;
}

std::string HeaderLine(const std::string& model, uint64_t seed,
                       const std::string& run_dir) {
  return absl::StrCat("adjoint 0.1  ", model, "  seed ", seed, "  cpu ",
                      kernels::InstructionSet(), ", ", NumThreads(),
                      NumThreads() == 1 ? " thread" : " threads", "  run ",
                      run_dir, "\n");
}

std::string DataLine(const Task& task) {
  const data::Batch example = task.train_data().Gather({0});
  const auto shape = [](const Tensor& x) {
    return absl::StrCat(x.shape().Without(0).ToString(),
                        x.dtype() == DType::kI32 ? " i32" : "");
  };
  return absl::StrCat("data   ", WithCommas(task.train_data().size()),
                      " train / ", WithCommas(task.test_data().size()),
                      " test, x ", shape(example.x), ", y ", shape(example.y),
                      "\n");
}

std::string LayerTable(const nn::Module& model, const Objective& objective,
                       const data::Batch& batch) {
  OutputShapes shapes;
  {
    NoGrad no_grad;
    Rng rng(0);
    ObserverScope observe(&shapes);
    objective(batch, {.training = false, .rng = &rng});
  }
  std::vector<std::vector<std::string>> rows = {
      {"layer", "output", "parameters"}};
  const std::vector<nn::NamedModule> modules = nn::Modules(model);
  Shape shape = batch.x.shape();
  for (const nn::NamedModule& m : modules) {
    if (HasChildren(modules, m)) continue;
    // A layer without an op, such as dropout in evaluation, passes x on.
    const auto found = shapes.by_module.find(m.module);
    if (found != shapes.by_module.end()) shape = found->second;
    const int64_t count = nn::CountParameters(*m.module);
    rows.push_back(
        {absl::StrCat(m.name, m.name.empty() ? "" : " ", m.module->Kind()),
         BatchShape(shape), count == 0 ? "" : WithCommas(count)});
  }
  int64_t bytes = 0;
  for (const nn::NamedParameter& p : nn::Parameters(model)) {
    bytes += p.parameter.value().size() * SizeOf(p.parameter.value().dtype());
  }
  rows.push_back({"total", "", WithCommas(nn::CountParameters(model))});
  std::string table = Columns(rows);
  table.pop_back();
  return absl::StrCat(table,
                      absl::StrFormat("  (%.2f MiB)\n",
                                      static_cast<double>(bytes) / (1 << 20)));
}

std::string EpochLine(const EpochReport& r,
                      const std::vector<Metric>& metrics) {
  const int width = static_cast<int>(absl::StrCat(r.epochs).size());
  std::string line = absl::StrFormat(
      "epoch %*d/%d  %.2f s  %.3f ms/step  %s/s  loss %.4g  test %.4g", width,
      r.epoch, r.epochs, r.train_seconds, 1000 * r.step_seconds,
      Rate(static_cast<double>(r.train.examples()) / r.train_seconds),
      r.train.loss(), r.test.loss());
  if (!std::isnan(r.test.accuracy())) {
    absl::StrAppend(&line, "  acc ", Percent(r.train.accuracy()), "  test ",
                    Percent(r.test.accuracy()));
  }
  // An objective may have parts in training alone.
  for (const auto& [name, value] :
       r.test.parts().empty() ? r.train.parts() : r.test.parts()) {
    absl::StrAppendFormat(&line, "  %s %.4g", name, value);
  }
  for (const Metric& metric : metrics) {
    absl::StrAppend(&line, "  ", ToString(metric, r.test));
  }
  absl::StrAppend(&line, r.best ? "  *best\n" : "\n");
  return line;
}

std::string SummaryLines(const TrainResult& result, const RunFacts& facts,
                         const std::string& run_dir) {
  std::string text;
  if (!result.epochs.empty()) {
    const Metrics& test = result.epochs.back().test;
    const double p = test.accuracy();
    if (!std::isnan(p)) {
      // The normal approximation to the binomial, 1.96 standard errors.
      const double interval =
          1.96 * std::sqrt(p * (1 - p) / static_cast<double>(test.examples()));
      absl::StrAppendFormat(&text, "test accuracy %s +- %.2f   ", Percent(p),
                            100 * interval);
    }
    for (const Metric& metric : facts.metrics) {
      absl::StrAppend(&text, "test ", ToString(metric, test), "   ");
    }
    absl::StrAppendFormat(&text, "test loss %.4g\n", test.loss());
  }
  absl::StrAppendFormat(&text,
                        "wall %.2f s   peak memory %.0f MiB   summary %s\n",
                        facts.wall_seconds, PeakMebibytes(),
                        absl::StrCat(run_dir, "/summary.json"));
  return text;
}

}  // namespace adjoint::train
