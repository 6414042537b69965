#include "framework/inspect/profiler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "framework/autograd/grad.h"
#include "framework/core/scope.h"
#include "framework/nn/activation.h"
#include "framework/nn/linear.h"
#include "framework/nn/sequential.h"
#include "framework/ops/reduce.h"
#include "nlohmann/json.hpp"

namespace adjoint::inspect {
namespace {

using std::chrono::microseconds;

Profiler::Time At(int64_t us) {
  return Profiler::Time(std::chrono::hours(1) + microseconds(us));
}

// A module of the name that it points to.
std::string NameOf(const void*, const void* inner) {
  return *static_cast<const std::string*>(inner);
}

struct FakeOp {
  absl::string_view op;
  int64_t start_us, end_us;
  double flops = 0;
  int64_t bytes = 0;
  std::string module = "";
  bool backward = false;
};

// A module's address tells it from others, hence the statics.
void Tell(Profiler& profiler, const FakeOp& fake) {
  static const std::string model;
  static std::map<std::string, std::string> modules;
  const std::string& name =
      modules.try_emplace(fake.module, fake.module).first->second;
  const Scope root(&model, NameOf), inner(&name, NameOf);
  const Tensor x = Ones({2, 3});
  const Tensor* inputs[] = {&x};
  profiler.OnOp({.op = fake.op,
                 .backward = fake.backward,
                 .inputs = inputs,
                 .output = x,
                 .flops = fake.flops,
                 .bytes = fake.bytes,
                 .start = At(fake.start_us),
                 .end = At(fake.end_us)});
}

TEST(Profiler, AddsUpByOpAndByModule) {
  Profiler profiler;
  Tell(profiler, {"mul", 0, 100, 4e5, 1000, "a"});
  Tell(profiler, {"mul", 100, 400, 2e5, 3000, "b"});
  Tell(profiler, {"exp", 500, 550, 1e5, 500, "b"});
  Tell(profiler, {"mul", 600, 1000, 6e5, 4000, "", true});
  EXPECT_NEAR(profiler.OpSeconds(), 850e-6, 1e-12);
  EXPECT_NEAR(profiler.WallSeconds(), 1000e-6, 1e-12);

  const std::vector<ProfileRow> ops = profiler.ByOp();
  ASSERT_EQ(ops.size(), 2u);
  EXPECT_EQ(ops[0].name, "mul");
  EXPECT_EQ(ops[0].forward.calls, 2);
  EXPECT_EQ(ops[0].backward.calls, 1);
  EXPECT_NEAR(ops[0].forward.seconds, 400e-6, 1e-12);
  EXPECT_NEAR(ops[0].backward.seconds, 400e-6, 1e-12);
  EXPECT_EQ(ops[0].Total().flops, 12e5);
  EXPECT_EQ(ops[0].Total().bytes, 8000);
  EXPECT_EQ(ops[1].name, "exp");

  const std::vector<ProfileRow> modules = profiler.ByModule();
  ASSERT_EQ(modules.size(), 3u);
  EXPECT_EQ(modules[0].name, "");
  EXPECT_EQ(modules[0].backward.bytes, 4000);
  EXPECT_EQ(modules[1].name, "b");
  EXPECT_EQ(modules[1].forward.calls, 2);
  EXPECT_NEAR(modules[1].forward.seconds, 350e-6, 1e-12);
  EXPECT_EQ(modules[2].name, "a");
}

TEST(Profiler, PrintsShareAndRate) {
  Profiler profiler;
  profiler.Begin("forward", At(0));
  // 3e6 flops in 300 us are 10 GFLOP/s; 600,000 bytes are 2 GB/s.
  Tell(profiler, {"linear", 50, 350, 3e6, 600'000, "0"});
  profiler.End(At(400));
  profiler.Begin("backward", At(400));
  Tell(profiler, {"mul", 400, 500, 1e4, 2048, "", true});
  profiler.End(At(500));
  EXPECT_EQ(
      profiler.ToString(),
      R"(profile  wall 500.0 us, in ops 400.0 us (80.0 %), the rest 100.0 us

 times   time  % wall  in ops  the rest  phase
     1  400us  80.0 %   300us     100us  forward
     1  100us  20.0 %   100us            backward

 calls  forward  backward  % wall  GFLOP/s   GB/s  bytes  op
     1    300us            60.0 %     10.0    2.0   586K  linear
     1              100us  20.0 %    0.100  0.020  2.00K  mul

 calls  forward  backward  % wall  GFLOP/s   GB/s  bytes  module
     1    300us            60.0 %     10.0    2.0   586K  0
     1              100us  20.0 %    0.100  0.020  2.00K  -
)");
}

TEST(Profiler, PrintsTheLongestNamesInEightyColumns) {
  Profiler profiler;
  for (int i = 0; i < 12'345; ++i) {
    Tell(profiler, {"softmax_cross_entropy_grad", 0, 1, 1e4, 2048, "", true});
  }
  Tell(profiler, {"matmul", 0, 300'000, 3e13, 600'000'000, "0"});
  for (absl::string_view line : absl::StrSplit(profiler.ToString(), '\n')) {
    EXPECT_LE(line.size(), 80u) << line;
  }
}

TEST(Profiler, OfNothingPrintsItsHeadings) {
  const Profiler profiler;
  EXPECT_EQ(profiler.WallSeconds(), 0);
  EXPECT_NE(profiler.ToString().find("GFLOP/s"), std::string::npos);
  EXPECT_TRUE(
      nlohmann::json::parse(profiler.TraceJson())["traceEvents"].is_array());
}

TEST(Profiler, GivesBackwardToTheModuleOfItsForward) {
  Rng rng(1);
  const nn::Sequential model(nn::Linear(4, 3, rng), nn::Tanh());
  Profiler profiler;
  const ObserverScope observe(&profiler);
  Grad(Sum(model(Ones({2, 4}))), model);
  for (const ProfileRow& row : profiler.ByModule()) {
    EXPECT_GT(row.forward.calls, 0) << row.name;
    EXPECT_GT(row.backward.calls, 0) << row.name;
  }
  EXPECT_EQ(profiler.ByModule().size(), 3u);
}

TEST(Profiler, OfNoPhaseMarksNothing) {
  const Profiler::Phase phase(nullptr, "forward");
  Profiler profiler;
  { const Profiler::Phase marked(&profiler, "forward"); }
  EXPECT_EQ(profiler.phases().size(), 1u);
}

// The trace's slices as "name ts dur", in the order of the file.
std::vector<std::string> Slices(const std::string& json) {
  std::vector<std::string> slices;
  const auto trace = nlohmann::json::parse(json);
  for (const auto& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    slices.push_back(event["name"].get<std::string>() + " " +
                     event["ts"].dump() + " " + event["dur"].dump());
  }
  return slices;
}

TEST(Trace, NestsPhasesModulesAndOps) {
  Profiler profiler;
  profiler.Begin("step", At(10));
  profiler.Begin("forward", At(10));
  Tell(profiler, {"mul", 10, 20, 0, 0, "enc.0"});
  Tell(profiler, {"exp", 21, 30, 0, 0, "enc.0"});
  Tell(profiler, {"tanh", 30, 40, 0, 0, "enc.1"});
  profiler.End(At(50));  // The module is drawn anew.
  Tell(profiler, {"mul", 50, 60, 0, 0, "enc.1"});
  profiler.End(At(70));
  EXPECT_EQ(
      Slices(profiler.TraceJson()),
      (std::vector<std::string>{
          "step 0.0 60.0", "forward 0.0 40.0", "enc 0.0 30.0", "0 0.0 20.0",
          "mul 0.0 10.0", "exp 11.0 9.0", "1 20.0 10.0", "tanh 20.0 10.0",
          "enc 40.0 10.0", "1 40.0 10.0", "mul 40.0 10.0"}));
}

// As the format asks of slices of one thread (Google 2016, "Duration events").
TEST(Trace, OfAStepIsInOrderAndEachSliceIsInsideTheOneAroundIt) {
  Rng rng(1);
  const nn::Sequential model(nn::Linear(3, 4, rng), nn::Tanh(),
                             nn::Linear(4, 2, rng));
  Profiler profiler;
  const ObserverScope observe(&profiler);
  for (int i = 0; i < 3; ++i) {
    const Profiler::Phase step(&profiler, "step");
    Tensor loss = [&] {
      const Profiler::Phase forward(&profiler, "forward");
      return Sum(model(Ones({5, 3})));
    }();
    const Profiler::Phase backward(&profiler, "backward");
    Grad(std::move(loss), model);
  }
  const auto trace = nlohmann::json::parse(profiler.TraceJson());
  double last = 0;
  std::vector<double> ends;  // Of the slices that are open.
  size_t deepest = 0;
  for (const auto& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    const double start = event["ts"], duration = event["dur"];
    EXPECT_GE(start, last);
    EXPECT_GE(duration, 0);
    // To nanoseconds, of which the file has all.
    constexpr double kLess = 5e-4;
    while (!ends.empty() && ends.back() < start + kLess) ends.pop_back();
    if (!ends.empty()) {
      EXPECT_LT(start + duration, ends.back() + kLess) << event;
    }
    ends.push_back(start + duration);
    deepest = std::max(deepest, ends.size());
    last = start;
  }
  EXPECT_EQ(deepest, 4u);  // Step, forward, module and op.
}

TEST(Trace, TellsOfEachOp) {
  Profiler profiler;
  Tell(profiler, {"say \"x\"\n\\", 0, 1, 12, 48, "a\tb", true});
  Tell(profiler, {"mul", 2, 3, 12, 48, "a\tb"});
  const auto trace = nlohmann::json::parse(profiler.TraceJson());
  const auto& events = trace["traceEvents"];
  EXPECT_EQ(events[1]["name"], "say \"x\"\n\\");
  EXPECT_EQ(events[1]["cat"], "backward");
  const auto& op = events.back();
  EXPECT_EQ(op["cat"], "forward");
  EXPECT_EQ(op["pid"], 1);
  EXPECT_EQ(op["tid"], 1);
  EXPECT_EQ(op["args"]["module"], "a\tb");
  EXPECT_EQ(op["args"]["shapes"], "f32 [2,3] -> f32 [2,3]");
  EXPECT_EQ(op["args"]["flops"], 12);
  EXPECT_EQ(op["args"]["bytes"], 48);
}

TEST(Trace, EndsAtItsBoundWhileSumsGoOn) {
  Profiler profiler({.max_trace_events = 2});
  for (int i = 0; i < 5; ++i) Tell(profiler, {"mul", i, i + 1});
  EXPECT_EQ(profiler.ByOp()[0].forward.calls, 5);
  EXPECT_EQ(Slices(profiler.TraceJson()).size(), 2u);
  EXPECT_EQ(nlohmann::json::parse(
                profiler.TraceJson())["otherData"]["events_left_out"],
            "3");
}

}  // namespace
}  // namespace adjoint::inspect
