"""Writes norm.h: what PyTorch's normalisation layers do.

Run with PyTorch 1.13:

  python3 tests/nn/golden/norm_pytorch.py > tests/nn/golden/norm.h
"""
import torch


def draw(*shape):
    """Four decimals, so that the header holds the very numbers."""
    return (torch.randn(*shape, dtype=torch.float64) * 1e4).round() / 1e4


def show(name, tensor):
    numbers = [f'{v:.17g}' for v in tensor.detach().flatten().tolist()]
    lines = [', '.join(numbers[i:i + 3]) for i in range(0, len(numbers), 3)]
    print(f'inline const std::vector<double> k{name} = {{')
    print('    ' + ',\n    '.join(lines) + '};')


def show_gradients(name, layer, x, dy):
    """Inputs, y and the gradients of sum(y dy), as kNameX, kNameY, ..."""
    x = x.clone().requires_grad_()
    y = layer(x)
    dx, dw, db = torch.autograd.grad(y, [x, layer.weight, layer.bias], dy)
    for part, tensor in [('X', x), ('Dy', dy), ('Y', y), ('Dx', dx),
                         ('Dweight', dw), ('Dbias', db)]:
        show(name + part, tensor)


def batch_norm(name, shape):
    """Two steps of training, then evaluation."""
    layer = torch.nn.BatchNorm2d(shape[1], eps=0.01, momentum=0.3)
    layer = layer.double()
    layer.weight.data, layer.bias.data = draw(shape[1]), draw(shape[1])
    show(name + 'Weight', layer.weight)
    show(name + 'Bias', layer.bias)
    first, second = draw(*shape) * 2 + 3, draw(*shape)
    show_gradients(name, layer, first, draw(*shape))
    show(name + 'X2', second)
    show(name + 'Y2', layer(second))
    show(name + 'RunningMean', layer.running_mean)
    show(name + 'RunningVar', layer.running_var)
    layer.eval()
    show(name + 'EvalY', layer(second))


def layer_norm(name, shape, features):
    layer = torch.nn.LayerNorm(features, eps=0.01).double()
    layer.weight.data, layer.bias.data = draw(*features), draw(*features)
    show(name + 'Weight', layer.weight)
    show(name + 'Bias', layer.bias)
    show_gradients(name, layer, draw(*shape) * 2 + 3, draw(*shape))


torch.manual_seed(1)
version = torch.__version__.split('+')[0]
print(f'// Written by norm_pytorch.py with PyTorch {version}.')
print('#ifndef ADJOINT_TESTS_NN_GOLDEN_NORM_H_')
print('#define ADJOINT_TESTS_NN_GOLDEN_NORM_H_')
print()
print('#include <vector>')
print()
print('namespace adjoint::nn::golden {')
print()
print('// clang-format off')
print('// x [3,2,1,2]')
batch_norm('Batch', (3, 2, 1, 2))
print()
print('// x [3,4], the last axis')
layer_norm('Layer', (3, 4), (4,))
print()
print('// x [2,2,3], the last two axes')
layer_norm('Plane', (2, 2, 3), (2, 3))
print('// clang-format on')
print()
print('}  // namespace adjoint::nn::golden')
print()
print('#endif  // ADJOINT_TESTS_NN_GOLDEN_NORM_H_')
