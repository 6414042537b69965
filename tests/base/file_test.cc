#include "framework/base/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/base/failing_disk.h"

namespace adjoint {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

constexpr size_t kMost = 4;  // Bytes that a slow disk gives and takes a call.

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + "file_test_" +
                 testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(directory_);
    fs::create_directory(directory_);
    path_ = directory_ + "/a";
  }
  void TearDown() override { fs::remove_all(directory_); }

  // What the standard library finds there.
  std::string Contents() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  Names Listing() const {
    Names names;
    for (const auto& entry : fs::directory_iterator(directory_)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  std::string directory_, path_;
};

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

TEST_F(FileTest, WriteFileMakesAndReplaces) {
  ASSERT_TRUE(WriteFileAtomically(path_, absl::string_view("a\0b", 3)).ok());
  EXPECT_EQ(Contents(), std::string("a\0b", 3));
  ASSERT_TRUE(WriteFileAtomically(path_, "").ok());
  EXPECT_EQ(Contents(), "");
  const std::string large(3 << 20, 'x');
  ASSERT_TRUE(WriteFileAtomically(path_, large).ok());
  EXPECT_EQ(Contents(), large);
  EXPECT_EQ(Listing(), Names{"a"});
}

TEST_F(FileTest, WriteFileTakesPathsWithoutADirectory) {
  const fs::path before = fs::current_path();
  fs::current_path(directory_);
  const absl::Status status = WriteFileAtomically("a", "x");
  fs::current_path(before);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Contents(), "x");
}

TEST_F(FileTest, WriteFileHonoursTheUmask) {
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

TEST_F(FileTest, WriteFileStepsOverTheTemporaryOfAKilledProcess) {
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

TEST_F(FileTest, WriteFileReportsWhereItCannotWrite) {
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

TEST_F(FileTest, WriteFileFlushesBeforeAndAfterTheRename) {
  Names calls;
  {
    const FailingDisk disk({.most = kMost});
    EXPECT_TRUE(WriteFileAtomically(path_, "ten bytes.").ok());
    calls = disk.calls();
  }
  EXPECT_EQ(calls, Steps());
}

TEST_F(FileTest, WriteFileThatNeedNotBeDurableDoesNotWaitForTheDisk) {
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

TEST_F(FileTest, WriteFileIsAllOrNothingWhicheverStepFails) {
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

TEST_F(FileTest, WriteFileWritesPiecesOneBehindTheOther) {
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

TEST_F(FileTest, WriteFileSurvivesInterruptions) {
  for (size_t step = 0; step < Steps().size(); ++step) {
    if (Steps()[step] == "rename") continue;  // Is never interrupted.
    std::ofstream(path_) << "old";
    const absl::Status status = WriteTen(
        path_, {.failing_call = static_cast<int>(step), .error = EINTR});
    EXPECT_TRUE(status.ok()) << "step " << step << ": " << status;
    EXPECT_EQ(Contents(), "ten bytes.");
  }
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

TEST_F(FileTest, NoDescriptorIsLeftOpen) {
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
