#include "framework/train/load.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "framework/adjoint.h"
#include "framework/base/file.h"
#include "framework/io/npy.h"
#include "framework/io/safetensors.h"

namespace adjoint::train {
namespace {

const std::string kGolden = "tests/train/golden/";

nn::Sequential Mlp(uint64_t seed, int64_t hidden = 4) {
  Rng rng(seed);
  return nn::Sequential(nn::Linear(6, hidden, rng), nn::Relu(),
                        nn::Linear(hidden, 3, rng));
}

// A file of these tensors.
std::string FileOf(const std::vector<io::NamedTensor>& tensors) {
  const std::string path =
      testing::TempDir() +
      testing::UnitTest::GetInstance()->current_test_info()->name() +
      ".safetensors";
  const absl::Status status = io::WriteSafetensors(path, tensors);
  EXPECT_TRUE(status.ok()) << status;
  return path;
}

// The tensors that Mlp has, all elements `value`.
std::vector<io::NamedTensor> MlpTensors(double value) {
  return {{"0.weight", Full({4, 6}, value)},
          {"0.bias", Full({4}, value)},
          {"2.weight", Full({3, 4}, value)},
          {"2.bias", Full({3}, value)}};
}

// That the message is of these lines behind the path.
void ExpectMessage(const absl::Status& status, const std::string& path,
                   const std::string& lines) {
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(status.message(),
            absl::StrCat(path, " does not fit the model:", lines));
}

TEST(LoadInto, GivesTheLogitsThatPyTorchComputed) {
  const nn::Sequential model = Mlp(7);
  const absl::Status status =
      LoadInto(model, kGolden + "mlp_pytorch.safetensors");
  ASSERT_TRUE(status.ok()) << status;
  const auto x = io::ReadNpy(kGolden + "mlp_pytorch_x.npy");
  const auto y = io::ReadNpy(kGolden + "mlp_pytorch_y.npy");
  ASSERT_TRUE(x.ok() && y.ok()) << x.status() << y.status();
  const Tensor logits = model(*x);
  ASSERT_EQ(logits.shape(), (Shape{5, 3}));
  ASSERT_EQ(y->shape(), logits.shape());
  for (int64_t i = 0; i < y->size(); ++i) {
    EXPECT_NEAR(logits.data<float>()[i], y->data<float>()[i], 1e-6);
  }
}

TEST(SaveWeights, WritesTheBytesThatPyTorchsSideWrote) {
  const nn::Sequential model = Mlp(7);
  ASSERT_TRUE(LoadInto(model, kGolden + "mlp_pytorch.safetensors").ok());
  const std::string path = testing::TempDir() + "as_pytorch.safetensors";
  const absl::Status status = SaveWeights(model, path, {{"format", "pt"}});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(*ReadFile(path) ==
              *ReadFile(kGolden + "mlp_pytorch.safetensors"));
}

// Parameters of every kind: of two dtypes, not trained, tied, undefined.
class Mixture final : public nn::Module {
 public:
  explicit Mixture(double value)
      : weight_(Full({2, 3}, value)),
        precise_(Full({}, value, DType::kF64)),
        steps_(Full({2}, value, DType::kI32), {.trainable = false}),
        none_(Zeros({0, 3})),
        tied_(weight_) {}
  void Visit(nn::Visitor& visit) const override {
    visit("weight", weight_);
    visit("precise", precise_);
    visit("steps", steps_);
    visit("none", none_);
    visit("tied", tied_);
    visit("undefined", undefined_);
  }
  std::string Kind() const override { return "Mixture"; }

 private:
  nn::Parameter weight_, precise_, steps_, none_, tied_, undefined_;
};

TEST(LoadInto, RestoresWhatSaveWeightsWrote) {
  const std::string path = testing::TempDir() + "mixture.safetensors";
  const Mixture from(2), to(1);
  ASSERT_NE(WeightsSha256(from), WeightsSha256(to));
  ASSERT_TRUE(SaveWeights(from, path).ok());
  const absl::Status status = LoadInto(to, path);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(WeightsSha256(from), WeightsSha256(to));
}

TEST(LoadInto, RestoresEveryBitOfAModelWithStatistics) {
  Rng rng(1);
  const auto make = [&rng] {
    return nn::Sequential(nn::Linear(5, 4, rng), nn::BatchNorm(4), nn::Relu(),
                          nn::Linear(4, 2, rng));
  };
  const nn::Sequential from = make(), to = make();
  from(RandomNormal({8, 5}, 1, 2, rng), {.training = true});
  const std::string path = testing::TempDir() + "batch_norm.safetensors";
  ASSERT_TRUE(SaveWeights(from, path).ok());
  ASSERT_NE(WeightsSha256(from), WeightsSha256(to));
  ASSERT_TRUE(LoadInto(to, path).ok());
  EXPECT_EQ(WeightsSha256(from), WeightsSha256(to));
  const Tensor x = RandomNormal({3, 5}, 0, 1, rng);
  const Tensor a = from(x), b = to(x);
  EXPECT_EQ(a.data<float>(), b.data<float>());
}

TEST(LoadInto, ListsAllThatDoesNotFitAtOnce) {
  const std::string path = FileOf({{"0.weigth", Zeros({4, 6})},
                                   {"0.bias", Zeros({4}, DType::kF64)},
                                   {"2.weight", Zeros({4, 3})},
                                   {"head.\"gamma\"", Zeros({7})},
                                   {"\xc3\xa4", Zeros({}, DType::kI32)}});
  const nn::Sequential model = Mlp(7);
  const std::string before = WeightsSha256(model);
  ExpectMessage(LoadInto(model, path), path,
                "\n  missing: \"0.weight\" f32 [4,6], is it \"0.weigth\"?"
                "\n  missing: \"2.bias\" f32 [3]"
                "\n  unexpected: \"0.weigth\" f32 [4,6]"
                "\n  unexpected: \"head.\\\"gamma\\\"\" f32 [7]"
                "\n  unexpected: \"\\xc3\\xa4\" i32 []"
                "\n  unlike: \"0.bias\" is f64 [4] in the file and f32 [4] in "
                "the model"
                "\n  unlike: \"2.weight\" is f32 [4,3] in the file and f32 "
                "[3,4] in the model");
  EXPECT_EQ(WeightsSha256(model), before);
}

TEST(LoadInto, ChangesNothingForASingleFault) {
  const nn::Sequential model = Mlp(7);
  const std::string before = WeightsSha256(model);
  for (int fault = 0; fault < 4; ++fault) {
    // Missing, and of another shape.
    std::vector<io::NamedTensor> fewer = MlpTensors(1), other = fewer;
    fewer.erase(fewer.begin() + fault);
    other[fault].tensor = Zeros({5});
    for (const auto& tensors : {fewer, other}) {
      EXPECT_FALSE(LoadInto(model, FileOf(tensors)).ok());
      EXPECT_EQ(WeightsSha256(model), before);
    }
  }
  std::vector<io::NamedTensor> more = MlpTensors(1);
  more.push_back({"1.weight", Zeros({1})});
  EXPECT_FALSE(LoadInto(model, FileOf(more)).ok());
  EXPECT_EQ(WeightsSha256(model), before);
  EXPECT_TRUE(LoadInto(model, FileOf(MlpTensors(1))).ok());
  EXPECT_NE(WeightsSha256(model), before);
}

TEST(LoadInto, LoadsWhatFitsIfNotStrict) {
  std::vector<io::NamedTensor> tensors = MlpTensors(0.5);
  tensors[1].tensor = Zeros({9});       // 0.bias
  tensors[3].name = "classifier.bias";  // 2.bias
  const std::string path = FileOf(tensors);
  const nn::Sequential model = Mlp(7), untouched = Mlp(7);
  const absl::Status status = LoadInto(model, path, {.strict = false});
  ASSERT_TRUE(status.ok()) << status;
  const auto now = nn::Parameters(model), before = nn::Parameters(untouched);
  for (size_t i = 0; i < now.size(); ++i) {
    const auto value = now[i].parameter.value().data<float>();
    if (absl::StrContains(now[i].name, "weight")) {
      for (float v : value) EXPECT_EQ(v, 0.5);
    } else {
      EXPECT_EQ(value, before[i].parameter.value().data<float>());
    }
  }
}

TEST(LoadInto, IsAnErrorIfNothingFits) {
  const nn::Sequential model = Mlp(7, 5);
  const std::string path = FileOf({{"0.weight", Zeros({4, 6})}});
  const absl::Status status = LoadInto(model, path, {.strict = false});
  EXPECT_TRUE(absl::StrContains(status.message(), "does not fit the model"))
      << status;
  EXPECT_TRUE(LoadInto(nn::Relu(), FileOf({}), {.strict = false}).ok());
}

TEST(LoadInto, RenamesByTheFirstPrefixThatFits) {
  std::vector<io::NamedTensor> tensors = MlpTensors(1);
  tensors[0].name = "module.fc1.weight";
  tensors[1].name = "module.fc1.bias";
  tensors[2].name = "module.fc2.weight";
  const std::string path = FileOf(tensors);
  const nn::Sequential model = Mlp(7);
  EXPECT_FALSE(LoadInto(model, path).ok());
  const absl::Status status =
      LoadInto(model, path,
               {.rename = {{"module.fc1.", "0."},
                           {"module.fc2.weight", "2.weight"},
                           {"module.", "none."},
                           {"c1", "x"}}});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(WeightsSha256(model), [] {
    const nn::Sequential ones = Mlp(8);
    EXPECT_TRUE(LoadInto(ones, FileOf(MlpTensors(1))).ok());
    return WeightsSha256(ones);
  }());
  const std::string again = FileOf(tensors);
  const absl::Status clash =
      LoadInto(model, again, {.rename = {{"module.fc1.", "2."}}});
  EXPECT_EQ(clash.message(),
            absl::StrCat(again, ": two tensors are renamed to \"2.bias\""));
}

TEST(LoadInto, LeavesGraphsThatHoldTheOldWeightsRight) {
  const nn::Sequential model = Mlp(7);
  const Tensor x = Ones({1, 6});
  const Tensor before = Sum(model(x));
  const double old = before.item();
  const nn::Sequential twin = Mlp(7);
  const Gradients of_twin = Grad(Sum(twin(x)), twin);
  ASSERT_TRUE(LoadInto(model, FileOf(MlpTensors(1))).ok());
  EXPECT_EQ(before.item(), old);
  const Gradients of_model = Grad(before, model);
  for (size_t i = 0; i < of_twin.items().size(); ++i) {
    EXPECT_EQ(of_model.items()[i].gradient.data<float>(),
              of_twin.items()[i].gradient.data<float>());
  }
  EXPECT_NE(Sum(model(x)).item(), old);
}

TEST(LoadInto, BoundsItsMessageAndItsTime) {
  std::vector<io::NamedTensor> tensors;
  for (int i = 0; i < 16384; ++i) {
    tensors.push_back({absl::StrCat(100000 + i, ".bias"), Zeros({0})});
  }
  const std::string path = FileOf(tensors);
  const absl::Status status = LoadInto(Mlp(7), path);
  EXPECT_TRUE(absl::EndsWith(status.message(),
                             "\n  unexpected: \"100999.bias\" f32 [0]"
                             "\n  and 15384 more"));
}

TEST(LoadInto, ConvertsOnlyIfAsked) {
  // "0.bias", "0.weight", ... of F16: 1.0 is 3c00.
  std::string header = "{", data;
  for (const io::NamedTensor& t : MlpTensors(0)) {
    const size_t begin = data.size();
    for (int64_t i = 0; i < t.tensor.size(); ++i) data += {'\x00', '\x3c'};
    std::string shape = t.tensor.shape().ToString();
    absl::StrAppend(&header, header == "{" ? "" : ",", "\"", t.name,
                    R"(":{"dtype":"F16","shape":)", shape,
                    R"(,"data_offsets":[)", begin, ",", data.size(), "]}");
  }
  header += "}";
  std::string length(8, '\0');
  length[0] = static_cast<char>(header.size() & 0xff);
  length[1] = static_cast<char>(header.size() >> 8);
  const std::string path = testing::TempDir() + "half.safetensors";
  ASSERT_TRUE(WriteFileAtomically(path, length + header + data).ok());

  const nn::Sequential model = Mlp(7);
  const absl::Status refused = LoadInto(model, path);
  EXPECT_TRUE(absl::StrContains(refused.message(), "F16 is read only if"))
      << refused;
  const absl::Status status = LoadInto(model, path, {.convert = true});
  ASSERT_TRUE(status.ok()) << status;
  for (const nn::NamedParameter& p : nn::Parameters(model)) {
    for (float v : p.parameter.value().data<float>()) EXPECT_EQ(v, 1);
  }
}

TEST(LoadInto, PassesOnWhatIsWrongWithTheFile) {
  const std::string path = testing::TempDir() + "broken.safetensors";
  ASSERT_TRUE(WriteFileAtomically(path, "{}").ok());
  const absl::Status status = LoadInto(Mlp(7), path);
  EXPECT_EQ(status.message(),
            absl::StrCat(path,
                         ": offset 0: header: only 2 of the 8 bytes of "
                         "its length"));
  EXPECT_TRUE(absl::IsNotFound(LoadInto(Mlp(7), path + ".none")));
  EXPECT_TRUE(absl::IsNotFound(
      SaveWeights(Mlp(7), testing::TempDir() + "none/x.safetensors")));
}

}  // namespace
}  // namespace adjoint::train
