#include "framework/train/terminal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "framework/adjoint.h"
#include "framework/train/log_json.h"
#include "nlohmann/json.hpp"

namespace adjoint::train {
namespace {

// A file that lives as long as the test.
class Sink {
 public:
  Sink() : file_(std::tmpfile()) {}
  ~Sink() { std::fclose(file_); }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  FILE* file() const { return file_; }
  std::string text() const {
    std::rewind(file_);
    std::string text;
    for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) {
      text += static_cast<char>(c);
    }
    return text;
  }

 private:
  FILE* file_;
};

// n examples of two classes of which the first `correct` are right.
Metrics MetricsOf(int64_t n, int64_t correct, double loss) {
  std::vector<int32_t> labels(n, 1);
  std::fill_n(labels.begin(), correct, 0);
  Metrics metrics;
  metrics.Add({Full({}, loss, DType::kF64), Zeros({n, 2}),
               FromSpan<int32_t>({n}, labels)});
  return metrics;
}

struct Point {
  int64_t batch;
  double seconds;
};

// The second of ten epochs, 100 batches of 128, after a batch.
StepReport At(const Point& point, const Progress& progress) {
  return {.epoch = 2,
          .epochs = 10,
          .batch = point.batch,
          .batches = 100,
          .step = 100 + point.batch,
          .examples = 128,
          .loss = 0.5,
          .total_seconds = point.seconds,
          .progress = progress};
}

EpochReport EpochOf(int64_t epoch, int64_t epochs) {
  return {.epoch = epoch,
          .epochs = epochs,
          .steps = 100,
          .train_seconds = 0.4,
          .step_seconds = 0.0008,
          .total_seconds = 0.1 * static_cast<double>(epoch),
          .train = MetricsOf(60000, 54720, 0.2961),
          .test = MetricsOf(10000, 9610, 0.1312),
          .best = true};
}

// What is drawn after batch 43, a batch each 1/64 s. Each seventh is drawn.
std::string LiveLine(Display display) {
  const Sink sink;
  const Progress progress;
  Terminal terminal({.display = display, .progress = sink.file()});
  terminal.Step(At({1, 1.0}, progress));
  for (int64_t b = 2; b <= 43; ++b) {
    terminal.Step(At({b, 1 + static_cast<double>(b - 1) / 64}, progress));
  }
  const std::string text = sink.text();
  return text.substr(text.rfind("\r\033[K") + 4);
}

TEST(Terminal, DrawsTheLiveLine) {
  // 42 steps in 42/64 s; 57 to go.
  EXPECT_EQ(
      LiveLine({.live = true, .utf8 = true, .columns = [] { return 100; }}),
      "epoch  2/10  ━━━━━━━━╸───────────  43/100  ETA 0.9s  loss 0.5  "
      "15.6 ms/step  8192/s");
}

TEST(Terminal, LeavesOutWhatTheLineHasNoRoomFor) {
  const auto line = [](int columns) {
    return LiveLine({.live = true, .columns = [=] { return columns; }});
  };
  EXPECT_EQ(line(80),
            "epoch  2/10  ========>-----------  43/100  ETA 0.9s  loss 0.5  "
            "8192/s");
  EXPECT_EQ(line(50), "epoch  2/10  ===>----  43/100  ETA 0.9s  loss 0.5");
  EXPECT_EQ(line(40), "epoch  2/10  43/100  ETA 0.9s  loss 0.5");
}

TEST(Terminal, ColorsOnlyWhatReadsWithoutThem) {
  const Display plain = {.live = true, .columns = [] { return 100; }};
  Display colored = plain;
  colored.color = true;
  EXPECT_FALSE(absl::StrContains(LiveLine(plain), "\033"));
  std::string line = LiveLine(colored);
  EXPECT_TRUE(absl::StrContains(line, "\033[1mloss 0.5\033[0m"));
  for (const char* code : {"\033[1m", "\033[2m", "\033[0m"}) {
    for (size_t at; (at = line.find(code)) != std::string::npos;) {
      line.erase(at, 4);
    }
  }
  EXPECT_EQ(LiveLine(plain).substr(0, 20), line.substr(0, 20));
}

TEST(Terminal, DrawsAtMostTenTimesASecond) {
  const Sink sink;
  const Progress progress;
  Terminal terminal({.display = {.live = true}, .progress = sink.file()});
  for (int64_t b = 1; b <= 99; ++b) {
    terminal.Step(At({b, 5 + static_cast<double>(b) / 128}, progress));
  }
  const std::string text = sink.text();
  // At 1/128 s, then each 13/128 s: the batches 1, 14, ... 92.
  EXPECT_EQ(std::count(text.begin(), text.end(), '\r'), 8);
}

TEST(Terminal, PutsLinesInPlaceOfTheLiveOne) {
  const Sink sink;
  const Progress progress;
  {
    Terminal terminal({.display = {.live = true, .columns = [] { return 40; }},
                       .progress = sink.file()});
    terminal.Step(At({1, 1}, progress));
    terminal.Warning("a\033[2J\nb");
    terminal.Message("c");
    terminal.Step(At({2, 1}, progress));
  }
  EXPECT_EQ(sink.text(),
            "\r\033[Kepoch  2/10  >-----  1/100  loss 0.5"
            "\r\033[Kwarning: a\\x1b[2J\nb\nc\n"
            "\r\033[Kepoch  2/10  >-----  2/100  loss 0.5\r\033[K");
}

TEST(Terminal, LeavesALineAnEpoch) {
  const Sink sink;
  const Progress progress;
  Terminal terminal({.display = {.live = true, .columns = [] { return 80; }},
                     .progress = sink.file()});
  terminal.Step(At({100, 1}, progress));
  terminal.Epoch(EpochOf(1, 10));
  EXPECT_TRUE(absl::EndsWith(
      sink.text(),
      "\r\033[Kepoch  1/10  0.40 s  loss 0.2961  test 0.1312  acc 91.20 %  "
      "test 96.10 %  *best\n"))
      << sink.text();
}

TEST(Terminal, WritesPlainLinesIntoAPipe) {
  const Sink sink;
  const Progress progress;
  {
    Terminal terminal({.progress = sink.file()});
    terminal.Step(At({1, 1}, progress));
    terminal.Epoch(EpochOf(1, 10));
  }
  EXPECT_EQ(sink.text(),
            "epoch  1/10  0.40 s  0.800 ms/step  150k/s  loss 0.2961  "
            "test 0.1312  acc 91.20 %  test 96.10 %  *best\n");
}

TEST(Terminal, WritesALineInHalfASecondOfManyShortEpochs) {
  const Sink sink;
  Terminal terminal({.progress = sink.file()});
  for (int64_t e = 1; e <= 21; ++e) terminal.Epoch(EpochOf(e, 21));
  const std::string text = sink.text();
  // At 0.1, 0.6, 1.1, 1.6 and 2.1 s, the last.
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
  EXPECT_TRUE(absl::StrContains(text, "epoch 21/21"));
}

TEST(Terminal, IsQuietButForWarningsAndResults) {
  const Sink progress_sink, results;
  const Progress progress;
  Terminal terminal({.quiet = true,
                     .display = {.live = true},
                     .progress = progress_sink.file(),
                     .results = results.file()});
  terminal.Header({.model = "m", .run_dir = "r"});
  terminal.Step(At({1, 1}, progress));
  terminal.Epoch(EpochOf(1, 10));
  terminal.Message("m");
  terminal.Warning("w");
  terminal.Summary({}, {.wall_seconds = 1.5}, "r", {});
  EXPECT_EQ(progress_sink.text(), "warning: w\n");
  EXPECT_TRUE(absl::StartsWith(results.text(), "wall 1.50 s"));
}

TEST(Terminal, WritesAJsonObjectALine) {
  const Sink progress, results;
  Terminal terminal({.format = LogFormat::kJson,
                     .progress = progress.file(),
                     .results = results.file()});
  terminal.Header({.model = "m", .seed = 7, .run_dir = "runs/\xff"});
  EpochReport report = EpochOf(1, 10);
  report.test = Metrics();
  terminal.Epoch(report);
  TrainResult result;
  result.exit_reason = "stopped";
  terminal.Summary(result, {.model = "m"}, "r",
                   {.confusions = {{"4", "9", 11}}});
  EXPECT_EQ(progress.text(), "");
  std::vector<nlohmann::json> lines;
  const std::string text = results.text();
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    lines.push_back(
        nlohmann::json::parse(text.substr(at, text.find('\n', at) - at)));
  }
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["event"], "start");
  EXPECT_EQ(lines[0]["seed"], 7);
  EXPECT_EQ(lines[1]["event"], "epoch");
  EXPECT_EQ(lines[1]["train_accuracy"], 0.912);
  EXPECT_TRUE(lines[1]["test_loss"].is_null());
  EXPECT_EQ(lines[2]["exit_reason"], "stopped");
  EXPECT_TRUE(lines[2]["test_accuracy"].is_null());
  EXPECT_EQ(lines[2]["worst_confusions"][0]["predicted"], "9");
  EXPECT_TRUE(lines[2]["best_epoch"].is_null());
  EXPECT_TRUE(lines[2]["best_test_loss"].is_null());
}

TEST(Terminal, NamesTheBestEpochInTheLastJsonLine) {
  TrainResult result;
  result.epochs = {EpochOf(1, 3), EpochOf(2, 3), EpochOf(3, 3)};
  result.epochs[1].test = MetricsOf(10000, 9700, 0.125);
  result.epochs[2].best = false;
  const RunFacts facts = {
      .metrics = {{.name = "double",
                   .value = [](const Metrics& m) { return 2 * m.loss(); }}}};
  auto end = nlohmann::json::parse(EndJson(result, facts, "r", {}));
  EXPECT_EQ(end["best_epoch"], 2);
  EXPECT_EQ(end["best_undone"], false);
  EXPECT_EQ(end["best_test_loss"], 0.125);
  EXPECT_EQ(end["best_test_accuracy"], 0.97);
  EXPECT_EQ(end["best_test_metrics"]["double"], 0.25);
  EXPECT_EQ(end["test_loss"], 0.1312);

  // One that a roll-back took back is the best still, as the summary has it.
  result.undone_best = EpochOf(5, 3);
  end = nlohmann::json::parse(EndJson(result, facts, "r", {}));
  EXPECT_EQ(end["best_epoch"], 5);
  EXPECT_EQ(end["best_undone"], true);
}

}  // namespace
}  // namespace adjoint::train
