#include "framework/core/scope.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace adjoint {
namespace {

// A tree of modules, as far as names go.
struct Module {
  std::string name;
  const Module* parent;
};

int lookups = 0;

std::string PathOf(const void* root, const void* inner) {
  ++lookups;
  const Module* module = static_cast<const Module*>(inner);
  std::string path;
  for (; module != root; module = module->parent) {
    path = module->name + (path.empty() ? "" : ".") + path;
  }
  return path;
}

const Module model = {"model", nullptr};
const Module encoder = {"encoder", &model};
const Module layer = {"0", &encoder};

TEST(Scope, IsEmptyOutsideAny) {
  EXPECT_EQ(Scope::Subject(), nullptr);
  EXPECT_EQ(Scope::Path(), "");
}

TEST(Scope, NamesTheInnermostAsSeenFromTheOutermost) {
  const Scope outermost(&model, PathOf);
  EXPECT_EQ(Scope::Subject(), &model);
  EXPECT_EQ(Scope::Path(), "");
  {
    const Scope middle(&encoder, PathOf);
    EXPECT_EQ(Scope::Path(), "encoder");
    {
      const Scope innermost(&layer, PathOf);
      EXPECT_EQ(Scope::Subject(), &layer);
      EXPECT_EQ(Scope::Path(), "encoder.0");
    }
    EXPECT_EQ(Scope::Subject(), &encoder);
    EXPECT_EQ(Scope::Path(), "encoder");
  }
  EXPECT_EQ(Scope::Path(), "");
}

TEST(Scope, BeginsAtWhateverIsOutermost) {
  const Scope outermost(&encoder, PathOf);
  const Scope innermost(&layer, PathOf);
  EXPECT_EQ(Scope::Path(), "0");
}

TEST(Scope, EndsWithAnException) {
  try {
    const Scope scope(&model, PathOf);
    throw 0;
  } catch (int) {
  }
  EXPECT_EQ(Scope::Subject(), nullptr);
}

TEST(Scope, LooksUpNoNameBeforeItIsAskedFor) {
  lookups = 0;
  const Scope outermost(&model, PathOf);
  const Scope innermost(&layer, PathOf);
  EXPECT_EQ(lookups, 0);
  Scope::Path();
  EXPECT_EQ(lookups, 1);
}

TEST(Scope, IsOfItsThreadAlone) {
  const Scope scope(&model, PathOf);
  std::thread([] { EXPECT_EQ(Scope::Subject(), nullptr); }).join();
}

}  // namespace
}  // namespace adjoint
