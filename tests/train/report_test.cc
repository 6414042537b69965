#include "framework/train/report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "framework/adjoint.h"
#include "framework/train/curves.h"
#include "framework/train/page.h"
#include "framework/train/report_pictures.h"
#include "nlohmann/json.hpp"
#include "tests/io/read_png.h"

namespace adjoint::train {
namespace {

const std::string kDataBegin = "<script type=\"application/json\" id=\"data\">";

int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// What a browser takes for the page's data.
nlohmann::json DataOf(const std::string& page) {
  const size_t begin = page.find(kDataBegin) + kDataBegin.size();
  return nlohmann::json::parse(
      page.substr(begin, page.find("</script", begin) - begin));
}

Evaluation OneMistake() {
  Evaluation evaluation;
  const Tensor x = FromValues({2, 2}, {0, 3, 3, 0});
  const Tensor y = FromValues<int32_t>({2}, {0, 0});
  evaluation.Add({x, y}, {Full({}, 1), x, y});
  return evaluation;
}

TEST(Report, HoldsWhatWasPutIn) {
  const Evaluation evaluation = OneMistake();
  const std::vector<MetricRow> rows = {
      {10, 1, 0.5, "train", {{"loss", 0.25}, {"learning_rate", 0.1}}},
      {20, 2, 0.9, "train", {{"loss", std::nan("")}}},
      {30, 3, 1.5, "train", {{"loss", 0.125}}}};
  const nlohmann::json data =
      DataOf(RenderReport({.title = "a run",
                           .running = true,
                           .config = R"({"seed": 42})",
                           .rows = rows,
                           .evaluation = &evaluation,
                           .class_names = {"cat", "dog"},
                           .units = {{"relative error", "%"}},
                           .mistakes = {"\x89PNG"},
                           .pictures = {{"A drawing", "<svg/>"}},
                           .texts = {{"A sample", "To be"}},
                           .time_by_op = {{"matmul", 1.5, 3, 0.75}}}));
  EXPECT_EQ(data["title"], "a run");
  EXPECT_EQ(data["running"], true);
  EXPECT_EQ(data["config"]["seed"], 42);
  EXPECT_TRUE(data["summary"].is_null());
  EXPECT_EQ(data["curves"][0]["step"], nlohmann::json({10, 30}));
  EXPECT_EQ(data["curves"][0]["value"], nlohmann::json({0.25, 0.125}));
  EXPECT_EQ(data["curves"][1]["name"], "learning_rate");
  const nlohmann::json& shown = data["shown"];
  EXPECT_EQ(shown["class_names"][1], "dog");
  EXPECT_EQ(shown["units"]["relative error"], "%");
  EXPECT_EQ(shown["texts"][0]["text"], "To be");
  EXPECT_EQ(shown["time_by_op"][0]["share"], 0.75);
  const nlohmann::json& classes = shown["classification"];
  EXPECT_EQ(classes["confusion"]["counts"], nlohmann::json({1, 1, 0, 0}));
  EXPECT_EQ(classes["mistakes"][0]["example"], 0);
  // RFC 4648, of 89 50 4e 47 and of "<svg/>".
  EXPECT_EQ(classes["mistakes"][0]["picture"],
            "data:image/png;base64,iVBORw==");
  EXPECT_EQ(shown["pictures"][0]["picture"],
            "data:image/svg+xml;base64,PHN2Zy8+");
}

TEST(Report, HostileTextsStayTexts) {
  const std::string hostile =
      "</script><script>alert(1)</script><!--\"'&\x01{{report.css}}";
  const std::string calm = RenderReport({.title = "calm"});
  const std::string page =
      RenderReport({.title = hostile,
                    .config = "{\"a</script>\": \"</script>\"}",
                    .class_names = {hostile},
                    .texts = {{hostile, hostile + "\xff"}}});
  // No tag more than in a page without any of it.
  for (const char* part :
       {"<script", "</script", "<!--", "<title", "alert(1)<", "--paper:"}) {
    EXPECT_EQ(CountOf(page, part), CountOf(calm, part)) << part;
  }
  const nlohmann::json data = DataOf(page);
  EXPECT_EQ(data["title"], hostile);
  EXPECT_EQ(data["config"]["a</script>"], "</script>");
  EXPECT_EQ(data["shown"]["class_names"][0], hostile);
  EXPECT_EQ(data["shown"]["texts"][0]["text"], hostile + "\uFFFD");
}

TEST(Report, AsksNothingOfANetwork) {
  std::string page = RenderReport({.title = "calm"});
  // The name of a language of pictures, not an address that is read.
  const std::string svg = "http://www.w3.org/2000/svg";
  page.erase(page.find(svg), svg.size());
  EXPECT_EQ(CountOf(page, "http:") + CountOf(page, "https:"), 0);
  EXPECT_EQ(CountOf(page, "src=\""), 0);
}

TEST(Report, AConfigurationThatIsNotJsonIsNull) {
  EXPECT_TRUE(DataOf(RenderReport({.config = "{\"a\":"}))["config"].is_null());
  EXPECT_TRUE(
      DataOf(RenderReport({.config = std::string(100000, '[')}))["config"]
          .is_null());
}

TEST(Report, RegressionHasPairs) {
  Evaluation evaluation;
  const Tensor x = FromValues({2}, {1, 3});
  evaluation.Add({x, x}, {Full({}, 0), x, x});
  const nlohmann::json data = DataOf(RenderReport({.evaluation = &evaluation}));
  EXPECT_EQ(data["shown"]["regression"]["pairs"],
            nlohmann::json({{1, 1}, {3, 3}}));
  EXPECT_EQ(data["shown"]["regression"]["r_squared"], 1);
}

TEST(Curves, KeepSpikesWhenThinnedOut) {
  std::vector<MetricRow> rows;
  for (int64_t step = 1; step <= 100000; ++step) {
    const double loss = step == 54321 ? 99 : step == 54322 ? -99 : 1;
    rows.push_back({step, 1, 0, "train", {{"loss", loss}}});
  }
  const std::vector<Curve> curves = Curves(rows, 100);
  ASSERT_EQ(curves.size(), 1U);
  EXPECT_LE(curves[0].points.size(), 100U);
  std::vector<int64_t> spikes;
  for (const Curve::Point& point : curves[0].points) {
    if (std::abs(point.value) == 99) spikes.push_back(point.step);
  }
  EXPECT_EQ(spikes, (std::vector<int64_t>{54321, 54322}));
}

class Pictures : public data::TensorDataset {
 public:
  using TensorDataset::TensorDataset;
  data::DatasetInfo info() const override {
    return {.picture = {1, 2}, .black = -1, .white = 1};
  }
};

TEST(ReportPictures, ShowMistakesBetweenBlackAndWhite) {
  const Pictures dataset(FromValues({2, 2}, {-1, 1, 0, 0}),
                         FromValues<int32_t>({2}, {0, 0}));
  const io::Picture wanted = {.rows = 1, .cols = 2, .pixels = {0, 255}};
  EXPECT_EQ(MistakePictures(OneMistake(), dataset),
            std::vector<std::string>{io::EncodePng(wanted)});
  const data::TensorDataset plain(FromValues({2, 2}, {-1, 1, 0, 0}),
                                  FromValues<int32_t>({2}, {0, 0}));
  EXPECT_TRUE(MistakePictures(OneMistake(), plain).empty());
}

TEST(ReportPictures, WeightsAreBlueBelowZeroAndRedAbove) {
  Rng rng(1);
  const nn::Linear layer(2, 1, rng);
  nn::Parameters(layer)[0].parameter.Set(FromValues({1, 2}, {-2, 2}));
  const auto picture = FirstLayerPicture(layer, {.picture = {1, 2}});
  ASSERT_TRUE(picture.has_value());
  // Each weight is a square of 14 pixels.
  const io::Picture shown = io::ReadPng(picture->file);
  EXPECT_EQ(shown.rows, 14);
  EXPECT_EQ(shown.cols, 28);
  std::vector<uint8_t> wanted;
  for (int i = 0; i < 14 * 28; ++i) {
    const bool red = i % 28 >= 14;
    for (const int level : {red ? 255 : 0, 0, red ? 0 : 255}) {
      wanted.push_back(static_cast<uint8_t>(level));
    }
  }
  EXPECT_EQ(shown.pixels, wanted);
  // No weight is white; one that is not a number, black.
  nn::Parameters(layer)[0].parameter.Set(
      FromValues({1, 2}, {0, std::nanf("")}));
  const auto odd =
      io::ReadPng(FirstLayerPicture(layer, {.picture = {1, 2}})->file);
  EXPECT_EQ(odd.pixels[0], 255);
  EXPECT_EQ(odd.pixels.back(), 0);
  // Four beside each other and a row of them: no tile is missing in a row.
  const nn::Conv2d kernels(1, 4, 28, rng);
  EXPECT_EQ(FirstLayerPicture(kernels, {})->file.substr(16, 8),
            std::string("\0\0\0\x73\0\0\0\x1c", 8));  // 4 * 29 - 1 and 28.
  EXPECT_FALSE(FirstLayerPicture(layer, {.picture = {3, 3}}).has_value());
  EXPECT_FALSE(FirstLayerPicture(layer, {}).has_value());
}

}  // namespace
}  // namespace adjoint::train
