"""Train a net: the loop that every experiment shares, one epoch at a time.

Shapes: as in `nn`; with `theta` of shape (S, P) all S nets see the same batches.
"""

import numpy as np

from byhand import _check
from byhand.data import batches

CEILING = 1e3


def epochs(net, opt, loss, X, Y, *, count, size, rng):
    """Trains `net` in place on batches of `size` and yields, after each of `count` epochs, its mean loss over the batches.

    `loss(output, target)` returns the loss and its gradient, as `softmax_cross_entropy` does; `opt` has `step(x, g)`.
    A net whose loss on a batch is over a thousand has diverged. It gets no more gradient, so that one
    bad learning rate among many does not stop the others, and its yielded loss is inf from then on.
    """
    _check.count("count", count)
    _check.count("size", size)
    _check.generator("rng", rng)
    diverged = False
    for _ in range(count):
        total = 0.0
        for xb, yb in batches(X, Y, size, rng):
            value, gradient = loss(net.forward(xb), yb)
            diverged = diverged | ~(value < CEILING)
            if np.any(diverged):
                gradient = np.where(np.reshape(diverged, (*np.shape(diverged), *[1] * (gradient.ndim - np.ndim(diverged)))),
                                    0, gradient)
            net.backward(gradient)
            net.theta = opt.step(net.theta, net.grad)
            total = total + value * len(xb) / len(X)
        yield np.where(diverged, np.inf, total)
