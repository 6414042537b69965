"""Writes lstm.txt: what PyTorch's LSTM computes, and its gradients.

Run with PyTorch 1.13:

  python3 tests/nn/golden/lstm.py > tests/nn/golden/lstm.txt

Each tensor is a line of its name and shape and a line of its elements. The
gradients "d name" are those of the sum of the products of y, hn and cn with the
weights "by y", "by hn" and "by cn".
"""
import torch

LAYERS, BATCH, TIME, INPUT, HIDDEN = 2, 3, 5, 4, 6

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)


def show(name, tensor):
  print(name.replace(' ', '_'), *tensor.shape)
  print(*('%.17g' % value for value in tensor.detach().flatten()))


lstm = torch.nn.LSTM(INPUT, HIDDEN, LAYERS, batch_first=True)
inputs = {
    'x': torch.randn(BATCH, TIME, INPUT, requires_grad=True),
    'h0': torch.randn(LAYERS, BATCH, HIDDEN, requires_grad=True),
    'c0': torch.randn(LAYERS, BATCH, HIDDEN, requires_grad=True),
}
inputs.update(lstm.named_parameters())
y, (hn, cn) = lstm(inputs['x'], (inputs['h0'], inputs['c0']))
outputs = {'y': y, 'hn': hn, 'cn': cn}
weights = {name: torch.randn_like(out) for name, out in outputs.items()}
sum((outputs[name] * weights[name]).sum() for name in outputs).backward()

for name, tensor in inputs.items():
  show(name, tensor)
for name, tensor in outputs.items():
  show(name, tensor)
  show('by ' + name, weights[name])
for name, tensor in inputs.items():
  show('d ' + name, tensor.grad)
