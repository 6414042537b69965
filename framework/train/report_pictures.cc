#include "framework/train/report_pictures.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "framework/core/dtype.h"
#include "framework/io/picture.h"

namespace adjoint::train {
namespace {

constexpr int64_t kMaxUnits = 64;
// Of a tile, in pixels, or somewhat less; the page shows each as two by two,
// which is a third of the time to compress them.
constexpr int64_t kSide = 28;

// The picture whose values are x[channel, row, col], of DatasetInfo's meaning.
template <class T>
io::Picture PictureOf(const T* x, const data::DatasetInfo& info) {
  const Shape& shape = info.picture;
  io::Picture picture = {.rows = shape[-2],
                         .cols = shape[-1],
                         .channels = shape.rank() == 3 ? shape[0] : 1};
  const int64_t area = picture.rows * picture.cols;
  for (int64_t i = 0; i < area; ++i) {
    for (int64_t c = 0; c < picture.channels; ++c) {
      const auto value = static_cast<double>(x[c * area + i]);
      picture.pixels.push_back(
          io::ByteOf((value - info.black) / (info.white - info.black)));
    }
  }
  return picture;
}

// How many of `tiles`, each `ratio` times as wide as high, go beside each other
// for a picture twice as wide as high, or wider where all rows are full so.
int64_t Across(int64_t tiles, double ratio) {
  const auto least = static_cast<int64_t>(
      std::ceil(std::sqrt(2 * static_cast<double>(tiles) / ratio)));
  for (int64_t across = least; across < 2 * least; ++across) {
    if (tiles % across == 0) return across;
  }
  return std::min(tiles, least);
}

// Colours by number: blue at -1 through white at 0 to red at 1, in steps too
// small to be seen; the grey between tiles; black for NaN.
constexpr int kSteps = 126;  // From 0 to 1.
constexpr uint8_t kGrey = 2 * kSteps + 1, kBlack = kGrey + 1;

uint8_t ColourOf(double value) {
  if (std::isnan(value)) return kBlack;
  return static_cast<uint8_t>(std::lround(kSteps * (1 + value)));
}

std::vector<std::array<uint8_t, 3>> Palette() {
  std::vector<std::array<uint8_t, 3>> palette;
  for (int i = -kSteps; i <= kSteps; ++i) {
    palette.push_back(io::BlueToRed(static_cast<double>(i) / kSteps));
  }
  palette.push_back({160, 160, 160});
  palette.push_back({0, 0, 0});
  return palette;
}

// Values from -scale to scale, in tiles of `rows` by `cols` values with a grey
// line between them. Values are squares of some pixels where tiles would else
// be small.
template <class T>
io::Picture Tiles(const T* x, int64_t tiles, int64_t rows, int64_t cols,
                  double scale) {
  const int64_t zoom = std::max<int64_t>(1, kSide / std::max(rows, cols));
  const int64_t gap = 1 + zoom / 4;
  const int64_t high = rows * zoom + gap, wide = cols * zoom + gap;
  const int64_t across =
      Across(tiles, static_cast<double>(wide) / static_cast<double>(high));
  const int64_t down = (tiles + across - 1) / across;
  io::Picture picture = {.rows = down * high - gap,
                         .cols = across * wide - gap,
                         .palette = Palette()};
  picture.pixels.assign(picture.rows * picture.cols, kGrey);
  for (int64_t i = 0; i < tiles * rows; ++i) {
    const int64_t row = i / rows / across * high + i % rows * zoom;
    const int64_t col = i / rows % across * wide;
    const auto line = picture.pixels.begin() + row * picture.cols + col;
    for (int64_t c = 0; c < cols; ++c) {
      const double value = static_cast<double>(x[i * cols + c]) / scale;
      std::fill_n(line + c * zoom, zoom, ColourOf(value));
    }
    for (int64_t z = 1; z < zoom; ++z) {
      std::copy_n(line, cols * zoom, line + z * picture.cols);
    }
  }
  return picture;
}

}  // namespace

std::vector<std::string> MistakePictures(const Evaluation& evaluation,
                                         const data::Dataset& dataset) {
  const data::DatasetInfo info = dataset.info();
  const int64_t rank = info.picture.rank();
  const bool is_picture =
      rank == 2 ||
      (rank == 3 && (info.picture[0] == 1 || info.picture[0] == 3));
  std::vector<int64_t> examples;
  for (const Mistake& mistake : evaluation.mistakes()) {
    if (mistake.example < dataset.size()) examples.push_back(mistake.example);
  }
  if (!is_picture || examples.empty()) return {};
  const Tensor x = dataset.Gather(examples).x;
  const int64_t size = info.picture.size();
  if (!IsFloat(x.dtype()) ||
      x.size() != size * static_cast<int64_t>(examples.size())) {
    return {};
  }
  std::vector<std::string> files;
  VisitFloat(x.dtype(), [&](auto zero) {
    const auto* values = x.data<decltype(zero)>().data();
    for (size_t i = 0; i < examples.size(); ++i) {
      files.push_back(io::EncodePng(PictureOf(values + i * size, info)));
    }
  });
  return files;
}

std::optional<ReportPicture> FirstLayerPicture(const nn::Module& model,
                                               const data::DatasetInfo& info) {
  const std::vector<nn::NamedParameter> parameters = nn::Parameters(model);
  if (parameters.empty()) return std::nullopt;
  const Tensor weight = parameters[0].parameter.value();
  const Shape shape = weight.shape();
  if (!IsFloat(weight.dtype()) || weight.size() == 0) return std::nullopt;
  int64_t tiles, rows, cols;
  if (shape.rank() == 4 && shape[2] * shape[3] > 1) {
    tiles = shape[0] * shape[1], rows = shape[2], cols = shape[3];
  } else if (shape.rank() == 2 && info.picture.rank() >= 2 &&
             shape[1] == info.picture[-2] * info.picture[-1]) {
    tiles = shape[0], rows = info.picture[-2], cols = info.picture[-1];
  } else {
    return std::nullopt;
  }
  const int64_t shown = std::min(tiles, kMaxUnits);
  double scale = 0;
  io::Picture picture;
  VisitFloat(weight.dtype(), [&](auto zero) {
    const auto* x = weight.data<decltype(zero)>().data();
    for (int64_t i = 0; i < shown * rows * cols; ++i) {
      scale = std::max(scale, std::abs(static_cast<double>(x[i])));
    }
    picture = Tiles(x, shown, rows, cols, scale == 0 ? 1 : scale);
  });
  return ReportPicture{
      .caption = absl::StrCat(
          "Weights of the first layer, ", parameters[0].name,
          shown < tiles ? absl::StrCat(", the first ", shown, " of ", tiles)
                        : "",
          ". Blue is negative, red positive, white 0; full colour is ",
          absl::StrFormat("%.3g", scale), "."),
      .file = io::EncodePng(picture)};
}

}  // namespace adjoint::train
