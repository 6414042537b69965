#include "framework/io/tensorboard.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "framework/io/crc32c.h"
#include "tests/io/read_events.h"

namespace adjoint::io {
namespace {

TEST(Crc32c, HasThePublishedValues) {
  // RFC 3720, appendix B.4, and the usual check value.
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aa);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43);
  std::string up, down;
  for (int i = 0; i < 32; ++i) {
    up.push_back(static_cast<char>(i));
    down.push_back(static_cast<char>(31 - i));
  }
  EXPECT_EQ(Crc32c(up), 0x46dd794e);
  EXPECT_EQ(Crc32c(down), 0x113fdb5c);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283);
}

// The lines that golden/tensorboard.py prints.
TEST(Records, AreTheBytesThatTensorBoardReads) {
  EXPECT_EQ(absl::BytesToHexString(FileVersionRecord(1.5)),
            "1a00000000000000129bd82d09000000000000f83f10001a0d627261696e2e4576"
            "656e743a32d3dc531e");
  EXPECT_EQ(absl::BytesToHexString(RestartRecord(1.5, 300)),
            "100000000000000095fbfe1809000000000000f83f10ac023a020801713b788a");
  EXPECT_EQ(absl::BytesToHexString(ScalarsRecord(
                1.5, 7, {{"loss/train", 0.1}, {"learning_rate", -2}})),
            "36000000000000004f578cef09000000000000f83f10072a290a110a0a6c6f7373"
            "2f747261696e15cdcccc3d0a140a0d6c6561726e696e675f7261746515000000c0"
            "bbb9658b");
}

std::string NewFolder() {
  const std::string folder = testing::TempDir() + "tensorboard_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

TEST(EventWriter, WritesAVersionAndItsRecords) {
  const std::string folder = NewFolder();
  const auto writer = *EventWriter::Open(folder);
  writer->Restart(3);
  writer->Add(4, {{"loss/train", 0.5}, {"rate", 2}});
  writer->Add(5, {{"loss/train", 0.25}});
  writer->Add(6, {{"loss/train", 0.125}}, /*seconds_ago=*/1000);
  ASSERT_TRUE(writer->Flush().ok());
  const Events read = ReadEvents(writer->path());
  EXPECT_TRUE(read.whole);
  ASSERT_EQ(read.events.size(), 5u);
  EXPECT_EQ(read.events[0].version, "brain.Event:2");
  EXPECT_TRUE(read.events[1].restart);
  EXPECT_EQ(read.events[1].step, 3);
  const std::vector<std::pair<std::string, float>> scalars = {
      {"loss/train", 0.5}, {"rate", 2}};
  EXPECT_EQ(read.events[2].scalars, scalars);
  EXPECT_EQ(read.events[3].step, 5);
  EXPECT_GT(read.events[0].time, 1.7e9);  // Seconds since 1970.
  EXPECT_LE(read.events[0].time, read.events[3].time);
  EXPECT_LT(read.events[4].time, read.events[3].time - 900);
}

// As a run does that is killed while it writes, and resumed after step 4.
TEST(EventWriter, ATornRecordAndWhatComesAgainAreNotShown) {
  const std::string folder = NewFolder();
  std::string torn;
  {
    const auto writer = *EventWriter::Open(folder);
    writer->Restart(0);
    for (const int64_t step : {2, 4, 6}) writer->Add(step, {{"loss", 1}});
    ASSERT_TRUE(writer->Flush().ok());
    writer->Add(8, {{"loss", 1}});
    ASSERT_TRUE(writer->Flush().ok());
    torn = writer->path();
  }
  std::filesystem::resize_file(torn, std::filesystem::file_size(torn) - 3);
  EXPECT_FALSE(ReadEvents(torn).whole);
  const auto writer = *EventWriter::Open(folder);
  writer->Restart(4);
  for (const int64_t step : {4, 6, 8}) writer->Add(step, {{"loss", 2}});
  ASSERT_TRUE(writer->Flush().ok());
  using Shown = std::vector<std::tuple<int64_t, std::string, float>>;
  EXPECT_EQ(
      ShownScalars(folder),
      (Shown{{2, "loss", 1}, {4, "loss", 2}, {6, "loss", 2}, {8, "loss", 2}}));
}

// However fast they follow each other, and whatever the clock does.
TEST(EventWriter, ALaterFileHasALaterName) {
  const std::string folder = NewFolder();
  std::ofstream(folder + "/events.out.tfevents.4000000000.a.1.0") << "";
  std::ofstream(folder + "/events.out.tfevents.99999999999999999999.b") << "";
  std::string last = folder + "/events.out.tfevents.4000000000.a.1.0";
  for (int i = 0; i < 12; ++i) {
    const auto writer = *EventWriter::Open(folder);
    EXPECT_GT(writer->path(), last);
    last = writer->path();
  }
}

}  // namespace
}  // namespace adjoint::io
