"""Writes mlp_pytorch.safetensors: the weights of a perceptron of PyTorch's, and
mlp_pytorch_x.npy and mlp_pytorch_y.npy: an input of it and its logits.

Run with PyTorch 1.13 and NumPy 1.24:

  python3 tests/train/golden/mlp_pytorch.py

The file is laid out as the reference writer does: tensors by name, the header
without blanks, padded by spaces to a multiple of eight.
"""
import json
import pathlib
import struct

import numpy
import torch

torch.manual_seed(1)
model = torch.nn.Sequential(torch.nn.Linear(6, 4), torch.nn.ReLU(),
                            torch.nn.Linear(4, 3))
x = torch.randn(5, 6)
y = model(x).detach()

header, data = {'__metadata__': {'format': 'pt'}}, b''
for name, tensor in sorted(model.state_dict().items()):
  raw = tensor.numpy().astype('<f4').tobytes()
  header[name] = {
      'dtype': 'F32',
      'shape': list(tensor.shape),
      'data_offsets': [len(data), len(data) + len(raw)],
  }
  data += raw
text = json.dumps(header, separators=(',', ':')).encode()
text += b' ' * (-len(text) % 8)

folder = pathlib.Path(__file__).parent
(folder / 'mlp_pytorch.safetensors').write_bytes(
    struct.pack('<Q', len(text)) + text + data)
numpy.save(folder / 'mlp_pytorch_x.npy', x.numpy())
numpy.save(folder / 'mlp_pytorch_y.npy', y.numpy())
