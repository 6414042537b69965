#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "framework/data/csv.h"
#include "tests/data/idx_bytes.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/target.h"

namespace adjoint::fuzz {
namespace {

using data::CsvOptions;
using data::TensorDataset;

constexpr CsvOptions Numbers() {
  return {.header = false, .dtype = DType::kF64};
}
CsvOptions Classes() { return {.targets = {"1"}, .target_is_class = true}; }

// The table as a file, with a number in each cell but the class's.
template <class T>
std::string Encode(const TensorDataset& set, bool classes) {
  const data::Batch all = data::All(set);
  const int64_t columns = all.x.shape()[1];
  const T* x = all.x.data<T>().data();
  std::string file;
  if (classes) {
    file = "y";
    for (int64_t c = 0; c < columns; ++c) absl::StrAppend(&file, ",x", c);
    file += "\n";
  }
  for (int64_t i = 0; i < set.size(); ++i) {
    std::string row;
    if (classes) {
      row = absl::StrCat(
          "\"",
          absl::StrReplaceAll(
              set.info().class_names[all.y.template data<int32_t>()[i]],
              {{"\"", "\"\""}}),
          "\"");
    }
    for (int64_t c = 0; c < columns; ++c) {
      absl::StrAppendFormat(&row, "%s%.17g", row.empty() ? "" : ",", *x++);
    }
    if (!classes) {
      absl::StrAppendFormat(&row, "%s%.17g", row.empty() ? "" : ",",
                            all.y.template data<T>()[i]);
    }
    absl::StrAppend(&file, row, "\n");
  }
  return file;
}

template <class T>
bool Check(absl::string_view bytes, const CsvOptions& options, int64_t most) {
  const absl::StatusOr<TensorDataset> set =
      Within(most, [&] { return data::ParseCsv(bytes, kPath, options); });
  if (!set.ok()) {
    RequirePlace(set.status());
    return false;
  }
  const bool classes = options.target_is_class;
  if (set->size() == 0) return true;
  const std::string file = Encode<T>(*set, classes);
  const absl::StatusOr<TensorDataset> again =
      data::ParseCsv(file, kPath, options);
  Require(again.ok(), "what was read can be written and read again");
  Require(Encode<T>(*again, classes) == file &&
              again->info().class_names == set->info().class_names,
          "and is then what it was");
  return true;
}

}  // namespace

bool Fuzz(absl::string_view bytes) {
  const int64_t held = BytesHeld(bytes);
  const bool numbers = Check<double>(bytes, Numbers(), 6 * held + (128 << 10));
  // A name takes some 200 bytes more than its text.
  const bool classes =
      Check<float>(bytes, Classes(), 6 * held + 200 * held / 2 + (128 << 10));
  return numbers || classes;
}

std::vector<std::string> Seeds() {
  return {"1,2,3\n4,5,6\n",
          "kind,b,c\nx,2,1e3\ny,-.5,6\r\nx,7,8",
          "k,a\n\"an \"\"owl\"\",\nsay\",\"1\"\n\"an owl\", 2 \n",
          "\xef\xbb\xbf"
          "0.1\n-1e-300\n",
          "a\nb\nc\nb\n",
          data::Gzip("a,b\nx,1\ny,2\n")};
}

}  // namespace adjoint::fuzz
