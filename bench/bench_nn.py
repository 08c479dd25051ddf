"""A training epoch on the digits beside PyTorch eager: forward, loss, backward, and a momentum step a batch.

Both sides work in float32, shuffle the 1,797 digits anew each epoch and take them in batches of 32.
"""

import numpy as np
import torch
from byhand.data import batches, digits
from byhand.nn import Conv, Flatten, Linear, MaxPool, Net, ReLU, softmax_cross_entropy
from byhand.optim import Momentum

from bench.harness import Case

torch.set_num_threads(1)
SIZE = 32


def mlp(rng):
    theirs = torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
    return Net(Linear(64, 128, rng), ReLU(), Linear(128, 10, rng)), theirs


def convnet(rng):
    ours = Net(Conv(1, 8, 3, rng, padding=1), ReLU(), Conv(8, 16, 3, rng, padding=1), ReLU(), Flatten(),
               Linear(1024, 10, rng))
    theirs = torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(8, 16, 3, padding=1),
        torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(1024, 10))
    return ours, theirs


def convnet_with_pooling(rng):
    ours = Net(Conv(1, 8, 3, rng, padding=1), ReLU(), MaxPool(2), Conv(8, 16, 3, rng, padding=1), ReLU(),
               MaxPool(2), Flatten(), Linear(64, 10, rng))
    theirs = torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(8, 16, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Flatten(),
        torch.nn.Linear(64, 10))
    return ours, theirs


def cases():
    X, y = digits()
    X, images = X.astype(np.float32), X.astype(np.float32).reshape(-1, 1, 8, 8)
    yield _case("epoch, 64-128-10 MLP", mlp, X, y, goal=0.2)
    yield _case("epoch, convnet 8–16, 3×3", convnet, images, y, goal=0.9)
    yield _case("epoch, the same with max pooling", convnet_with_pooling, images, y, goal=None)


def _case(name, nets, X, y, goal):
    rng = np.random.default_rng(0)
    net, theirs = nets(rng)
    net.theta = net.theta.astype(np.float32)
    _copy(net, theirs)
    opt = Momentum(1e-3)
    sgd = torch.optim.SGD(theirs.parameters(), lr=1e-3, momentum=0.9)
    X_tensor, y_tensor = torch.tensor(X), torch.tensor(y, dtype=torch.int64)

    def ours():
        for x, labels in batches(X, y, SIZE, rng):
            _step(net, opt, x, labels)

    def peer():
        for order in torch.randperm(len(X)).split(SIZE):
            _torch_step(theirs, sgd, X_tensor[order], y_tensor[order])

    def agree():
        for start in range(0, 320, SIZE):
            at = slice(start, start + SIZE)
            _step(net, opt, X[at], y[at])
            _torch_step(theirs, sgd, X_tensor[at], y_tensor[at])
        with torch.no_grad():
            np.testing.assert_allclose(net(X), theirs(X_tensor).numpy(), rtol=1e-3, atol=1e-4)

    return Case(name, ours, peer, "PyTorch eager", agree, goal=goal)


def _step(net, opt, x, labels):
    _, gradient = softmax_cross_entropy(net.forward(x), labels)
    net.backward(gradient, dx=False)        # as PyTorch, whose input needs no gradient
    net.theta = opt.step(net.theta, net.grad)


def _torch_step(net, opt, x, labels):
    opt.zero_grad()
    torch.nn.functional.cross_entropy(net(x), labels).backward()
    opt.step()


def _copy(net, theirs):
    """Gives PyTorch's net the weights of ours; its linear layers hold them transposed."""
    layers = [layer for layer in net.layers if layer.parameters]
    modules = [module for module in theirs if list(module.parameters())]
    for layer, module in zip(layers, modules, strict=True):
        w = layer.w.T if isinstance(layer, Linear) else layer.w
        module.weight.data, module.bias.data = torch.tensor(w.copy()), torch.tensor(layer.b.copy())
