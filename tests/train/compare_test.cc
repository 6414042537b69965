#include "framework/train/compare.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "framework/base/file.h"
#include "nlohmann/json.hpp"

namespace adjoint::train {
namespace {

constexpr char kLog[] =
    R"({"step":1,"epoch":1,"seconds":0.5,"split":"train","loss":2})"
    "\n"
    R"({"step":9,"epoch":1,"seconds":1.5,"split":"test","loss":null,)"
    R"("accuracy":0.75})"
    "\n";

// A folder of its own with these files.
class CompareTest : public testing::Test {
 protected:
  std::string Folder(const std::string& name) {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    const std::string path = testing::TempDir() + test->name() + "/" + name;
    EXPECT_TRUE(MakeDirectories(path).ok());
    return path;
  }
  std::string RunWith(const std::string& name, const std::string& config,
                      const std::string& log, const std::string& summary) {
    const std::string path = Folder(name);
    EXPECT_TRUE(WriteFileAtomically(path + "/config.json", config).ok());
    EXPECT_TRUE(WriteFileAtomically(path + "/metrics.jsonl", log).ok());
    if (!summary.empty()) {
      EXPECT_TRUE(WriteFileAtomically(path + "/summary.json", summary).ok());
    }
    return path;
  }
};

TEST_F(CompareTest, ReadsBackWhatARunHasLogged) {
  const absl::StatusOr<LoggedRun> run =
      ReadRun(RunWith("a", "{}", kLog, R"({"epochs":1})") + "/");
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->name, "a");
  EXPECT_EQ(run->summary, R"({"epochs":1})");
  ASSERT_EQ(run->rows.size(), 2U);
  EXPECT_EQ(run->rows[1].step, 9);
  EXPECT_EQ(run->rows[1].seconds, 1.5);
  EXPECT_EQ(run->rows[1].split, "test");
  ASSERT_EQ(run->rows[1].values.size(), 2U);
  EXPECT_EQ(run->rows[1].values[1].name, "accuracy");
  EXPECT_EQ(run->rows[1].values[1].value, 0.75);
}

TEST_F(CompareTest, DamagedFilesAreNamed) {
  const auto fails_with = [](const std::string& run, const std::string& text) {
    const absl::Status status = ReadRun(run).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_TRUE(absl::StrContains(status.message(), text)) << status;
  };
  fails_with(RunWith("config", "[]", kLog, ""), "config/config.json: ");
  fails_with(RunWith("log", "{}", std::string(kLog) + "{\"step\":\n", ""),
             "log/metrics.jsonl");
  fails_with(RunWith("text", "{}", "{\"step\":\"1\"}\n", ""),
             "text/metrics.jsonl");
  fails_with(RunWith("summary", "{}", kLog, "{"), "summary/summary.json: ");
  const absl::Status status = ReadRun(Folder("empty")).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_TRUE(
      absl::StrContains(status.message(), "empty: is not the folder of a run"))
      << status;
}

TEST_F(CompareTest, OnePageHasAllRuns) {
  const std::string a =
      RunWith("a", R"({"rate": 0.1})", kLog, R"({"wall_seconds": 3})");
  const std::string b = RunWith("b", R"({"rate": 0.2})", kLog, "");
  const std::string out = "--out=" + Folder("") + "page.html";
  const std::vector<const char*> arguments = {a.c_str(), out.c_str(),
                                              b.c_str()};
  const absl::StatusOr<std::string> path = Compare(arguments);
  ASSERT_TRUE(path.ok()) << path.status();
  const std::string page = *ReadFile(*path);
  const std::string begin = "id=\"data\">";
  const size_t at = page.find(begin) + begin.size();
  const auto data =
      nlohmann::json::parse(page.substr(at, page.find("</script", at) - at));
  EXPECT_EQ(data["kind"], "comparison");
  ASSERT_EQ(data["runs"].size(), 2U);
  EXPECT_EQ(data["runs"][0]["name"], "a");
  EXPECT_EQ(data["runs"][0]["summary"]["wall_seconds"], 3);
  EXPECT_EQ(data["runs"][1]["config"]["rate"], 0.2);
  EXPECT_TRUE(data["runs"][1]["summary"].is_null());
  EXPECT_EQ(data["runs"][1]["seconds"], 1.5);
  EXPECT_EQ(data["runs"][1]["curves"][1]["value"], nlohmann::json({0.75}));
}

TEST_F(CompareTest, RunsOfOneNameAreToldApartByTheirPaths) {
  const std::string a = RunWith("a", "{}", kLog, "");
  const std::string again = a + "/";
  const std::string out = "--out=" + Folder("") + "page.html";
  const std::vector<const char*> arguments = {a.c_str(), again.c_str(),
                                              out.c_str()};
  const absl::StatusOr<std::string> path = Compare(arguments);
  ASSERT_TRUE(path.ok()) << path.status();
  const std::string page = *ReadFile(*path);
  EXPECT_TRUE(absl::StrContains(page, "{\"name\":\"a\","));
  EXPECT_TRUE(absl::StrContains(page, "{\"name\":\"" + again + "\","));
}

TEST_F(CompareTest, OtherArgumentsAreRefused) {
  for (const std::vector<const char*>& arguments :
       {std::vector<const char*>{}, {"--what"}, {"--out=x"}, {""}}) {
    EXPECT_EQ(Compare(arguments).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace adjoint::train
