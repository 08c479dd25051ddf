"""Train a net: the loop that every experiment shares, one epoch at a time.

Shapes: as in `nn`; with `theta` of shape (S, P) all S nets see the same batches.
"""

import numpy as np

from byhand import _check
from byhand.data import batches

CEILING = 1e3


def epochs(net, opt, loss, X, Y, *, count, size, rng):
    """Trains `net` in place on batches of `size` and yields, after each of `count` epochs, its mean loss.

    The loss is the mean over the batches, each as it was before its step. `loss(output, target)` returns the
    loss and its gradient, as `softmax_cross_entropy` does; `opt` has `step(x, g)`.

    A net whose loss on a batch is over a thousand, or whose parameters are no longer finite, has diverged. Its
    parameters are 0 from then on and its yielded loss is inf, so that one bad learning rate among many does
    not disturb the others.
    """
    for name, thing, method in (("net", net, "forward"), ("opt", opt, "step")):
        if not callable(getattr(thing, method, None)):
            raise TypeError(f"{name} must have a method {method}, got {thing!r:.60}")
    _check.function("loss", loss)
    X = _check.finite("X", X)
    _check.count("count", count)
    _check.count("size", size)
    _check.generator("rng", rng)
    diverged = np.zeros(net.theta.shape[:-1], dtype=bool)
    for _ in range(count):
        total = np.zeros(diverged.shape)
        for xb, yb in batches(X, Y, size, rng):
            with np.errstate(all="ignore"):             # what overflows has diverged, and is looked for
                output = net.forward(xb)
                diverged = diverged | _spoilt(output, diverged.ndim)
                value, gradient = _pair(loss(_without(diverged, output), yb), diverged.shape)
                diverged = diverged | ~np.less(value, CEILING) | _spoilt(gradient, diverged.ndim)
                net.backward(_without(diverged, gradient), dx=False)
                diverged = diverged | _spoilt(net.grad, diverged.ndim)
                theta = opt.step(net.theta, _without(diverged, net.grad))
                diverged = diverged | _spoilt(theta, diverged.ndim)
            net.theta = _without(diverged, theta)
            total = total + value * (len(xb) / len(X))
        yield np.where(diverged, np.inf, total)[()]


def _pair(lost, shape):
    if not isinstance(lost, tuple) or len(lost) != 2 or np.shape(lost[0]) != shape:
        raise TypeError(f"loss must return a pair, values {shape} and a gradient, got {lost!r:.60}")
    return lost


def _spoilt(x, axes):
    """For each of the nets that the first `axes` count: does `x` hold something that is not finite?"""
    if np.vdot(x, x) < np.inf:                          # the cheap look-out
        return False
    return ~np.isfinite(x).all(axis=tuple(range(axes, np.ndim(x))))


def _without(nets, x):
    """`x`, with 0 in place of those `nets`."""
    return np.where(np.reshape(nets, (*nets.shape, *[1] * (x.ndim - nets.ndim))), 0, x) if nets.any() else x
