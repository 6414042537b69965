#include "framework/train/resume_command.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"

namespace adjoint::train {
namespace {

Variables Of(const std::map<std::string, std::string>& values) {
  return [values](const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? std::string() : found->second;
  };
}

TEST(ResumeCommand, CallsAProgramByItsPathWithItsFlags) {
  EXPECT_EQ(ResumeCommand({{"bin/mnist_mlp", "--epochs=3", "--quiet"}, Of({})},
                          "runs/a"),
            "bin/mnist_mlp --epochs=3 --quiet --resume=runs/a");
}

TEST(ResumeCommand, LeavesOutWhatTheFolderReplaces) {
  EXPECT_EQ(ResumeCommand({{"m", "--run_dir=b", "--seed", "1", "--resume",
                            "auto", "--run_dir", "b", "--epochs", "3"},
                           Of({})},
                          "b"),
            "m --seed 1 --epochs 3 --resume=b");
  EXPECT_EQ(
      ResumeCommand({{"m", "--max_seconds=9", "--max_seconds", "8"}, Of({})},
                    "b", {"max_seconds"}),
      "m --resume=b");
}

TEST(CommandToGoOn, LeavesOutTheLimitThatWouldEndItAgain) {
  const Call call = {{"m", "--max_seconds=9", "--rollbacks", "1"}, Of({})};
  EXPECT_EQ(CommandToGoOn(call, "b", {.exit_reason = "time"}, 1),
            "m --rollbacks 1 --resume=b");
  EXPECT_EQ(CommandToGoOn(call, "b", {.exit_reason = "stopped"}, 1),
            "m --max_seconds=9 --rollbacks 1 --resume=b");
}

TEST(CommandToGoOn, LetsARunThatDivergedGoBackWhereThatMayHelp) {
  const Call call = {{"m", "--seed=2", "--rollbacks", "1"}, Of({})};
  EXPECT_EQ(CommandToGoOn(call, "b", {.exit_reason = "diverged"}, 1),
            "m --seed=2 --resume=b --rollbacks=4");
  for (const Blame blame : {Blame::kData, Blame::kModel}) {
    EXPECT_EQ(CommandToGoOn(call, "b",
                            {.exit_reason = "diverged", .blame = blame}, 1),
              "");
  }
}

TEST(ResumeCommand, IsAnotherBazelRunAfterOne) {
  const std::string path =
      "/home/ada/.cache/execroot/adjoint/bazel-out/k8-opt/bin/models/spirals/";
  // Without a ./bazelw, as in a workspace of one's own.
  EXPECT_EQ(ResumeCommand({{path + "spirals", "--epochs=3"},
                           Of({{"BUILD_WORKSPACE_DIRECTORY", "/nowhere"},
                               {"BUILD_WORKING_DIRECTORY", "/nowhere/below"}})},
                          "/nowhere/below/runs/a"),
            "bazel run //models/spirals -- --epochs=3 --resume=runs/a");
  const std::string workspace = testing::TempDir() + "work space";
  std::filesystem::create_directories(workspace);
  std::ofstream(workspace + "/bazelw") << "";
  EXPECT_EQ(ResumeCommand({{path + "other"},
                           Of({{"BUILD_WORKSPACE_DIRECTORY", workspace},
                               {"BUILD_WORKING_DIRECTORY", workspace}})},
                          "/elsewhere/a"),
            "./bazelw run //models/spirals:other -- --resume=/elsewhere/a");
  EXPECT_EQ(ResumeCommand({{path + "spirals"},
                           Of({{"BUILD_WORKSPACE_DIRECTORY", workspace},
                               {"BUILD_WORKING_DIRECTORY", "/home"}})},
                          "a"),
            absl::StrCat("'", workspace,
                         "/bazelw' run //models/spirals -- --resume=a"));
}

TEST(ResumeCommand, KnowsHowThisProcessWasCalled) {
  const Call call = ThisCall();
  ASSERT_FALSE(call.words.empty());
  EXPECT_EQ(std::filesystem::path(call.words[0]).filename(),
            "resume_command_test");
  EXPECT_EQ(call.variable("PATH"), std::getenv("PATH"));
}

// What the shell makes of it.
std::string Echoed(const std::string& quoted) {
  FILE* pipe = popen(("printf %s " + quoted).c_str(), "r");
  std::string text;
  for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  pclose(pipe);
  return text;
}

TEST(ShellQuote, GivesTheShellTheWordBack) {
  for (const std::string word :
       {"", "--epochs=3", "a b", "it's", "$HOME", "`id`", "a\\b", "*", "\"x\"",
        "a\nb", "~", "#", "a;b", "Käse"}) {
    EXPECT_EQ(Echoed(ShellQuote(word)), word) << ShellQuote(word);
  }
  EXPECT_EQ(ShellQuote("--epochs=3"), "--epochs=3");
}

}  // namespace
}  // namespace adjoint::train
