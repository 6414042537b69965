#include "framework/train/console.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "framework/base/parallel_for.h"
#include "framework/base/peak_memory.h"
#include "framework/kernels/instruction_set.h"
#include "framework/train/best.h"
#include "framework/train/classification.h"
#include "framework/train/sparkline.h"
#include "framework/train/step_line.h"

namespace adjoint::train {
namespace {

std::string Percent(double fraction) {
  return absl::StrFormat("%.2f %%", 100 * fraction);
}

// "bits/char 2.31".
std::string ToString(const Metric& metric, const Metrics& metrics) {
  return absl::StrCat(metric.name, " ",
                      absl::StrFormat("%.4g", metric.value(metrics)),
                      metric.unit.empty() ? "" : " ", metric.unit);
}

// "train loss ▇▅▃▂▁   test acc ▁▄▆▇█", of two epochs or more.
std::string Sparklines(const std::vector<EpochReport>& epochs,
                       const std::vector<Metric>& metrics, bool utf8) {
  if (epochs.size() < 2) return "";
  std::string name = "loss";
  if (!metrics.empty()) {
    name = metrics[0].name;
  } else if (!std::isnan(epochs.back().test.accuracy())) {
    name = "acc";
  }
  std::vector<double> train, test;
  for (const EpochReport& epoch : epochs) {
    train.push_back(epoch.train.loss());
    test.push_back(!metrics.empty() ? metrics[0].value(epoch.test)
                   : name == "acc"  ? epoch.test.accuracy()
                                    : epoch.test.loss());
  }
  return absl::StrCat("train loss ", Sparkline(train, {.utf8 = utf8}),
                      "   test ", name, " ", Sparkline(test, {.utf8 = utf8}),
                      "\n");
}

std::string TestLine(const Metrics& test, const std::vector<Metric>& metrics,
                     bool utf8) {
  std::string line;
  if (!std::isnan(test.accuracy())) {
    const auto [low, high] =
        WilsonInterval(test.sums().correct, test.sums().classified);
    absl::StrAppendFormat(&line, "test accuracy %s %s %.2f   ",
                          Percent(test.accuracy()), utf8 ? "±" : "+-",
                          100 * (high - low) / 2);
  }
  for (const Metric& metric : metrics) {
    absl::StrAppend(&line, "test ", ToString(metric, test), "   ");
  }
  return absl::StrCat(line, absl::StrFormat("test loss %.4g\n", test.loss()));
}

// "best test loss 0.00996 in epoch 29", by what the best is judged by, in a
// line; "" where the last epoch is as good.
std::string BestLine(const TrainResult& result,
                     const std::vector<Metric>& metrics) {
  const EpochReport* best = BestOf(result.epochs, result.undone_best);
  if (best == nullptr ||
      (!result.epochs.empty() &&
       !IsBetter(metrics, best->test, result.epochs.back().test))) {
    return "";
  }
  const Metrics& test = best->test;
  const std::string value =
      !metrics.empty() ? ToString(metrics[0], test)
      : std::isnan(test.accuracy())
          ? absl::StrFormat("loss %.4g", test.loss())
          : absl::StrCat("accuracy ", Percent(test.accuracy()));
  return absl::StrCat("best test ", value, " in epoch ", best->epoch,
                      result.undone_best ? ", before a roll-back" : "", "\n");
}

// "stopped after step 311", in a line; "" where the end speaks for itself.
std::string EarlyEnd(const TrainResult& result) {
  const std::string& reason = result.exit_reason;
  if (reason == "early_stopping") {
    return absl::StrCat("ended after epoch ", result.epochs.size(),
                        ": the last ones were no better\n");
  }
  if (reason == "time") {
    return absl::StrCat("time is up after step ", WithCommas(result.steps),
                        "\n");
  }
  return reason == "stopped" ? absl::StrCat("stopped after step ",
                                            WithCommas(result.steps), "\n")
                             : "";
}

}  // namespace

std::string HeaderLine(const std::string& model, uint64_t seed,
                       const std::string& run_dir, const std::string& commit) {
  return absl::StrCat("adjoint 0.1  ", model, "  seed ", seed, "  cpu ",
                      kernels::InstructionSet(), ", ", NumThreads(),
                      NumThreads() == 1 ? " thread" : " threads",
                      commit.empty() ? "" : "  commit ", commit, "  run ",
                      EscapeControls(run_dir), "\n");
}

std::string DataLine(const Task& task, const std::string& check) {
  const data::Batch example = task.train_data().Gather({0});
  const auto shape = [](const Tensor& x) {
    return absl::StrCat(x.shape().Without(0).ToString(),
                        x.dtype() == DType::kI32 ? " i32" : "");
  };
  return absl::StrCat("data   ", WithCommas(task.train_data().size()),
                      " train / ", WithCommas(task.test_data().size()),
                      " test, x ", shape(example.x), ", y ", shape(example.y),
                      check.empty() ? "" : ", ", check, "\n");
}

std::string ResumedText(const Progress& progress, int64_t epochs) {
  const bool over = static_cast<int64_t>(progress.epochs.size()) >= epochs;
  return absl::StrCat("resumed after step ", WithCommas(progress.step),
                      over ? ", which was the last" : "");
}

std::vector<Field> EpochFields(const EpochReport& r,
                               const std::vector<Metric>& metrics) {
  const int width = static_cast<int>(absl::StrCat(r.epochs).size());
  std::vector<Field> fields = {
      {absl::StrFormat("epoch %*d/%d", width, r.epoch, r.epochs), 0},
      {absl::StrFormat("%.2f s", r.train_seconds), 4},
      {absl::StrFormat("%.3f ms/step", 1000 * r.step_seconds), 6, Style::kDim},
      {Rate(static_cast<double>(r.train.examples()) / r.train_seconds), 7,
       Style::kDim},
      {absl::StrFormat("loss %.4g", r.train.loss()), 1},
      {absl::StrFormat("test %.4g", r.test.loss()), 3}};
  if (!std::isnan(r.test.accuracy())) {
    fields.push_back({absl::StrCat("acc ", Percent(r.train.accuracy())), 5});
    fields.push_back(
        {absl::StrCat("test ", Percent(r.test.accuracy())), 1, Style::kBold});
  }
  // An objective may have parts in training alone.
  for (const auto& [name, value] :
       r.test.parts().empty() ? r.train.parts() : r.test.parts()) {
    fields.push_back({absl::StrFormat("%s %.4g", name, value), 5});
  }
  for (const Metric& metric : metrics) {
    fields.push_back({ToString(metric, r.test), 2, Style::kBold});
  }
  if (r.best) fields.push_back({"*best", 1, Style::kGreen});
  return fields;
}

std::string EpochLine(const EpochReport& report,
                      const std::vector<Metric>& metrics) {
  return JoinFields(EpochFields(report, metrics)) + "\n";
}

std::string SummaryLines(const TrainResult& result, const RunFacts& facts,
                         const std::string& run_dir, const RunEnding& ending) {
  std::string text =
      EarlyEnd(result) + Sparklines(result.epochs, facts.metrics, ending.utf8);
  if (!result.epochs.empty()) {
    absl::StrAppend(
        &text, TestLine(result.epochs.back().test, facts.metrics, ending.utf8));
  }
  absl::StrAppend(&text, BestLine(result, facts.metrics));
  absl::StrAppendFormat(
      &text, "wall %.2f s   peak memory %.0f MiB   summary %s\n",
      facts.wall_seconds, static_cast<double>(PeakMemoryBytes()) / (1 << 20),
      EscapeControls(absl::StrCat(run_dir, "/summary.json")));
  if (!ending.confusions.empty()) {
    absl::StrAppend(&text, "worst confusions");
    for (const NamedConfusion& c : ending.confusions) {
      absl::StrAppend(&text, "  ", EscapeControls(c.truth),
                      ending.utf8 ? "→" : "->", EscapeControls(c.predicted),
                      " (", c.count, ")");
    }
    absl::StrAppend(&text, "\n");
  }
  if (!ending.report.empty()) {
    absl::StrAppend(&text, "report ", EscapeControls(ending.report), "\n");
  }
  if (!ending.resume.empty()) {
    absl::StrAppend(&text, "resume: ", EscapeControls(ending.resume), "\n");
  }
  return text;
}

}  // namespace adjoint::train
