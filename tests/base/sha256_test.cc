#include "framework/base/sha256.h"

#include <gtest/gtest.h>

#include <string>

namespace adjoint {
namespace {

// The examples that NIST publishes with FIPS 180.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(Sha256Hex(""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(
      Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(
      Sha256Hex("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(Sha256Hex(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// sha256sum's output for 0, 1, ..., 129 bytes of 'a', hashed in that order.
TEST(Sha256, PadsEveryLengthAroundABlockAsSha256sumDoes) {
  std::string digests;
  for (int n = 0; n < 130; ++n) digests += Sha256Hex(std::string(n, 'a'));
  EXPECT_EQ(Sha256Hex(digests),
            "c665ed20ef30f158e90c7e921d8182bc0943c4b087a82f64a18d417bcdfadce7");
}

TEST(Sha256, PiecesGiveTheDigestOfTheWhole) {
  std::string bytes(300, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(7 * i);
  const std::string whole = Sha256Hex(bytes);
  for (size_t piece : {1, 3, 55, 56, 63, 64, 65, 128, 299}) {
    Sha256 sha256;
    for (size_t i = 0; i < bytes.size(); i += piece) {
      sha256.Update("");
      sha256.Update(absl::string_view(bytes).substr(i, piece));
    }
    EXPECT_EQ(sha256.HexDigest(), whole) << piece;
  }
}

TEST(Sha256, DigestMayBeReadBeforeTheEnd) {
  Sha256 sha256;
  sha256.Update("a");
  EXPECT_EQ(sha256.HexDigest(), Sha256Hex("a"));
  sha256.Update("bc");
  EXPECT_EQ(sha256.HexDigest(), Sha256Hex("abc"));
}

}  // namespace
}  // namespace adjoint
