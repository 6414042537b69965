#include "framework/train/display.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "framework/train/display_text.h"
#include "framework/train/fields.h"

namespace adjoint::train {
namespace {

// What is detected on a terminal with these variables.
Display OnTerminal(const std::map<std::string, std::string>& variables) {
  return DetectDisplay(
      {.is_terminal = true, .variable = [&](const std::string& name) {
         const auto found = variables.find(name);
         return found == variables.end() ? std::string() : found->second;
       }});
}

TEST(DetectDisplay, IsLiveOnATerminalThatCanMoveTheCursor) {
  EXPECT_TRUE(OnTerminal({{"TERM", "xterm"}}).live);
  EXPECT_FALSE(OnTerminal({{"TERM", "dumb"}}).live);
  EXPECT_FALSE(OnTerminal({}).live);
  EXPECT_FALSE(OnTerminal({{"TERM", "xterm"}, {"CI", "true"}}).live);
}

TEST(DetectDisplay, IsPlainInAPipe) {
  const Display display = DetectDisplay(
      {.is_terminal = false, .variable = [](const std::string& name) {
         return std::string(name == "TERM" ? "xterm" : "");
       }});
  EXPECT_FALSE(display.live);
  EXPECT_FALSE(display.color);
}

TEST(DetectDisplay, HasColorsUnlessNoColorIsSet) {
  EXPECT_TRUE(OnTerminal({{"TERM", "xterm"}}).color);
  EXPECT_TRUE(OnTerminal({{"TERM", "xterm"}, {"NO_COLOR", ""}}).color);
  const Display display = OnTerminal({{"TERM", "xterm"}, {"NO_COLOR", "1"}});
  EXPECT_TRUE(display.live);
  EXPECT_FALSE(display.color);
}

TEST(DetectDisplay, AsksTheFirstLocaleVariableThatIsSet) {
  EXPECT_TRUE(OnTerminal({{"LANG", "en_GB.UTF-8"}}).utf8);
  EXPECT_TRUE(OnTerminal({{"LC_CTYPE", "C.utf8"}, {"LANG", "C"}}).utf8);
  EXPECT_FALSE(OnTerminal({{"LC_ALL", "C"}, {"LANG", "en_GB.UTF-8"}}).utf8);
  EXPECT_FALSE(OnTerminal({}).utf8);
}

TEST(DisplayColumns, CountsCharactersByTheirWidth) {
  EXPECT_EQ(DisplayColumns("loss"), 4);
  EXPECT_EQ(DisplayColumns("━╸→±"), 4);
  EXPECT_EQ(DisplayColumns("猫"), 2);
  EXPECT_EQ(DisplayColumns("e\u0301"), 1);
}

TEST(CutToColumns, NeverCutsACharacter) {
  EXPECT_EQ(CutToColumns("━━━", 2), "━━");
  EXPECT_EQ(CutToColumns("a猫", 2), "a");
  EXPECT_EQ(CutToColumns("abc", 9), "abc");
}

TEST(EscapeControls, LeavesATerminalNothingToObey) {
  EXPECT_EQ(EscapeControls("\033[2Jcat\n\x7f"), "\\x1b[2Jcat\\x0a\\x7f");
  EXPECT_EQ(EscapeControls("\u009b2J"), "\\xc2\\x9b2J");  // CSI in one.
  EXPECT_EQ(EscapeControls("\x9b\xe2\x94"), "\\x9b\\xe2\\x94");
  EXPECT_EQ(EscapeControls("\xc0\x8a\xed\xa0\x80"),  // Overlong; a surrogate.
            "\\xc0\\x8a\\xed\\xa0\\x80");
  EXPECT_EQ(EscapeControls("Käse → 猫"), "Käse → 猫");
}

TEST(FitFields, LeavesOutTheHighestRankAndOfEqualsTheLast) {
  const std::vector<Field> fields = {
      {"aa", 0}, {"bb", 2}, {"cc", 1}, {"dd", 2}};
  const auto fit = [&](int columns) {
    return FitFields(fields, {.columns = [=] { return columns; }});
  };
  EXPECT_EQ(fit(15), "aa  bb  cc  dd");
  EXPECT_EQ(fit(14), "aa  bb  cc");
  EXPECT_EQ(fit(10), "aa  cc");
  EXPECT_EQ(fit(6), "aa");
  EXPECT_EQ(fit(2), "a");
}

TEST(FitFields, CountsNoColumnsForColors) {
  EXPECT_EQ(FitFields({{"a", 0, Style::kBold}, {"b", 0, Style::kGreen}},
                      {.color = true, .columns = [] { return 5; }}),
            "\033[1ma\033[0m  \033[32mb\033[0m");
}

// What TableColumns says where stdout is a terminal of so many columns.
int TableColumnsOn(int columns) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  EXPECT_GE(terminal, 0);
  EXPECT_EQ(grantpt(terminal), 0);
  EXPECT_EQ(unlockpt(terminal), 0);
  winsize size = {};
  size.ws_col = static_cast<uint16_t>(columns);
  EXPECT_EQ(ioctl(terminal, TIOCSWINSZ, &size), 0);
  const int program = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  std::fflush(stdout);
  const int before = dup(STDOUT_FILENO);
  dup2(program, STDOUT_FILENO);
  const int said = TableColumns();
  dup2(before, STDOUT_FILENO);
  for (const int descriptor : {terminal, program, before}) close(descriptor);
  return said;
}

TEST(TableColumns, AreThoseOfTheTerminalWithinReason) {
  EXPECT_EQ(TableColumnsOn(90), 90);
  EXPECT_EQ(TableColumnsOn(140), 100);
  EXPECT_EQ(TableColumnsOn(30), 60);
  EXPECT_EQ(TableColumnsOn(0), 80) << "a serial line";
}

}  // namespace
}  // namespace adjoint::train
