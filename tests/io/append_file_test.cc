#include "framework/io/append_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "framework/base/file.h"
#include "tests/base/failing_disk.h"

namespace adjoint::io {
namespace {

constexpr AppendFile::Start kNew = AppendFile::Start::kNew;
constexpr AppendFile::Start kEnd = AppendFile::Start::kEnd;

std::string NewPath() {
  const std::string path = testing::TempDir() + "append_file_test";
  std::filesystem::remove(path);
  return path;
}

TEST(AppendFile, WritesWhatWasAppendedWhenItIsFlushed) {
  const std::string path = NewPath();
  {
    const auto file = *AppendFile::Open(path, kNew);
    file->Append("one\n");
    file->Append("two\n");
    EXPECT_EQ(ReadFile(path).value(), "");
    ASSERT_TRUE(file->Flush().ok());
    EXPECT_EQ(ReadFile(path).value(), "one\ntwo\n");
    file->Append("lost\n");
  }
  const auto file = *AppendFile::Open(path, kEnd);
  file->Append("three\n");
  ASSERT_TRUE(file->Flush().ok());
  EXPECT_EQ(ReadFile(path).value(), "one\ntwo\nthree\n");
  EXPECT_TRUE(absl::IsAlreadyExists(AppendFile::Open(path, kNew).status()));
}

TEST(AppendFile, SaysThatTheDiskIsFull) {
  const auto file = AppendFile::Open("/dev/full", kEnd);
  ASSERT_TRUE(file.ok()) << file.status();
  (*file)->Append("line\n");
  EXPECT_EQ((*file)->Flush(),
            absl::ResourceExhaustedError(
                "cannot write /dev/full: No space left on device"));
}

// Lets files of this process have at most so many bytes.
void LimitFiles(rlim_t bytes) {
  rlimit limit;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  limit.rlim_cur = bytes;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

TEST(AppendFile, KeepsNoPartOfWhatDoesNotFitAndCatchesUp) {
  const std::string path = NewPath();
  const auto file = *AppendFile::Open(path, kNew);
  file->Append("12345\n");
  ASSERT_TRUE(file->Flush().ok());
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  LimitFiles(10);
  file->Append("67890\n");
  for (int time = 0; time < 2; ++time) {
    EXPECT_EQ(file->Flush().message(),
              absl::StrCat("cannot write ", path, ": File too large"));
    EXPECT_EQ(ReadFile(path).value(), "12345\n");
  }
  LimitFiles(RLIM_INFINITY);
  std::signal(SIGXFSZ, before);
  file->Append("abc\n");
  ASSERT_TRUE(file->Flush().ok());
  EXPECT_EQ(ReadFile(path).value(), "12345\n67890\nabc\n");
}

// Also where cutting the file fails: then a part is there for a while.
TEST(AppendFile, LosesNothingWhicheverCallFails) {
  for (const bool for_good : {false, true}) {
    for (int call = 0; call < 5; ++call) {
      const std::string path = NewPath();
      const auto file = *AppendFile::Open(path, kNew);
      file->Append("12345\n");
      ASSERT_TRUE(file->Flush().ok());
      file->Append("67890abc\n");
      bool failed;
      const absl::Status status = [&] {
        const FailingDisk disk({.failing_call = call,
                                .error = ENOSPC,
                                .for_good = for_good,
                                .most = 4});
        absl::Status result = file->Flush();
        failed = disk.failed();
        return result;
      }();
      EXPECT_EQ(status.ok(), !failed);
      EXPECT_EQ(failed, call < 3);  // 9 bytes by 4.
      // For good also where the file cannot be cut.
      const std::string left = ReadFile(path).value();
      EXPECT_TRUE(left == "12345\n" || !failed || for_good) << left;
      ASSERT_TRUE(file->Flush().ok());
      EXPECT_EQ(ReadFile(path).value(), "12345\n67890abc\n");
    }
  }
}

TEST(AppendFile, WritesOnAfterAnInterruption) {
  const std::string path = NewPath();
  const auto file = *AppendFile::Open(path, kNew);
  file->Append("12345\n");
  {
    const FailingDisk disk({.failing_call = 1, .error = EINTR, .most = 4});
    EXPECT_TRUE(file->Flush().ok());
  }
  EXPECT_EQ(ReadFile(path).value(), "12345\n");
}

TEST(AppendFile, SaysWhereItCannotBe) {
  EXPECT_EQ(AppendFile::Open("nowhere/file", kEnd).status(),
            absl::NotFoundError(
                "cannot open nowhere/file: No such file or directory"));
}

}  // namespace
}  // namespace adjoint::io
