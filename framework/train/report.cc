#include "framework/train/report.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/base/file.h"
#include "framework/train/curves.h"
#include "framework/train/json_number.h"
#include "framework/train/page.h"
#include "nlohmann/json.hpp"

namespace adjoint::train {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kMaxMatrix = 100;  // Classes of which all pairs are sent.
constexpr int64_t kMaxConfusions = 50;

std::string DataUrl(const std::string& file) {
  const bool is_png = absl::StartsWith(file, "\x89PNG");
  return absl::StrCat("data:image/", is_png ? "png" : "svg+xml", ";base64,",
                      absl::Base64Escape(file));
}

Json PicturesJson(const std::vector<ReportPicture>& pictures) {
  Json json = Json::array();
  for (const ReportPicture& picture : pictures) {
    json.push_back(
        {{"caption", picture.caption}, {"picture", DataUrl(picture.file)}});
  }
  return json;
}

Json ScoresJson(const ClassScores& scores) {
  return {{"examples", scores.examples},
          {"predicted", scores.predicted},
          {"precision", scores.precision},
          {"recall", scores.recall},
          {"f1", scores.f1}};
}

Json ConfusionJson(const ConfusionMatrix& matrix) {
  Json json = {{"classes", matrix.classes},
               {"macro", ScoresJson(MacroAverage(matrix))},
               {"micro", ScoresJson(MicroAverage(matrix))}};
  for (const ClassScores& scores : ScoresByClass(matrix)) {
    json["scores"].push_back(ScoresJson(scores));
  }
  json["worst"] = Json::array();
  for (const Confusion& pair : WorstConfusions(matrix, kMaxConfusions)) {
    json["worst"].push_back({pair.truth, pair.predicted, pair.count});
  }
  if (matrix.classes <= kMaxMatrix) json["counts"] = matrix.counts;
  return json;
}

Json MistakesJson(const Report& report) {
  Json json = Json::array();
  for (const Mistake& mistake : report.evaluation->mistakes()) {
    Json guesses = Json::array();
    for (const Mistake::Guess& guess : mistake.guesses) {
      guesses.push_back({guess.label, guess.probability});
    }
    const size_t i = json.size();
    json.push_back({{"example", mistake.example},
                    {"truth", mistake.truth},
                    {"truth_probability", mistake.truth_probability},
                    {"guesses", std::move(guesses)}});
    if (i < report.mistakes.size()) {
      json[i]["picture"] = DataUrl(report.mistakes[i]);
    }
  }
  return json;
}

Json ClassificationJson(const Report& report) {
  const Evaluation& evaluation = *report.evaluation;
  const Interval interval =
      WilsonInterval(evaluation.right(), evaluation.classified());
  Json bins = Json::array();
  for (const CalibrationBin& bin : evaluation.calibration()) {
    bins.push_back({bin.count, bin.right, bin.confidence_sum});
  }
  Json json = {
      {"examples", evaluation.classified()},
      {"right", evaluation.right()},
      {"right_in_five", evaluation.right_in_five()},
      {"interval", {interval.low, interval.high}},
      {"perplexity", JsonNumber(Perplexity(evaluation.loss()))},
      {"calibration", std::move(bins)},
      {"calibration_error", JsonNumber(evaluation.calibration_error())},
      {"mistakes", MistakesJson(report)}};
  if (evaluation.confusion().classes > 0) {
    json["confusion"] = ConfusionJson(evaluation.confusion());
  }
  return json;
}

Json RegressionJson(const Evaluation& evaluation) {
  Json pairs = Json::array();
  for (const Pair& pair : evaluation.pairs()) {
    pairs.push_back({JsonNumber(pair.truth), JsonNumber(pair.predicted)});
  }
  return {{"examples", evaluation.predicted()},
          {"mean_squared_error", JsonNumber(evaluation.mean_squared_error())},
          {"mean_absolute_error", JsonNumber(evaluation.mean_absolute_error())},
          {"r_squared", JsonNumber(evaluation.r_squared())},
          {"pairs", std::move(pairs)}};
}

}  // namespace

std::string RenderReport(const Report& report) {
  Json json = {{"class_names", report.class_names},
               {"units", report.units},
               {"pictures", PicturesJson(report.pictures)},
               {"weights", PicturesJson(report.weights)},
               {"texts", Json::array()},
               {"time_by_op", Json::array()}};
  if (report.evaluation && report.evaluation->classified() > 0) {
    json["classification"] = ClassificationJson(report);
  }
  if (report.evaluation && report.evaluation->predicted() > 0) {
    json["regression"] = RegressionJson(*report.evaluation);
  }
  for (const ReportText& text : report.texts) {
    json["texts"].push_back({{"caption", text.caption}, {"text", text.text}});
  }
  for (const OpTime& op : report.time_by_op) {
    json["time_by_op"].push_back({{"op", op.op},
                                  {"seconds", JsonNumber(op.seconds)},
                                  {"calls", op.calls},
                                  {"share", JsonNumber(op.share)}});
  }
  const std::string shown =
      json.dump(-1, ' ', true, Json::error_handler_t::replace);
  return FillPage(
      report.title,
      absl::StrCat("{\"kind\":\"report\",\"title\":", JsonString(report.title),
                   ",\"running\":", report.running ? "true" : "false",
                   ",\"config\":", CleanJson(report.config),
                   ",\"summary\":", CleanJson(report.summary), ",\"curves\":",
                   CurvesJson(Curves(report.rows)), ",\"shown\":", shown, "}"));
}

absl::Status WriteReport(const std::string& run_dir, const Report& report) {
  // Going on with the run would write it again.
  return WriteFileAtomically(run_dir + "/report.html", RenderReport(report),
                             {.durable = false});
}

}  // namespace adjoint::train
