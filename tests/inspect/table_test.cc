#include "framework/inspect/table.h"

#include <gtest/gtest.h>

namespace adjoint::inspect {
namespace {

TEST(ShortFigures, AreThreeDigitsAndAUnit) {
  EXPECT_EQ(ShortBytes(0), "");
  EXPECT_EQ(ShortBytes(999), "999B");
  EXPECT_EQ(ShortBytes(1000), "0.98K");
  EXPECT_EQ(ShortBytes(1023 * 1024), "1.00M");
  EXPECT_EQ(ShortBytes(int64_t{3} << 40), "3.00T");
  EXPECT_EQ(ShortCount(0), "");
  EXPECT_EQ(ShortCount(7), "7");
  EXPECT_EQ(ShortCount(16384), "16.4k");
  EXPECT_EQ(ShortCount(25690112), "25.7M");
  EXPECT_EQ(ShortCount(999.6e6), "1.00G");
  EXPECT_EQ(ShortDuration(3.86e-6), "3.9us");
  EXPECT_EQ(ShortDuration(113.6e-6), "114us");
  EXPECT_EQ(ShortDuration(1.83e-3), "1.83ms");
  EXPECT_EQ(ShortDuration(125), "125s");
}

// A clock counts in tens of nanoseconds: 50 of them must not read 0.0.
TEST(Figures, ThatWouldReadZeroAreLeftOut) {
  for (const double seconds : {0.0, 10e-9, 40e-9, 50e-9}) {
    EXPECT_EQ(Duration(seconds), "");
    EXPECT_EQ(ShortDuration(seconds), "");
  }
  EXPECT_EQ(Duration(60e-9), "0.1 us");
  EXPECT_EQ(ShortDuration(60e-9), "0.1us");
}

TEST(Table, IsAPlainTableWhereAllFits) {
  EXPECT_EQ(Table({{"n", "name", "text"}, {"12", "a", "some words"}},
                  {.figures = 1, .width = 21}),
            R"(  n  name  text
 12  a     some words
)");
}

TEST(Table, ClosesUpForAWordThatFitsThen) {
  const std::vector<TableRow> rows = {{"n", "m", "text"}, {"1", "2", "a_word"}};
  EXPECT_EQ(Table(rows, {.figures = 2, .width = 13}),
            " n  m  text\n 1  2  a_word\n");
  EXPECT_EQ(Table(rows, {.figures = 2, .width = 12}),
            " n m text\n 1 2 a_word\n");
  EXPECT_EQ(Table(rows, {.figures = 2, .width = 10}),
            " n  m  text\n 1  2  a_word\n");
}

TEST(Table, PutsWhatDoesNotFitBelow) {
  EXPECT_EQ(Table({{"n", "name", "text"},
                   {"12", "a", "some words"},
                   {"3", "a-long-name", "and a_very_long_word then"},
                   {"4", "", "words"}},
                  {.figures = 1, .width = 20}),
            R"(  n  name  text
 12  a     some
           words
  3  a-long-name
           and
           a_very_long_word
           then
  4        words
)");
}

}  // namespace
}  // namespace adjoint::inspect
