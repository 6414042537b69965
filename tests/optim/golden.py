"""Writes golden.h: what PyTorch's optimizers and schedules do.

Run with PyTorch 1.13:

  python3 tests/optim/golden.py > tests/optim/golden.h
"""
import torch
from torch.optim import SGD, Adagrad, Adam, AdamW, RMSprop
from torch.optim import lr_scheduler

# (our class, PyTorch's, options in the order of ours, and those of a group for
# the parameter b: a factor of the learning rate and the weight decay or None)
CASES = [
    ('Sgd', SGD, dict(lr=0.1)),
    ('Sgd', SGD, dict(lr=0.1, weight_decay=0.3)),
    ('Sgd', SGD, dict(lr=0.05, momentum=0.9)),
    ('Sgd', SGD, dict(lr=0.05, momentum=0.9, weight_decay=0.3)),
    ('Sgd', SGD, dict(lr=0.05, momentum=0.8, nesterov=True)),
    ('Sgd', SGD,
     dict(lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.3)),
    ('Adagrad', Adagrad, dict()),
    ('Adagrad', Adagrad, dict(lr=0.3, weight_decay=0.3)),
    ('Adagrad', Adagrad,
     dict(lr=0.3, lr_decay=0.1, eps=0.01, initial_accumulator_value=0.5)),
    ('Rmsprop', RMSprop, dict()),
    ('Rmsprop', RMSprop, dict(lr=0.05, alpha=0.9, eps=0.01, weight_decay=0.3)),
    ('Rmsprop', RMSprop, dict(alpha=0.9, centered=True)),
    ('Rmsprop', RMSprop, dict(alpha=0.9, momentum=0.5)),
    ('Rmsprop', RMSprop,
     dict(alpha=0.9, centered=True, momentum=0.5, weight_decay=0.3)),
    ('Adam', Adam, dict()),
    ('Adam', Adam, dict(lr=0.1, betas=(0.8, 0.95), eps=0.01)),
    ('Adam', Adam, dict(lr=0.1, weight_decay=0.3)),
    ('Adam', AdamW, dict()),
    ('Adam', AdamW, dict(lr=0.1, betas=(0.8, 0.95), weight_decay=0)),
    ('Adam', AdamW, dict(lr=0.1, weight_decay=0.3)),
    ('Sgd', SGD, dict(lr=0.05, momentum=0.9, weight_decay=0.3), (0.5, 0)),
    ('Adam', AdamW, dict(lr=0.1, weight_decay=0.3), (0.25, None)),
    ('Adam', AdamW, dict(lr=0.1, weight_decay=0.3), (2, 0.05)),
]

# (ours, PyTorch's, steps)
SCHEDULES = [
    ('Constant()', lambda o: lr_scheduler.ConstantLR(o, factor=1), 3),
    ('StepDecay(3, 0.5)', lambda o: lr_scheduler.StepLR(o, 3, 0.5), 8),
    ('ExponentialDecay(0.9)', lambda o: lr_scheduler.ExponentialLR(o, 0.9), 8),
    ('LinearDecay(5)',
     lambda o: lr_scheduler.LinearLR(o, 1, 0, total_iters=5), 8),
    ('LinearDecay(5, 0.1)',
     lambda o: lr_scheduler.LinearLR(o, 1, 0.1, total_iters=5), 8),
    # PyTorch's cosine rises again after its end.
    ('CosineDecay(7)', lambda o: lr_scheduler.CosineAnnealingLR(o, 7), 8),
    ('CosineDecay(7, 0.1)',
     lambda o: lr_scheduler.CosineAnnealingLR(o, 7, eta_min=0.1), 8),
    ('WarmUp(4, Constant())',
     lambda o: lr_scheduler.LinearLR(o, 1 / 5, 1, total_iters=4), 8),
    ('WarmUp(4, StepDecay(3, 0.5))',
     lambda o: lr_scheduler.SequentialLR(o, [
         lr_scheduler.LinearLR(o, 1 / 5, 1, total_iters=4),
         lr_scheduler.StepLR(o, 3, 0.5)], [4]), 12),
]

OUR_NAME = {
    'lr': 'learning_rate',
    'lr_decay': 'learning_rate_decay',
    'alpha': 'smoothing',
    'eps': 'epsilon',
    'initial_accumulator_value': 'initial_accumulator',
}

START = [-1.2, 1.0, 0.5, 2.0]
STEPS = 20
PRINTED = [0, 1, 2, 3, 10, 20]

torch.set_default_dtype(torch.float64)


def gradient(x):
  """Of the sum of (1 - x_i)^2 / 2 + (x_{i+1} - x_i^2)^2 / 4."""
  g = [xi - 1 for xi in x]
  for i in range(len(x) - 1):
    d = x[i + 1] - x[i] * x[i]
    g[i] -= d * x[i]
    g[i + 1] += d / 2
  return g


def trajectory(make, options, factor, decay):
  """The weights after 0, 1, ... steps; the learning rate falls linearly."""
  a = torch.nn.Parameter(torch.tensor(START[:3]))
  b = torch.nn.Parameter(torch.tensor([START[3:]]))
  group = dict() if decay is None else dict(weight_decay=decay)
  optimizer = make([dict(params=[a]), dict(params=[b], **group)], **options)
  rate = optimizer.defaults['lr']
  weights = [START]
  for step in range(STEPS):
    g = gradient(a.tolist() + b.flatten().tolist())
    a.grad = torch.tensor(g[:3])
    b.grad = torch.tensor([g[3:]])
    now = rate * (1 - step / 40)
    optimizer.param_groups[0]['lr'] = now
    optimizer.param_groups[1]['lr'] = now * factor
    optimizer.step()
    weights.append(a.tolist() + b.flatten().tolist())
  return weights


def factors(make, steps):
  """The learning rates of a schedule whose base is 1."""
  optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], lr=1)
  schedule = make(optimizer)
  rates = []
  for _ in range(steps):
    rates.append(optimizer.param_groups[0]['lr'])
    optimizer.step()
    schedule.step()
  return rates


def ours(make, options):
  """The designated initializers of our options."""
  fields = []
  for name, value in options.items():
    if name == 'betas':
      fields += [f'.beta1 = {value[0]}', f'.beta2 = {value[1]}']
    else:
      value = 'true' if value is True else value
      fields.append(f'.{OUR_NAME.get(name, name)} = {value}')
  if make is AdamW:
    if 'weight_decay' not in options:
      fields.append('.weight_decay = 0.01')
    fields.append('.decoupled_weight_decay = true')
  return '{' + ', '.join(fields) + '}'


def row(values):
  return '{' + ', '.join(f'{v:.14f}' for v in values) + '}'


print(f'''// Written by golden.py with PyTorch {torch.__version__}.
#ifndef ADJOINT_TESTS_OPTIM_GOLDEN_H_
#define ADJOINT_TESTS_OPTIM_GOLDEN_H_

#include <array>
#include <map>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "framework/optim/adagrad.h"
#include "framework/optim/adam.h"
#include "framework/optim/rmsprop.h"
#include "framework/optim/schedule.h"
#include "framework/optim/sgd.h"

namespace adjoint::optim {{

inline constexpr int kGoldenSteps = {STEPS};

// The weights after some of the steps.
struct GoldenTrajectory {{
  const char* name;
  std::unique_ptr<Optimizer> (*make)();
  std::map<int, std::array<double, {len(START)}>> weights;
}};

// The factors of the steps from 0 on.
struct GoldenSchedule {{
  const char* name;
  Schedule schedule;
  std::vector<double> factors;
}};

template <class T, class Options>
std::unique_ptr<Optimizer> Make(Options options) {{
  return std::make_unique<T>(options);
}}

inline bool IsB(absl::string_view name) {{ return name == "b"; }}

template <class T, class Options>
std::unique_ptr<Optimizer> Make(Options options, ParameterGroup group) {{
  auto optimizer = std::make_unique<T>(options);
  optimizer->AddGroup(group);
  return optimizer;
}}

// clang-format off
inline std::vector<GoldenTrajectory> GoldenTrajectories() {{
  return {{''')
for name, make, options, *group in CASES:
  initializers = ours(make, options)
  factor, decay = group[0] if group else (1, None)
  if group:
    initializers += f', {{.matches = IsB, .learning_rate_factor = {factor}'
    initializers += '}' if decay is None else f', .weight_decay = {decay}}}'
  print(f'''{{"{name}({initializers})",
[] {{ return Make<{name}, {name}Options>({initializers}); }}, {{''')
  weights = trajectory(make, options, factor, decay)
  for step in PRINTED:
    print(f'{{{step}, {row(weights[step])}}},')
  print('}},')
print('''};
}

inline std::vector<GoldenSchedule> GoldenSchedules() {
  return {''')
for name, make, steps in SCHEDULES:
  print(f'''{{"{name}", {name},
{row(factors(make, steps))}}},''')
print('''};
}
// clang-format on

}  // namespace adjoint::optim

#endif  // ADJOINT_TESTS_OPTIM_GOLDEN_H_''')
