#include "framework/core/observer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "framework/core/op.h"

namespace adjoint {
namespace {

// y = x[0]
struct FirstOp {
  static constexpr auto kName = "test_first", kDoc = "y = x[0]";
  static constexpr Save kSave = Save::kNothing;
  Shape Infer(const Shape&) const { return {}; }
  template <class T>
  void Forward(const Tensor& x, absl::Span<T> y) const {
    y[0] = x.data<T>()[0];
  }
  double Flops(const Shape& x) const { return 3.0 * x.size(); }
  static std::vector<Example<FirstOp>> Examples() { return {}; }
};

Tensor First(const Tensor& x) { return Apply(FirstOp{}, x); }

// Remembers what it is told, and applies ops of its own while it is.
class Recorder : public Observer {
 public:
  struct Seen {
    std::string op;
    bool backward;
    std::vector<Shape> inputs;
    Shape output;
    double flops;
    int64_t bytes;
    std::chrono::steady_clock::time_point start, end;
  };

  void OnOp(const OpEvent& event) override {
    EXPECT_EQ(CurrentObserver(), nullptr);
    First(event.output);
    Seen seen = {std::string(event.op), event.backward, {},
                 event.output.shape(),  event.flops,    event.bytes,
                 event.start,           event.end};
    for (const Tensor* x : event.inputs) seen.inputs.push_back(x->shape());
    all.push_back(seen);
  }

  std::vector<Seen> all;
};

TEST(Observer, IsToldOfEachOpOnce) {
  Recorder recorder;
  const ObserverScope scope(&recorder);
  const auto before = std::chrono::steady_clock::now();
  First(Ones({2, 3}, DType::kF64));
  const auto after = std::chrono::steady_clock::now();
  First(Ones({5}));
  ASSERT_EQ(recorder.all.size(), 2);
  const Recorder::Seen& seen = recorder.all[0];
  EXPECT_EQ(seen.op, "test_first");
  EXPECT_EQ(seen.inputs, std::vector<Shape>{Shape({2, 3})});
  EXPECT_EQ(seen.output, Shape());
  EXPECT_EQ(seen.flops, 3 * 6);
  EXPECT_EQ(seen.bytes, 8 * (6 + 1));
  EXPECT_EQ(recorder.all[1].bytes, 4 * (5 + 1));
  EXPECT_LE(before, seen.start);
  EXPECT_LE(seen.start, seen.end);
  EXPECT_LE(seen.end, after);
}

TEST(Observer, IsToldInsteadOfTheOneBefore) {
  Recorder outer;
  Recorder inner;
  EXPECT_EQ(CurrentObserver(), nullptr);
  {
    const ObserverScope outer_scope(&outer);
    First(Ones({1}));
    {
      const ObserverScope inner_scope(&inner);
      EXPECT_EQ(CurrentObserver(), &inner);
      First(Ones({2}));
      First(Ones({2}));
    }
    {
      const ObserverScope nobody(nullptr);
      First(Ones({3}));
    }
    EXPECT_EQ(CurrentObserver(), &outer);
    First(Ones({4}));
  }
  EXPECT_EQ(CurrentObserver(), nullptr);
  First(Ones({5}));
  EXPECT_EQ(outer.all.size(), 2);
  EXPECT_EQ(inner.all.size(), 2);
}

TEST(Observer, IsNotToldOfAnOpThatThrew) {
  Recorder recorder;
  const ObserverScope scope(&recorder);
  EXPECT_THROW(First(Tensor()), ValueError);
  EXPECT_TRUE(recorder.all.empty());
}

TEST(Observer, LearnsWhetherGradMadeTheOp) {
  Recorder recorder;
  const ObserverScope scope(&recorder);
  First(Ones({1}));
  {
    const BackwardScope backward;
    First(Ones({1}));
    {
      const BackwardScope again;
      First(Ones({1}));
    }
    First(Ones({1}));
  }
  First(Ones({1}));
  std::vector<bool> backward;
  for (const Recorder::Seen& seen : recorder.all) {
    backward.push_back(seen.backward);
  }
  EXPECT_EQ(backward, (std::vector<bool>{false, true, true, true, false}));
}

TEST(Observer, IsOfItsThreadAlone) {
  Recorder recorder;
  const ObserverScope scope(&recorder);
  const BackwardScope backward;
  std::thread([] {
    EXPECT_EQ(CurrentObserver(), nullptr);
    EXPECT_FALSE(InBackward());
    First(Ones({1}));
  }).join();
  EXPECT_TRUE(recorder.all.empty());
}

}  // namespace
}  // namespace adjoint
