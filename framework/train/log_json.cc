#include "framework/train/log_json.h"

#include "framework/base/parallel_for.h"
#include "framework/base/peak_memory.h"
#include "framework/kernels/instruction_set.h"
#include "framework/train/best.h"
#include "framework/train/json_number.h"
#include "nlohmann/json.hpp"

namespace adjoint::train {
namespace {

using Json = nlohmann::ordered_json;

Json Values(const std::vector<Metric>& metrics, const Metrics& of) {
  Json values = Json::object();
  for (const Metric& metric : metrics) {
    values[metric.name] = JsonNumber(metric.value(of));
  }
  return values;
}

// Names from files need not be UTF-8; they must not end the run.
std::string Line(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string StartJson(const RunHeader& header) {
  return Line({{"event", "start"},
               {"model", header.model},
               {"seed", header.seed},
               {"commit", header.commit},
               {"instruction_set", kernels::InstructionSet()},
               {"threads", NumThreads()},
               {"run_dir", header.run_dir}});
}

std::string EpochJson(const EpochReport& r,
                      const std::vector<Metric>& metrics) {
  return Line({{"event", "epoch"},
               {"epoch", r.epoch},
               {"epochs", r.epochs},
               {"steps", r.steps},
               {"train_seconds", JsonNumber(r.train_seconds)},
               {"step_seconds", JsonNumber(r.step_seconds)},
               {"total_seconds", JsonNumber(r.total_seconds)},
               {"train_loss", JsonNumber(r.train.loss())},
               {"train_accuracy", JsonNumber(r.train.accuracy())},
               {"test_loss", JsonNumber(r.test.loss())},
               {"test_accuracy", JsonNumber(r.test.accuracy())},
               {"test_metrics", Values(metrics, r.test)},
               {"best", r.best}});
}

std::string EndJson(const TrainResult& result, const RunFacts& facts,
                    const std::string& run_dir, const RunEnding& ending) {
  const Metrics test =
      result.epochs.empty() ? Metrics() : result.epochs.back().test;
  const EpochReport* best = BestOf(result.epochs, result.undone_best);
  const Metrics best_test = best == nullptr ? Metrics() : best->test;
  Json confusions = Json::array();
  for (const NamedConfusion& c : ending.confusions) {
    confusions.push_back(
        {{"truth", c.truth}, {"predicted", c.predicted}, {"count", c.count}});
  }
  return Line(
      {{"event", "end"},
       {"model", facts.model},
       {"exit_reason", result.exit_reason},
       {"message", result.message},
       {"epochs", result.epochs.size()},
       {"steps", result.steps},
       {"test_loss", JsonNumber(test.loss())},
       {"test_accuracy", JsonNumber(test.accuracy())},
       {"test_metrics",
        result.epochs.empty() ? Json::object() : Values(facts.metrics, test)},
       {"best_epoch", best == nullptr ? Json(nullptr) : Json(best->epoch)},
       {"best_undone", result.undone_best.has_value()},
       {"best_test_loss", JsonNumber(best_test.loss())},
       {"best_test_accuracy", JsonNumber(best_test.accuracy())},
       {"best_test_metrics",
        best == nullptr ? Json::object() : Values(facts.metrics, best_test)},
       {"wall_seconds", JsonNumber(facts.wall_seconds)},
       {"peak_memory_bytes", PeakMemoryBytes()},
       {"worst_confusions", confusions},
       {"run_dir", run_dir},
       {"report", ending.report},
       {"resume", ending.resume}});
}

}  // namespace adjoint::train
