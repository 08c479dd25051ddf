"""One step of each gradient method beside torch.optim's default, on as many float32 parameters.

The peer holds its parameters as a net does, as the four tensors of a 64-H-10 classifier, and once more as
one tensor: the least work for PyTorch, of which dispatch is the larger part. Ours are one vector either way.
"""

from dataclasses import replace
from functools import partial

import numpy as np
import torch
from byhand.optim import Adadelta, Adagrad, Adam, GradientDescent, Momentum, Nesterov, RMSprop

from bench.harness import Case

torch.set_num_threads(1)

METHODS = [
    (GradientDescent(1e-3), partial(torch.optim.SGD, lr=1e-3)),
    (Momentum(1e-3), partial(torch.optim.SGD, lr=1e-3, momentum=0.9)),
    (Nesterov(1e-3), partial(torch.optim.SGD, lr=1e-3, momentum=0.9, nesterov=True)),
    (Adagrad(1e-3), partial(torch.optim.Adagrad, lr=1e-3, eps=1e-10)),
    (Adadelta(0.9, 1e-6), partial(torch.optim.Adadelta, lr=1.0, rho=0.9, eps=1e-6)),
    (RMSprop(1e-3, 0.99), partial(torch.optim.RMSprop, lr=1e-3, alpha=0.99, eps=1e-8)),
    (Adam(1e-3), partial(torch.optim.Adam, lr=1e-3, eps=1e-8)),
]
# Hidden units that make 985 and 100,060 parameters.
SIZES = [("1,000", 13, 0.1), ("100,000", 1334, 0.7)]


def cases():
    for size, hidden, goal in SIZES:
        net = [(hidden, 64), (hidden,), (10, hidden), (10,)]
        flat = [(sum(int(np.prod(shape)) for shape in net),)]
        for name, shapes in ("4 tensors", net), ("1 tensor", flat):
            for method, peer in METHODS:
                yield _case(method, peer, shapes, f"{size} parameters, {name}", goal)


def _case(method, peer, shapes, group, goal):
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=(2, sum(int(np.prod(shape)) for shape in shapes))).astype(np.float32)
    tensors = [torch.nn.Parameter(part) for part in _split(x, shapes)]
    for tensor, part in zip(tensors, _split(g, shapes), strict=True):
        tensor.grad = part
    ours, opt = replace(method), peer(tensors)

    def agree():
        opt.step()
        theirs = torch.cat([tensor.detach().ravel() for tensor in tensors]).numpy()
        np.testing.assert_allclose(ours.step(x, g), theirs, rtol=1e-5, atol=1e-7)

    name = f"{type(method).__name__}, {group}"
    return Case(name, partial(ours.step, x, g), opt.step, "torch.optim", agree, group, goal)


def _split(flat, shapes):
    parts = torch.tensor(flat).split([int(np.prod(shape)) for shape in shapes])
    return [part.reshape(shape).clone() for part, shape in zip(parts, shapes, strict=True)]
