#include "framework/train/layer_table.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "framework/core/observer.h"
#include "framework/inspect/table.h"
#include "framework/train/display_text.h"

namespace adjoint::train {
namespace {

// Remembers the shape of the last output inside each module.
class OutputShapes final : public Observer {
 public:
  void OnOp(const OpEvent& event) override {
    by_module[Scope::Subject()] = event.output.shape();
  }

  std::map<const void*, Shape> by_module;
};

// [128,64] as "[N,64]".
std::string BatchShape(const Shape& shape) {
  if (shape.rank() == 0) return "[]";
  std::vector<std::string> extents = {"N"};
  for (int64_t extent : shape.dims().subspan(1)) {
    extents.push_back(absl::StrCat(extent));
  }
  return absl::StrCat("[", absl::StrJoin(extents, ","), "]");
}

// Pads each column to its widest cell; the first two align left.
std::string Columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> width(rows[0].size());
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      width[i] = std::max(width[i], row[i].size());
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string gap(width[i] - row[i].size(), ' ');
      absl::StrAppend(&line, i == 0 ? " " : "  ", i < 2 ? "" : gap, row[i],
                      i < 2 ? gap : "");
    }
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

// What `module` itself names.
class Parts final : public nn::Visitor {
 public:
  explicit Parts(const nn::Module& module) { module.Visit(*this); }
  void operator()(absl::string_view, const nn::Parameter& part) override {
    if (part.defined() && part.trainable()) parameters.push_back(part);
  }
  void operator()(absl::string_view, const nn::Module&) override {
    has_children = true;
  }

  std::vector<nn::Parameter> parameters;
  bool has_children = false;
};

// The elements of the parameters that are the module's own: of those that a
// child has too, the child has them.
int64_t CountOwn(const nn::Module& module, const Parts& parts) {
  if (!parts.has_children) return nn::CountParameters(module);
  std::vector<nn::Parameter> counted;
  for (const nn::NamedModule& below : nn::Modules(module)) {
    if (below.module == &module) continue;
    const Parts of_child(*below.module);
    counted.insert(counted.end(), of_child.parameters.begin(),
                   of_child.parameters.end());
  }
  int64_t count = 0;
  for (const nn::Parameter& p : parts.parameters) {
    if (std::find(counted.begin(), counted.end(), p) != counted.end()) continue;
    count += p.value().size();
    counted.push_back(p);
  }
  return count;
}

}  // namespace

std::string LayerTable(const nn::Module& model, const Objective& objective,
                       const data::Batch& batch) {
  OutputShapes shapes;
  {
    NoGrad no_grad;
    Rng rng(0);
    ObserverScope observe(&shapes);
    objective(batch, {.training = false, .rng = &rng});
  }
  std::vector<std::vector<std::string>> rows = {
      {"layer", "output", "parameters"}};
  Shape shape = batch.x.shape();
  for (const nn::NamedModule& m : nn::Modules(model)) {
    const Parts parts(*m.module);
    const int64_t count = CountOwn(*m.module, parts);
    if (parts.has_children && count == 0) continue;
    const auto found = shapes.by_module.find(m.module);
    const bool has_op = found != shapes.by_module.end();
    std::string output;
    if (parts.has_children) {
      if (has_op) output = BatchShape(found->second);
    } else {
      // A layer without an op, such as dropout in evaluation, passes x on.
      if (has_op) shape = found->second;
      output = BatchShape(shape);
    }
    rows.push_back(
        {absl::StrCat(m.name, m.name.empty() ? "" : " ", m.module->Kind()),
         output, count == 0 ? "" : WithCommas(count)});
  }
  int64_t bytes = 0;
  for (const nn::NamedParameter& p : nn::Parameters(model)) {
    bytes += p.parameter.value().size() * SizeOf(p.parameter.value().dtype());
  }
  rows.push_back({"total", "", WithCommas(nn::CountParameters(model))});
  std::string table = Columns(rows);
  table.pop_back();
  // Less than a hundredth of a MiB would read 0.00.
  const double mebibytes = static_cast<double>(bytes) / (1 << 20);
  return absl::StrCat(table, "  (",
                      mebibytes < 0.01 ? inspect::Bytes(bytes)
                                       : absl::StrFormat("%.2f MiB", mebibytes),
                      ")\n");
}

}  // namespace adjoint::train
