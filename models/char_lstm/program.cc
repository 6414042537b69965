#include "models/char_lstm/program.h"

#include <algorithm>
#include <numbers>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "framework/base/file.h"
#include "models/char_lstm/model.h"
#include "models/char_lstm/sample.h"

namespace adjoint::models {
namespace {

constexpr double kTestFraction = 0.05;
constexpr int kWords = 20;         // To be invented,
constexpr int kMostTries = 1000;   // with so many tries
constexpr int64_t kLongest = 40;   // of at most so many letters.
constexpr int64_t kPassage = 300;  // Characters of a text.
constexpr double kTemperature = 0.8;

struct Corpus {
  std::string text;
  bool words = true;  // Whether each line is a word by itself.
};

// How a character is called on a page: a line's end and a space can be seen.
std::string NameOf(char c) {
  if (c == '\n') return "newline";
  if (c == ' ') return "space";
  return absl::CHexEscape(absl::string_view(&c, 1));
}

// Text whose classes, the characters, have names.
class NamedText final : public data::TextDataset {
 public:
  NamedText(const data::Vocabulary& vocabulary, absl::string_view text,
            int64_t length)
      : TextDataset(*vocabulary.Encode(text), length) {
    for (const char c : vocabulary.characters()) {
      info_.class_names.push_back(NameOf(c));
    }
  }
  data::DatasetInfo info() const override { return info_; }

 private:
  data::DatasetInfo info_;
};

class CharTask final : public train::Task {
 public:
  // `length` is that of a window.
  CharTask(Corpus corpus, int64_t length, CharLstmOptions options,
           uint64_t seed)
      : corpus_(std::move(corpus)),
        split_(data::SplitTail(corpus_.text, TestFraction(length))),
        vocabulary_(corpus_.text),
        train_(vocabulary_, split_.train, length),
        test_(vocabulary_, split_.test, length) {
    Rng rng = Rng(seed).Split();  // The lines were shuffled by Rng(seed).
    sampling_ = rng.Split().state();
    options.characters = vocabulary_.size();
    model_ = std::make_unique<CharLstm>(options, rng);
  }

  const nn::Module& model() const override { return *model_; }
  const data::Dataset& train_data() const override { return train_; }
  const data::Dataset& test_data() const override { return test_; }

  // An example of the outcome is a character, not a window.
  train::Outcome Evaluate(const data::Batch& batch,
                          const nn::Pass& pass) const override {
    const Tensor logits =
        Reshape((*model_)(batch.x, pass), {-1, vocabulary_.size()});
    const Tensor targets = Reshape(batch.y, {-1});
    return {SoftmaxCrossEntropy(logits, targets), logits, targets};
  }

  std::vector<train::Metric> metrics() const override {
    return {{.name = "bits/char", .value = [](const train::Metrics& metrics) {
               return metrics.loss() / std::numbers::ln2;
             }}};
  }

  absl::StatusOr<std::string> Show(const std::string& run_dir) const override {
    const std::string sample = corpus_.words ? InventWords() : WritePassage();
    const std::string path = run_dir + "/samples.txt";
    const absl::Status status = WriteFileAtomically(path, sample);
    if (!status.ok()) return status;
    return absl::StrCat(corpus_.words ? "invented words:\n" : "a passage:\n",
                        sample, "samples ", path, "\n");
  }

 private:
  double TestFraction(int64_t length) const {
    const double window = static_cast<double>(length + 1);
    return std::max(kTestFraction,
                    window / static_cast<double>(corpus_.text.size()));
  }

  // Words that the model writes and has not read in training, one a line.
  std::string InventWords() const {
    std::set<std::string> known = absl::StrSplit(split_.train, '\n');
    known.insert("");
    const int32_t newline = vocabulary_.Encode("\n")->front();
    const SampleOptions word = {
        .length = kLongest, .stop = newline, .temperature = kTemperature};
    Rng rng(sampling_);
    std::string invented;
    for (int tries = 0, words = 0; tries < kMostTries && words < kWords;
         ++tries) {
      const auto [place, is_new] =
          known.insert(vocabulary_.Decode(Sample(*model_, newline, word, rng)));
      if (!is_new) continue;
      ++words;
      absl::StrAppend(&invented, *place, "\n");
    }
    return invented;
  }

  // A passage as the model would go on after the end of a line, or after the
  // text's first character where it has no lines.
  std::string WritePassage() const {
    const absl::string_view text = corpus_.text;
    const absl::StatusOr<std::vector<int32_t>> newline =
        vocabulary_.Encode("\n");
    const int32_t first =
        (newline.ok() ? newline : vocabulary_.Encode(text.substr(0, 1)))
            ->front();
    Rng rng(sampling_);
    return absl::StrCat(
        vocabulary_.Decode(
            Sample(*model_, first,
                   {.length = kPassage, .temperature = kTemperature}, rng)),
        "\n");
  }

  Corpus corpus_;
  data::TextSplit split_;  // Of the corpus.
  data::Vocabulary vocabulary_;
  NamedText train_, test_;
  Rng::State sampling_;
  std::unique_ptr<CharLstm> model_;
};

// Anagrams over and over. Each line is a window, and nothing but what came
// before tells which letter is next.
Corpus TinyCorpus() {
  std::string text;
  for (int i = 0; i < 4; ++i) text += "stone\nnotes\ntones\nonset\n";
  return {text};
}

// The file that the options name, or the words of the data's folder.
absl::StatusOr<Corpus> Read(const CharLstmProgramOptions& program,
                            const train::TaskOptions& options) {
  std::string path = program.text;
  if (path.empty()) {
    const absl::StatusOr<std::string> directory =
        train::DataDirOr(options.data_dir, "words");
    if (!directory.ok()) return directory.status();
    path = *directory + "/words.txt.gz";
  }
  absl::StatusOr<std::string> text = data::ReadText(path);
  if (!text.ok()) return text.status();
  const bool words = program.text.empty();
  if (words) text = data::ShuffleLines(*text, options.seed);
  const int64_t least = 2 * (program.length + 1);
  if (static_cast<int64_t>(text->size()) < least) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": ", text->size(), " characters of text; windows of ",
        program.length, " need at least ", least));
  }
  return Corpus{*std::move(text), words};
}

const bool kListed = train::List(
    {.name = "char_lstm",
     .doc = "A long short-term memory that learns to spell and invents words",
     .recipe = {.epochs = 7,
                .batch_size = 16,
                .optimizer = "adam",
                .learning_rate = 0.004,
                .clip_norm = 1},
     .make = [](const train::TaskOptions& options) {
       return MakeCharLstm({}, options);
     }});

}  // namespace

absl::StatusOr<std::unique_ptr<train::Task>> MakeCharLstm(
    CharLstmProgramOptions program, const train::TaskOptions& options) {
  program.lstm.dtype = options.dtype;
  if (options.tiny) {
    program.length = 6;
    program.lstm.embedding = 4;
    program.lstm.hidden = 8;
  }
  absl::StatusOr<Corpus> corpus =
      options.tiny ? TinyCorpus() : Read(program, options);
  if (!corpus.ok()) return corpus.status();
  return std::make_unique<CharTask>(*std::move(corpus), program.length,
                                    program.lstm, options.seed);
}

}  // namespace adjoint::models
