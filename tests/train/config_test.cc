#include "framework/train/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/base/file.h"
#include "framework/train/git_commit.h"

namespace adjoint::train {
namespace {

namespace fs = std::filesystem;

std::string NewFolder(const std::string& name) {
  const std::string folder = absl::StrCat(testing::TempDir(), "/", name);
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

void Write(const std::string& path, const std::string& text) {
  fs::create_directories(fs::path(path).parent_path());
  ASSERT_TRUE(WriteFileAtomically(path, text).ok());
}

RunConfig Example() {
  return {.model = "curve",
          .flags = {{"batch_size", "128"},
                    {"run_dir", "a \"b\"\n\xff"},
                    {"threads", "2"}},
          .train = {60, "crc32 0badcafe"},
          .test = {10, ""},
          .facts = {{"commit", "0123"}}};
}

TEST(Config, IsReadAsItWasWritten) {
  const std::string folder = NewFolder("config");
  RunConfig config = Example();
  ASSERT_TRUE(WriteConfig(folder, config).ok());
  const auto read = ReadConfig(folder);
  ASSERT_TRUE(read.ok()) << read.status();
  config.flags["run_dir"] = "a \"b\"\n\xEF\xBF\xBD";  // What is no UTF-8.
  EXPECT_EQ(read->flags, config.flags);
  EXPECT_EQ(read->train.checksum, "crc32 0badcafe");
  EXPECT_EQ(read->facts.at("commit"), "0123");
  EXPECT_TRUE(Differences(config, *read, [](auto) { return true; }).empty());
}

TEST(Config, DifferencesAreNamedOneByOne) {
  const RunConfig was = Example();
  RunConfig is = was;
  is.flags["batch_size"] = "64";
  is.flags["threads"] = "8";
  is.flags["new"] = "3";
  is.flags["new_and_not_given"] = "";
  is.test.examples = 11;
  EXPECT_EQ(Differences(was, is, [](auto flag) { return flag != "threads"; }),
            (std::vector<std::string>{
                "--batch_size was 128, is 64", "--new was unknown, is 3",
                "the test data was 10 examples, is 11 examples"}));
  // Of another model all would be others.
  is.model = "other";
  EXPECT_EQ(Differences(was, is, [](auto) { return true; }),
            (std::vector<std::string>{"the model was curve, is other"}));
}

// A file that was made to command a terminal.
TEST(Config, NoByteOfAFileReachesTheTerminalAsItIs) {
  const std::string folder = NewFolder("hostile_config");
  const auto read = [&](const std::string& text) {
    EXPECT_TRUE(WriteFileAtomically(folder + "/config.json", text).ok());
    return ReadConfig(folder);
  };
  for (const char* bad : {"\x1b[2J", "{\"\x1b[2J", "{\"\xff"}) {
    const std::string said(read(bad).status().message());
    EXPECT_TRUE(absl::StrContains(said, "parse error")) << said;
    EXPECT_EQ(said.find_first_of("\x1b\xff"), said.npos) << said;
  }
  const RunConfig good = *read(ToJson(Example()));
  RunConfig other_flags = good, other_model = good;
  other_model.model = "\x1b[2J";
  other_flags.flags["\x1b[3J"] = "\x1b[4J";
  other_flags.train.checksum = "\x1b[5J";
  for (const RunConfig& config : {other_flags, other_model}) {
    const auto was = read(ToJson(config));
    ASSERT_TRUE(was.ok());
    const std::vector<std::string> all =
        Differences(*was, good, [](auto) { return true; });
    EXPECT_EQ(all.size(), config.model == good.model ? 2u : 1u);
    for (const std::string& difference : all) {
      EXPECT_TRUE(absl::StrContains(difference, "\\x1b[")) << difference;
      EXPECT_FALSE(absl::StrContains(difference, "\x1b")) << difference;
    }
  }
}

TEST(Config, ADamagedFileIsRefusedWithItsPath) {
  const std::string folder = NewFolder("damaged_config");
  EXPECT_TRUE(absl::IsNotFound(ReadConfig(folder).status()));
  const std::string good = ToJson(Example());
  for (const std::string& bad :
       {std::string(), std::string("{}"), std::string("[1]"),
        good.substr(0, good.size() / 2), std::string("\0\xff", 2),
        std::string("{\"model\":1,\"flags\":{},\"data\":{}}"),
        std::string(R"({"model":"m","flags":{"a":1},"data":{}})"),
        std::string(R"({"model":"m","flags":{},"data":{"train":{}}})")}) {
    ASSERT_TRUE(WriteFileAtomically(folder + "/config.json", bad).ok());
    const auto read = ReadConfig(folder);
    ASSERT_FALSE(read.ok()) << bad;
    EXPECT_TRUE(absl::StrContains(read.status().message(), folder)) << bad;
  }
}

TEST(GitCommit, IsThatOfTheBranchOrOfHead) {
  const std::string hash(40, 'a'), packed(40, 'b');
  const std::string folder = NewFolder("git");
  EXPECT_EQ(GitCommit(folder), "");
  Write(folder + "/.git/HEAD", "ref: refs/heads/main\n");
  EXPECT_EQ(GitCommit(folder), "");
  Write(folder + "/.git/packed-refs",
        absl::StrCat("# pack-refs\n", packed, " refs/heads/main\n"));
  EXPECT_EQ(GitCommit(folder), packed);
  Write(folder + "/.git/refs/heads/main", hash + "\n");
  EXPECT_EQ(GitCommit(folder), hash);
  Write(folder + "/.git/HEAD", packed + "\n");
  EXPECT_EQ(GitCommit(folder), packed);
  Write(folder + "/.git/HEAD", "ref: ../../etc\n");
  EXPECT_EQ(GitCommit(folder), "");
}

TEST(GitCommit, IsFoundFromASecondWorkTree) {
  const std::string folder = NewFolder("worktrees"), hash(40, 'c');
  Write(folder + "/main/.git/refs/heads/side", hash + "\n");
  Write(folder + "/main/.git/worktrees/side/HEAD", "ref: refs/heads/side\n");
  Write(folder + "/main/.git/worktrees/side/commondir", "../..\n");
  Write(folder + "/side/.git", "gitdir: ../main/.git/worktrees/side\n");
  EXPECT_EQ(GitCommit(folder + "/side"), hash);
}

// Puts a program `git` of these lines of shell first on the path while it
// lives.
class FakeGit {
 public:
  explicit FakeGit(const std::string& lines) : path_(std::getenv("PATH")) {
    const std::string folder = NewFolder("fake_git");
    Write(folder + "/git", "#!/bin/sh\n" + lines + "\n");
    fs::permissions(folder + "/git", fs::perms::owner_all);
    setenv("PATH", absl::StrCat(folder, ":", path_).c_str(), 1);
  }
  ~FakeGit() { setenv("PATH", path_.c_str(), 1); }

 private:
  const std::string path_;
};

TEST(HasUncommittedChanges, AsksGitForTrackedFilesOfTheFolder) {
  const std::string expected =
      "--no-optional-locks -C /some/where status --porcelain "
      "--untracked-files=no";
  const FakeGit git(
      absl::StrCat("test \"$*\" = '", expected, "' && echo ' M a.cc'"));
  EXPECT_TRUE(HasUncommittedChanges("/some/where"));
  EXPECT_FALSE(HasUncommittedChanges("/some/where/else"));
}

TEST(HasUncommittedChanges, IsFalseWhereGitDoesNotSay) {
  for (const char* lines : {"", "echo fatal: no repository >&2; exit 128",
                            "exec sleep 1000", "kill -9 $$"}) {
    const FakeGit git(lines);
    EXPECT_FALSE(HasUncommittedChanges("/")) << lines;
  }
  const FakeGit git("");
  setenv("PATH", "/nonexistent", 1);  // Where there is no git.
  EXPECT_FALSE(HasUncommittedChanges("/"));
}

TEST(WorkspaceCommit, IsMarkedWhereFilesDiffer) {
  const std::string folder = NewFolder("workspace"), hash(40, 'd');
  Write(folder + "/.git/HEAD", hash + "\n");
  setenv("BUILD_WORKSPACE_DIRECTORY", folder.c_str(), 1);
  {
    const FakeGit git("echo ' M a.cc'; exec sleep 1000");
    EXPECT_EQ(WorkspaceCommit(), hash + "-dirty");
    EXPECT_EQ(ShortCommit(WorkspaceCommit()), "ddddddd-dirty");
  }
  {
    const FakeGit git("");
    EXPECT_EQ(WorkspaceCommit(), hash);
    EXPECT_EQ(ShortCommit(WorkspaceCommit()), "ddddddd");
  }
  unsetenv("BUILD_WORKSPACE_DIRECTORY");
  EXPECT_EQ(WorkspaceCommit(), "");
}

}  // namespace
}  // namespace adjoint::train
