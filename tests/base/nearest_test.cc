#include "framework/base/nearest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace adjoint {
namespace {

using Names = std::vector<absl::string_view>;

TEST(Nearest, TakesAnEditOfEachKind) {
  const Names names = {"encoder.weight", "decoder.weight"};
  EXPECT_EQ(NearestOf("encoder.weight", names), "encoder.weight");
  EXPECT_EQ(NearestOf("encoder.weigt", names), "encoder.weight");
  EXPECT_EQ(NearestOf("encoder.weightt", names), "encoder.weight");
  EXPECT_EQ(NearestOf("encodEr.weight", names), "encoder.weight");
  EXPECT_EQ(NearestOf("dcoder.weight", names), "decoder.weight");
}

TEST(Nearest, TakesTwoThatChangedPlacesForOneEdit) {
  EXPECT_EQ(NearestOf("sdg", Names{"adam", "sgd"}), "sgd");
  EXPECT_EQ(NearestOf("dsg", Names{"sgd"}), "");
  EXPECT_EQ(NearestOf("gsd", Names{"sgd"}), "sgd");
  EXPECT_EQ(NearestOf("dgs", Names{"sgd"}), "");
  EXPECT_EQ(NearestOf("sede", Names{"side_", "seed"}), "seed");
}

TEST(Nearest, PrefersTheFirstOfEqualOnes) {
  EXPECT_EQ(NearestOf("0.bias", Names{"1.bias", "2.bias"}), "1.bias");
  EXPECT_EQ(NearestOf("0.bias", Names{"2.bias", "1.bias"}), "2.bias");
  EXPECT_EQ(NearestOf("0.bias", Names{"21.bias", "1.bias"}), "1.bias");
}

TEST(Nearest, AllowsAThirdOfTheLengthAndOne) {
  // Six letters: three edits are near, four are not.
  EXPECT_EQ(NearestOf("abcdef", Names{"abcxyz"}), "abcxyz");
  EXPECT_EQ(NearestOf("abcdef", Names{"abwxyz"}), "");
  EXPECT_EQ(NearestOf("abcdef", Names{"abc"}), "abc");
  EXPECT_EQ(NearestOf("abcdef", Names{"ab"}), "");
  EXPECT_EQ(NearestOf("abcdef", Names{"abcdefghi"}), "abcdefghi");
  EXPECT_EQ(NearestOf("abcdef", Names{"abcdefghij"}), "");
}

TEST(Nearest, LeavesHalfOfTheLetters) {
  EXPECT_EQ(NearestOf("a", Names{"x", "y"}), "");
  EXPECT_EQ(NearestOf("a", Names{"x", "a"}), "a");
  EXPECT_EQ(NearestOf("a", Names{"x", "ab"}), "ab");
  EXPECT_EQ(NearestOf("ab", Names{"xb"}), "xb");
  EXPECT_EQ(NearestOf("abc", Names{"xyc"}), "");
  EXPECT_EQ(NearestOf("abc", Names{"xbc"}), "xbc");
  EXPECT_EQ(NearestOf("abc", Names{"xycd"}), "");
}

TEST(Nearest, IsEmptyWithoutNames) {
  EXPECT_EQ(NearestOf("abc", {}), "");
  EXPECT_EQ(NearestOf("", Names{"abc"}), "");
}

}  // namespace
}  // namespace adjoint
