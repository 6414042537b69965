#include "framework/base/file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/base/failing_disk.h"
#include "tests/base/file_folder.h"

namespace adjoint {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using FileTest = FileFolder;

constexpr size_t kMost = 4;  // Bytes that a slow disk gives and takes a call.

TEST_F(FileTest, ReadFileGivesTheBytes) {
  std::string bytes(100000, '\0');
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i % 251);
  for (size_t size : {0, 1, 4096, 100000}) {
    std::ofstream(path_, std::ios::binary) << bytes.substr(0, size);
    EXPECT_EQ(ReadFile(path_).value(), bytes.substr(0, size));
  }
}

TEST_F(FileTest, ReadFileSurvivesShortAndInterruptedReads) {
  std::ofstream(path_) << "ten bytes.";
  for (int call = 0; call < 4; ++call) {
    Names calls;
    const auto bytes = [&] {
      const FailingDisk disk(
          {.failing_call = call, .error = EINTR, .most = kMost});
      auto result = ReadFile(path_);
      calls = disk.calls();
      return result;
    }();
    EXPECT_EQ(bytes.value(), "ten bytes.");
    EXPECT_EQ(calls, (Names{"read", "read", "read", "read", "read", "close"}));
  }
}

TEST_F(FileTest, ReadFileReportsFailingReads) {
  std::ofstream(path_) << "ten bytes.";
  for (int call = 0; call < 4; ++call) {
    const auto status = [&] {
      const FailingDisk disk(
          {.failing_call = call, .error = EIO, .most = kMost});
      return ReadFile(path_).status();
    }();
    EXPECT_EQ(status.message(),
              "cannot read " + path_ + ": Input/output error");
  }
}

TEST_F(FileTest, ReadFileReadsToTheEndWhereTheSizeIsNotKnown) {
  EXPECT_EQ(fs::file_size("/proc/self/status"), 0u);
  const auto status = ReadFile("/proc/self/status");
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_NE(status->find("\nThreads:"), std::string::npos);
  EXPECT_EQ(status->back(), '\n');
  EXPECT_TRUE(absl::IsOutOfRange(ReadFile("/proc/self/status", 10).status()));
}

TEST_F(FileTest, ReadFileRefusesMoreThanTheLimit) {
  std::ofstream(path_) << "12345";
  EXPECT_EQ(ReadFile(path_, 5).value(), "12345");
  const absl::Status status = ReadFile(path_, 4).status();
  EXPECT_TRUE(absl::IsOutOfRange(status));
  EXPECT_EQ(status.message(), "cannot read " + path_ + ": larger than 4 bytes");
  // A hole of a tebibyte takes no space on the disk, and must take none here.
  fs::resize_file(path_, uintmax_t{1} << 40);
  EXPECT_TRUE(absl::IsOutOfRange(ReadFile(path_, 1 << 20).status()));
}

TEST_F(FileTest, ReadFileReportsThatMemoryIsShort) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer needs the address space";
#endif
  std::ofstream(path_) << "x";
  fs::resize_file(path_, 64 << 20);
  const auto read_without_memory = [&] {
    const rlimit limit = {1, 1};
    setrlimit(RLIMIT_AS, &limit);
    const absl::Status status = ReadFile(path_).status();
    std::exit(absl::IsResourceExhausted(status) &&
                      status.message() ==
                          path_ + ": not enough memory for its contents"
                  ? 0
                  : 1);
  };
  EXPECT_EXIT(read_without_memory(), testing::ExitedWithCode(0), "");
}

TEST_F(FileTest, ReadFileNamesThePathAndTheReason) {
  const absl::Status missing = ReadFile(path_).status();
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_EQ(missing.message(),
            "cannot open " + path_ + ": No such file or directory");
  std::ofstream(path_) << "x";
  const absl::Status below = ReadFile(path_ + "/b").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(below));
  EXPECT_EQ(below.message(), "cannot open " + path_ + "/b: Not a directory");
}

TEST_F(FileTest, ReadFileRefusesWhatIsNotARegularFile) {
  EXPECT_EQ(ReadFile(directory_).status(),
            absl::FailedPreconditionError("cannot read " + directory_ +
                                          ": Is a directory"));
  EXPECT_EQ(ReadFile("/dev/zero").status(),
            absl::FailedPreconditionError(
                "cannot read /dev/zero: Not a regular file"));
  // Nobody writes to this pipe: without care, opening it would wait forever.
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadFile(path_).status()));
}

TEST_F(FileTest, LinkGivesAFileASecondNameAtOnce) {
  const std::string name = directory_ + "/name";
  std::ofstream(path_) << "new";
  std::ofstream(name) << "old";
  for (int time = 0; time < 2; ++time) {  // The second time it has it already.
    ASSERT_TRUE(LinkAtomically(path_, name).ok());
    EXPECT_TRUE(fs::equivalent(path_, name));
    EXPECT_EQ(Listing().size(), 2u);
  }
  EXPECT_EQ(Contents(), "new");
}

TEST_F(FileTest, LinkIsAllOrNothingWhicheverStepFails) {
  const std::string name = directory_ + "/name";
  std::ofstream(path_) << "new";
  std::ofstream(name) << "old";
  for (int step = 0; step < 2; ++step) {
    const absl::Status status = [&] {
      const FailingDisk disk({.failing_call = step, .error = EIO});
      return LinkAtomically(path_, name);
    }();
    EXPECT_NE(status.message().find(name), absl::string_view::npos) << status;
    EXPECT_NE(status.message().find(": Input/output error"),
              absl::string_view::npos)
        << status;
    EXPECT_EQ(ReadFile(name).value(), "old");
    EXPECT_EQ(Listing().size(), 2u);
  }
}

TEST_F(FileTest, RemoveTemporariesRemovesNothingElse) {
  const std::vector<std::string> kept = {
      "a",     "b.tmp",          ".tmp",      "-.tmp",    "c.12-.tmp",
      "d.1-2", "e.1-2.tmp.html", "f.x-2.tmp", "1-2.3.tmp"};
  for (const std::string& name : kept) {
    std::ofstream(directory_ + "/" + name) << "x";
  }
  for (const char* name : {"a.1-2.tmp", "step-1.safetensors.31337-0.tmp"}) {
    std::ofstream(directory_ + "/" + name) << "x";
  }
  RemoveTemporaries(directory_);
  RemoveTemporaries(directory_ + "/nowhere");
  Names left = Listing(), expected = kept;
  std::sort(left.begin(), left.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(left, expected);
  // What a process that is killed leaves has such a name.
  std::string temporary;
  {
    const FailingDisk disk({.failing_call = 0, .error = EIO});
    temporary = std::string(WriteFileAtomically(path_, "x").message());
  }
  temporary = temporary.substr(std::string("cannot create ").size());
  temporary = temporary.substr(0, temporary.find(": Input"));
  std::ofstream(temporary) << "x";
  ASSERT_EQ(Listing().size(), kept.size() + 1);
  RemoveTemporaries(directory_);
  EXPECT_EQ(Listing().size(), kept.size());
}

TEST_F(FileTest, MakeDirectoriesMakesParentsAndKeepsWhatThereIs) {
  const std::string deep = directory_ + "/b/c/d";
  EXPECT_TRUE(MakeDirectories(deep).ok());
  EXPECT_TRUE(fs::is_directory(deep));
  std::ofstream(deep + "/file") << "x";
  EXPECT_TRUE(MakeDirectories(deep).ok());
  EXPECT_TRUE(MakeDirectories(deep + "/").ok());
  EXPECT_TRUE(fs::exists(deep + "/file"));
}

TEST_F(FileTest, MakeDirectoriesReportsAFileInTheWay) {
  std::ofstream(path_) << "x";
  for (const std::string& path : {path_, path_ + "/b"}) {
    EXPECT_EQ(MakeDirectories(path),
              absl::FailedPreconditionError("cannot make directory " + path +
                                            ": Not a directory"));
  }
}

TEST(ResolveUserPath, ResolvesRelativePathsWhereBazelRunWasCalled) {
  unsetenv("BUILD_WORKING_DIRECTORY");
  EXPECT_EQ(ResolveUserPath("runs/a"), "runs/a");
  setenv("BUILD_WORKING_DIRECTORY", "/home/user", 1);
  EXPECT_EQ(ResolveUserPath("runs/a"), "/home/user/runs/a");
  EXPECT_EQ(ResolveUserPath("/runs/a"), "/runs/a");
  EXPECT_EQ(ResolveUserPath(""), "");
  unsetenv("BUILD_WORKING_DIRECTORY");
}

}  // namespace
}  // namespace adjoint
