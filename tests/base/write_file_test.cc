// How a file is written: all or nothing, whatever fails.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "framework/base/file.h"
#include "tests/base/failing_disk.h"
#include "tests/base/file_folder.h"

namespace adjoint {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using WriteFile = FileFolder;

constexpr size_t kMost = 4;  // Bytes that a slow disk takes in a call.

TEST_F(WriteFile, MakesAndReplaces) {
  ASSERT_TRUE(WriteFileAtomically(path_, absl::string_view("a\0b", 3)).ok());
  EXPECT_EQ(Contents(), std::string("a\0b", 3));
  ASSERT_TRUE(WriteFileAtomically(path_, "").ok());
  EXPECT_EQ(Contents(), "");
  const std::string large(3 << 20, 'x');
  ASSERT_TRUE(WriteFileAtomically(path_, large).ok());
  EXPECT_EQ(Contents(), large);
  EXPECT_EQ(Listing(), Names{"a"});
}

TEST_F(WriteFile, TakesPathsWithoutADirectory) {
  const fs::path before = fs::current_path();
  fs::current_path(directory_);
  const absl::Status status = WriteFileAtomically("a", "x");
  fs::current_path(before);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Contents(), "x");
}

TEST_F(WriteFile, HonoursTheUmask) {
  for (const auto& [mask, mode] :
       {std::pair(022, 0644), std::pair(077, 0600)}) {
    const mode_t before = umask(mask);
    const absl::Status status = WriteFileAtomically(path_, "x");
    umask(before);
    ASSERT_TRUE(status.ok()) << status;
    struct stat info;
    ASSERT_EQ(stat(path_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, static_cast<mode_t>(mode));
  }
}

TEST_F(WriteFile, StepsOverTheTemporaryOfAKilledProcess) {
  ASSERT_TRUE(WriteFileAtomically(path_, "old").ok());
  // The count in the names only grows, so one of the next is among these.
  for (int i = 0; i < 1000; ++i) {
    std::ofstream(path_ + "." + std::to_string(getpid()) + "-" +
                  std::to_string(i) + ".tmp")
        << "left";
  }
  ASSERT_TRUE(WriteFileAtomically(path_, "new").ok());
  EXPECT_EQ(Contents(), "new");
  EXPECT_EQ(Listing().size(), 1001u);
}

TEST_F(WriteFile, ReportsWhereItCannotWrite) {
  EXPECT_EQ(WriteFileAtomically(directory_ + "/b/c", "x"),
            absl::NotFoundError("cannot open " + directory_ +
                                "/b: No such file or directory"));
  // A directory in the way: the last step fails, and cleans up.
  ASSERT_TRUE(fs::create_directory(path_));
  EXPECT_EQ(WriteFileAtomically(path_, "x"),
            absl::FailedPreconditionError("cannot replace " + path_ +
                                          ": Is a directory"));
  EXPECT_EQ(Listing(), Names{"a"});
  std::ofstream(path_ + "/b") << "x";
  EXPECT_TRUE(
      absl::IsFailedPrecondition(WriteFileAtomically(path_ + "/b/c", "x")));
}

// The steps on a slow disk, for ten bytes.
const Names& Steps() {
  static const auto& steps =
      *new Names{"create", "write",  "write", "write", "fsync",
                 "close",  "rename", "fsync", "close"};
  return steps;
}

// Writes ten bytes on a slow disk.
absl::Status WriteTen(const std::string& path,
                      FailingDisk::Options options = {}) {
  options.most = kMost;
  const FailingDisk disk(options);
  return WriteFileAtomically(path, "ten bytes.");
}

TEST_F(WriteFile, FlushesBeforeAndAfterTheRename) {
  Names calls;
  {
    const FailingDisk disk({.most = kMost});
    EXPECT_TRUE(WriteFileAtomically(path_, "ten bytes.").ok());
    calls = disk.calls();
  }
  EXPECT_EQ(calls, Steps());
}

TEST_F(WriteFile, ThatNeedNotBeDurableDoesNotWaitForTheDisk) {
  std::ofstream(path_) << "old";
  Names calls;
  {
    const FailingDisk disk({.most = kMost});
    EXPECT_TRUE(
        WriteFileAtomically(path_, "ten bytes.", {.durable = false}).ok());
    calls = disk.calls();
  }
  Names expected = Steps();
  expected.erase(std::remove(expected.begin(), expected.end(), "fsync"),
                 expected.end());
  EXPECT_EQ(calls, expected);
  EXPECT_EQ(Contents(), "ten bytes.");
  EXPECT_EQ(Listing(), Names{"a"});
}

TEST_F(WriteFile, IsAllOrNothingWhicheverStepFails) {
  for (int error : {EIO, ENOSPC}) {
    for (int step = 0; step < 8; ++step) {
      SCOPED_TRACE(testing::Message() << "step " << step);
      std::ofstream(path_) << "old";
      const absl::Status status =
          WriteTen(path_, {.failing_call = step, .error = error});
      EXPECT_EQ(status.code(), absl::ErrnoToStatusCode(error)) << status;
      EXPECT_NE(status.message().find(path_.substr(0, directory_.size())),
                absl::string_view::npos);
      EXPECT_EQ(Contents(), step < 7 ? "old" : "ten bytes.");
      EXPECT_EQ(Listing(), Names{"a"});
    }
  }
}

TEST_F(WriteFile, WritesPiecesOneBehindTheOther) {
  const absl::string_view pieces[] = {"", "three ", "pieces", "."};
  ASSERT_TRUE(WriteFileAtomically(path_, pieces).ok());
  EXPECT_EQ(Contents(), "three pieces.");
  // A piece that fails is the last one.
  Names calls;
  {
    const FailingDisk disk({.failing_call = 2, .error = ENOSPC});
    EXPECT_TRUE(absl::IsResourceExhausted(WriteFileAtomically(path_, pieces)));
    calls = disk.calls();
  }
  EXPECT_EQ(calls, (Names{"create", "write", "write", "close", "close"}));
  EXPECT_EQ(Contents(), "three pieces.");
  EXPECT_EQ(Listing(), Names{"a"});
}

TEST_F(WriteFile, SurvivesInterruptions) {
  for (size_t step = 0; step < Steps().size(); ++step) {
    if (Steps()[step] == "rename") continue;  // Is never interrupted.
    std::ofstream(path_) << "old";
    const absl::Status status = WriteTen(
        path_, {.failing_call = static_cast<int>(step), .error = EINTR});
    EXPECT_TRUE(status.ok()) << "step " << step << ": " << status;
    EXPECT_EQ(Contents(), "ten bytes.");
  }
}

TEST_F(WriteFile, LeavesNoDescriptorOpen) {
  const auto descriptors = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = descriptors();
  EXPECT_TRUE(WriteFileAtomically(path_, "x").ok());
  EXPECT_TRUE(ReadFile(path_).ok());
  EXPECT_FALSE(ReadFile(path_, 0).ok());
  EXPECT_FALSE(ReadFile(directory_).ok());
  for (int step = 0; step < 8; ++step) {
    EXPECT_FALSE(WriteTen(path_, {.failing_call = step, .error = EIO}).ok());
  }
  EXPECT_EQ(descriptors(), before);
}

}  // namespace
}  // namespace adjoint
