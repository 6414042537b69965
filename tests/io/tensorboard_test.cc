#include "framework/io/tensorboard.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "framework/io/crc32c.h"

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

}  // namespace
}  // namespace adjoint::io
