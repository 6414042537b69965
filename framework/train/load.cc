#include "framework/train/load.h"

#include <algorithm>
#include <cstring>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "framework/base/nearest.h"
#include "framework/base/within_memory.h"
#include "framework/io/scanner.h"
#include "framework/train/trained.h"

namespace adjoint::train {
namespace {

// Names from a hostile file: bounds the length of a message, and the time that
// looking for the nearest takes.
constexpr size_t kMaxListed = 1000, kMaxCandidates = 1000;

// What the tensors of a file are to the parameters of a model.
struct Match {
  struct Pair {
    nn::NamedParameter parameter;
    Tensor tensor;
  };
  std::vector<Pair> fitting, unlike;
  std::vector<nn::NamedParameter> missing;
  std::map<std::string, Tensor> unexpected;

  bool exact() const {
    return unlike.empty() && missing.empty() && unexpected.empty();
  }
};

std::string Renamed(const std::string& name, const LoadOptions& options) {
  for (const auto& [from, to] : options.rename) {
    if (absl::StartsWith(name, from)) {
      return absl::StrCat(to, name.substr(from.size()));
    }
  }
  return name;
}

absl::StatusOr<Match> MatchNames(const nn::Module& model,
                                 const io::SafetensorsFile& file,
                                 const std::string& path,
                                 const LoadOptions& options) {
  Match match;
  for (const io::NamedTensor& t : file.tensors) {
    const std::string name = Renamed(t.name, options);
    if (!match.unexpected.emplace(name, t.tensor).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": two tensors are renamed to ", io::Quoted(name)));
    }
  }
  for (nn::NamedParameter& p : nn::Parameters(model)) {
    auto found = match.unexpected.extract(p.name);
    if (found.empty()) {
      match.missing.push_back(std::move(p));
      continue;
    }
    const Tensor& x = found.mapped();
    const Tensor& own = p.parameter.value();
    const bool fits = x.shape() == own.shape() && x.dtype() == own.dtype();
    (fits ? match.fitting : match.unlike).push_back({std::move(p), x});
  }
  return match;
}

// Appends a line for each of `all`, up to a limit.
template <class All, class Line>
void AppendLines(std::string& text, const All& all, Line line) {
  size_t listed = 0;
  for (const auto& item : all) {
    if (listed++ == kMaxListed) {
      absl::StrAppend(&text, "\n  and ", all.size() - kMaxListed, " more");
      return;
    }
    absl::StrAppend(&text, "\n  ", line(item));
  }
}

std::string Describe(const Match& match, const std::string& path) {
  std::vector<absl::string_view> candidates;
  for (const auto& [name, x] : match.unexpected) {
    if (candidates.size() == kMaxCandidates) break;
    candidates.push_back(name);
  }
  std::string text = absl::StrCat(path, " does not fit the model:");
  AppendLines(text, match.missing, [&](const nn::NamedParameter& p) {
    const absl::string_view nearest = NearestOf(p.name, candidates);
    return absl::StrCat(
        "missing: ", io::Quoted(p.name), " ", Signature(p.parameter),
        nearest.empty() ? ""
                        : absl::StrCat(", is it ", io::Quoted(nearest), "?"));
  });
  AppendLines(text, match.unexpected, [](const auto& item) {
    return absl::StrCat("unexpected: ", io::Quoted(item.first), " ",
                        Signature(item.second));
  });
  AppendLines(text, match.unlike, [](const Match::Pair& pair) {
    return absl::StrCat("unlike: ", io::Quoted(pair.parameter.name), " is ",
                        Signature(pair.tensor), " in the file and ",
                        Signature(pair.parameter.parameter), " in the model");
  });
  return text;
}

// The bytes of each parameter, to be written. Memory may run out here, but
// nothing has changed yet.
std::vector<void*> WritableBytes(const std::vector<Match::Pair>& pairs) {
  std::vector<void*> all;
  for (const auto& [named, tensor] : pairs) {
    VisitDType(tensor.dtype(), [&, &p = named.parameter](auto zero) {
      all.push_back(p.MutableData<decltype(zero)>().data());
    });
  }
  return all;
}

}  // namespace

absl::Status LoadInto(const nn::Module& model, const std::string& path,
                      const LoadOptions& options) {
  const absl::StatusOr<io::SafetensorsFile> file =
      ReadTrained(path, {.last = options.last,
                         .averages = options.averages,
                         .convert = options.convert});
  return file.ok() ? LoadTensors(model, *file, path, options) : file.status();
}

absl::Status LoadTensors(const nn::Module& model,
                         const io::SafetensorsFile& file,
                         const std::string& path, const LoadOptions& options) {
  return WithinMemory(path, [&]() -> absl::Status {
    const absl::StatusOr<Match> match = MatchNames(model, file, path, options);
    if (!match.ok()) return match.status();
    const bool accepted =
        match->exact() || (!options.strict && !match->fitting.empty());
    if (!accepted) return absl::InvalidArgumentError(Describe(*match, path));
    const std::vector<void*> to = WritableBytes(match->fitting);
    for (size_t i = 0; i < to.size(); ++i) {
      const Array& from = *match->fitting[i].tensor.array();
      std::memcpy(to[i], from.data(),
                  from.shape().size() * SizeOf(from.dtype()));
    }
    return absl::OkStatus();
  });
}

std::vector<io::NamedTensor> TensorsOf(const nn::Module& model) {
  std::vector<io::NamedTensor> tensors;
  for (nn::NamedParameter& p : nn::Parameters(model)) {
    tensors.push_back({std::move(p.name), p.parameter.value().Detach()});
  }
  return tensors;
}

absl::Status SaveWeights(const nn::Module& model, const std::string& path,
                         const std::map<std::string, std::string>& metadata) {
  return io::WriteSafetensors(path, TensorsOf(model), metadata);
}

}  // namespace adjoint::train
