#include "framework/io/safetensors.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "framework/base/file.h"
#include "framework/base/within_memory.h"
#include "framework/io/element.h"
#include "framework/io/json.h"
#include "framework/io/safetensors_header.h"
#include "framework/io/scanner.h"

namespace adjoint::io {
namespace {

// How a dtype of the format becomes one of ours.
struct Reader {
  absl::string_view from;
  DType to;
  bool converts;
  bool (*copy)(const char* from, absl::Span<const int64_t> steps, Array& array);
};
constexpr Reader kReaders[] = {
    {"F32", DType::kF32, false, CopyElements<float, float>},
    {"F64", DType::kF64, false, CopyElements<double, double>},
    {"I32", DType::kI32, false, CopyElements<int32_t, int32_t>},
    {"F16", DType::kF32, true, CopyElements<Half, float>},
    {"BF16", DType::kF32, true, CopyElements<BFloat16, float>},
    {"I64", DType::kI32, true, CopyElements<int64_t, int32_t>},
};

// The tensor that `entry` describes, with elements from `data`.
absl::StatusOr<Tensor> ReadTensor(const SafetensorsEntry& entry,
                                  absl::string_view data, bool convert,
                                  absl::string_view path) {
  const auto refuse = [&](absl::string_view reason) {
    return absl::UnimplementedError(absl::StrCat(
        path, ": offset ", entry.at, ": tensor ", Quoted(entry.name),
        ": dtype ", entry.dtype->name, " ", reason));
  };
  const auto* reader = std::find_if(
      std::begin(kReaders), std::end(kReaders),
      [&](const Reader& r) { return r.from == entry.dtype->name; });
  if (reader == std::end(kReaders)) return refuse("is not supported");
  if (reader->converts && !convert) {
    return refuse("is read only if converting is asked for");
  }
  Ref<Array> array = Array::New(reader->to, entry.shape);
  if (!reader->copy(data.data() + entry.begin, {}, *array)) {
    return refuse(absl::StrCat("has a value beyond ", Name(reader->to)));
  }
  return Tensor(std::move(array));
}

absl::StatusOr<SafetensorsFile> Parse(absl::string_view contents,
                                      absl::string_view path, bool convert) {
  absl::StatusOr<SafetensorsHeader> header =
      ParseSafetensorsHeader(contents, contents.size(), path);
  if (!header.ok()) return header.status();
  SafetensorsFile file;
  file.metadata = std::move(header->metadata);
  file.tensors.reserve(header->entries.size());
  for (SafetensorsEntry& entry : header->entries) {
    absl::StatusOr<Tensor> tensor =
        ReadTensor(entry, contents.substr(header->size), convert, path);
    if (!tensor.ok()) return tensor.status();
    file.tensors.push_back({std::move(entry.name), *std::move(tensor)});
  }
  return file;
}

absl::Status CheckTexts(absl::Span<const NamedTensor> tensors,
                        const std::map<std::string, std::string>& metadata) {
  const auto refuse = [](absl::string_view problem) {
    return absl::InvalidArgumentError(absl::StrCat("safetensors: ", problem));
  };
  if (std::max(tensors.size(), metadata.size()) > kMaxSafetensors) {
    return refuse(absl::StrCat("more than ", kMaxSafetensors,
                               " tensors or pairs of metadata"));
  }
  for (const NamedTensor& t : tensors) {
    const absl::string_view fault = FaultOfName(t.name);
    if (!fault.empty()) {
      return refuse(absl::StrCat(fault, ": ", Quoted(t.name)));
    }
  }
  for (const auto& [key, value] : metadata) {
    if (FirstBadUtf8(key) < key.size() || FirstBadUtf8(value) < value.size()) {
      return refuse(absl::StrCat("metadata ", Quoted(key), " is not UTF-8"));
    }
  }
  return absl::OkStatus();
}

// The header's text, for `tensors` in the order of their elements.
std::string HeaderText(absl::Span<const NamedTensor* const> tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::string text = "{";
  const auto append_key = [&text](absl::string_view key) {
    if (text.back() != '{') text.push_back(',');
    AppendJsonString(text, key);
    text.push_back(':');
  };
  if (!metadata.empty()) {
    append_key("__metadata__");
    text.push_back('{');
    for (const auto& [key, value] : metadata) {
      append_key(key);
      AppendJsonString(text, value);
    }
    text.push_back('}');
  }
  int64_t end = 0;
  for (const NamedTensor* t : tensors) {
    const int64_t begin = end;
    end += t->tensor.size() * SizeOf(t->tensor.dtype());
    append_key(t->name);
    absl::StrAppend(
        &text, R"({"dtype":")", absl::AsciiStrToUpper(Name(t->tensor.dtype())),
        R"(","shape":[)", absl::StrJoin(t->tensor.shape().dims(), ","),
        R"(],"data_offsets":[)", begin, ",", end, "]}");
  }
  text.push_back('}');
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

}  // namespace

absl::StatusOr<SafetensorsFile> ParseSafetensors(
    absl::string_view contents, absl::string_view path,
    const SafetensorsOptions& options) {
  return WithinMemory(path,
                      [&] { return Parse(contents, path, options.convert); });
}

absl::StatusOr<SafetensorsFile> ReadSafetensors(
    const std::string& path, const SafetensorsOptions& options) {
  absl::StatusOr<std::string> contents = ReadFile(path);
  if (!contents.ok()) return contents.status();
  return ParseSafetensors(*contents, path, options);
}

absl::StatusOr<SafetensorsPieces> SafetensorsPieces::Of(
    absl::Span<const NamedTensor> tensors,
    const std::map<std::string, std::string>& metadata) {
  absl::Status status = CheckTexts(tensors, metadata);
  if (!status.ok()) return status;
  std::vector<const NamedTensor*> order;
  for (const NamedTensor& t : tensors) order.push_back(&t);
  // As the reference writer does, so that every tensor is aligned.
  const auto rank = [](const NamedTensor* t) {
    const DType dtype = t->tensor.dtype();
    return dtype == DType::kF64 ? 0 : dtype == DType::kF32 ? 1 : 2;
  };
  std::sort(order.begin(), order.end(),
            [&](const NamedTensor* a, const NamedTensor* b) {
              return std::pair(rank(a), absl::string_view(a->name)) <
                     std::pair(rank(b), absl::string_view(b->name));
            });

  const std::string text = HeaderText(order, metadata);
  SafetensorsPieces file;
  for (int i = 0; i < 8; ++i) {
    file.start_.push_back(static_cast<char>(text.size() >> 8 * i));
  }
  file.start_ += text;
  size_t size = file.start_.size();
  for (const NamedTensor* t : order) {
    file.tensors_.push_back(LittleEndian(t->tensor));
    size += BytesOf(file.tensors_.back()).size();
  }
  // Our own reader has the last word.
  status = ParseSafetensorsHeader(file.start_, size, "safetensors").status();
  if (!status.ok()) return status;
  return file;
}

std::vector<absl::string_view> SafetensorsPieces::pieces() const {
  std::vector<absl::string_view> pieces = {start_};
  for (const Tensor& tensor : tensors_) pieces.push_back(BytesOf(tensor));
  return pieces;
}

absl::StatusOr<std::string> EncodeSafetensors(
    absl::Span<const NamedTensor> tensors,
    const std::map<std::string, std::string>& metadata) {
  const auto file = SafetensorsPieces::Of(tensors, metadata);
  if (!file.ok()) return file.status();
  return absl::StrJoin(file->pieces(), "");
}

absl::Status WriteSafetensors(
    const std::string& path, absl::Span<const NamedTensor> tensors,
    const std::map<std::string, std::string>& metadata) {
  const auto file = SafetensorsPieces::Of(tensors, metadata);
  if (!file.ok()) return file.status();
  return WriteFileAtomically(path, file->pieces());
}

}  // namespace adjoint::io
