#include "framework/core/catalog.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "framework/base/error.h"

namespace adjoint {
namespace {

// Made on first use, for it is filled before main in no certain order.
std::vector<CatalogEntry>& Entries() {
  static std::vector<CatalogEntry>* entries = new std::vector<CatalogEntry>;
  return *entries;
}

}  // namespace

Operand Real(const Shape& shape) { return Real(shape, -2, 2); }

Operand Real(const Shape& shape, double low, double high) {
  return {shape, Operand::Kind::kUniform, low, high};
}

Operand Positive(const Shape& shape) { return Real(shape, 0.5, 2); }

Operand AwayFromZero(const Shape& shape) {
  return {shape, Operand::Kind::kAwayFromZero};
}

Operand Distinct(const Shape& shape) {
  return {shape, Operand::Kind::kDistinct};
}

Operand Index(const Shape& shape, int64_t bound) {
  return {shape, Operand::Kind::kIndex, 0, static_cast<double>(bound)};
}

OperandList::OperandList(std::initializer_list<Operand> operands)
    : size_(operands.size()) {
  ADJOINT_CHECK(size_ <= operands_.size());
  std::copy(operands.begin(), operands.end(), operands_.begin());
}

Tensor Draw(const Operand& operand, DType dtype, Rng& rng) {
  const int64_t n = operand.shape.size();
  std::vector<double> values(n);
  switch (operand.kind) {
    case Operand::Kind::kUniform:
      rng.FillUniform(absl::MakeSpan(values), operand.low, operand.high);
      break;
    case Operand::Kind::kAwayFromZero:
      rng.FillUniform(absl::MakeSpan(values), -1, 1);
      for (double& v : values) v = v < 0 ? 1.75 * v - 0.25 : 1.75 * v + 0.25;
      break;
    case Operand::Kind::kDistinct: {
      const std::vector<int64_t> order = rng.Permutation(n);
      for (int64_t i = 0; i < n; ++i) {
        values[i] = -2 + 4 * (order[i] + 0.5) / n;
      }
      break;
    }
    case Operand::Kind::kIndex:
      for (double& v : values) {
        v = rng.NextBelow(static_cast<int64_t>(operand.high));
      }
      dtype = DType::kI32;
      break;
  }
  return VisitDType(dtype, [&](auto zero) {
    using T = decltype(zero);
    const std::vector<T> converted(values.begin(), values.end());
    return FromSpan<T>(operand.shape, converted);
  });
}

const std::vector<CatalogEntry>& Catalog() {
  static const bool sorted = [] {
    std::sort(Entries().begin(), Entries().end(),
              [](const CatalogEntry& a, const CatalogEntry& b) {
                return a.name < b.name;
              });
    return true;
  }();
  static_cast<void>(sorted);
  return Entries();
}

void AddToCatalog(const CatalogEntry& entry) {
  for (const CatalogEntry& other : Entries()) {
    if (other.name == entry.name) {
      std::fprintf(stderr, "two ops are named \"%.*s\"\n",
                   static_cast<int>(entry.name.size()), entry.name.data());
      std::abort();
    }
  }
  Entries().push_back(entry);
}

}  // namespace adjoint
