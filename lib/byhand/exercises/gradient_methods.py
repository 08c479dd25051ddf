"""Exercises of the homework on gradient methods that stand in no lesson of that chapter."""

import numpy as np

from byhand.conv import conv_backward
from byhand.exercises import Exercise
from byhand.optim import Momentum
from byhand.optim import descend as _descend


def _run(rng):
    """An optimizer, a gradient function, a start (d,) and a number of steps."""
    d = rng.integers(2, 4)
    A, b = np.diag(rng.uniform(0.5, 2, d)), rng.normal(size=d)
    opt = Momentum(rng.uniform(0.05, 0.3), rng.uniform(0.5, 0.9))
    return opt, lambda x: A @ x - b, rng.normal(size=d), int(rng.integers(3, 6))


def _path(opt, grad, x, steps):
    return np.array(list(_descend(opt, grad, x, steps)))


def _restless(opt, grad, x, steps):
    path, g = [x], grad(x)
    for _ in range(steps):
        path.append(opt.step(path[-1], g))
    return np.array(path)


def _late(opt, grad, x, steps):
    path, g = [x], grad(x)
    for _ in range(steps):
        path.append(opt.step(path[-1], g))
        g = grad(path[-2])
    return np.array(path)


DESCEND = Exercise(
    "descend", ("the path",), _run, _path, {
        "the start is missing: the path has steps + 1 points": lambda opt, grad, x, steps: (
            _path(opt, grad, x, steps)[1:]),
        "the last step is missing: the path has steps + 1 points": lambda opt, grad, x, steps: (
            _path(opt, grad, x, steps - 1)),
        "that is one step too many": lambda opt, grad, x, steps: _path(opt, grad, x, steps + 1),
        "that is the last point alone; return all of them": lambda opt, grad, x, steps: (
            _path(opt, grad, x, steps)[-1]),
        "every gradient was taken at the start; take each where the step before arrived": _restless,
        "each gradient was taken one point too early": _late,
        "every step began at the start": lambda opt, grad, x, steps: np.array(
            [x, *(opt.step(x, grad(x)) for _ in range(steps))]),
    })


def _convolution(rng):
    """dy (N, F, L − K + 1), x (N, C, L), w (F, C, K); F and C differ, so that exchanged axes show."""
    N, C, K, L = rng.integers(2, 4), rng.integers(2, 4), rng.integers(2, 4), rng.integers(5, 8)
    F = C + 1
    return rng.normal(size=(N, F, L - K + 1)), rng.normal(size=(N, C, L)), rng.normal(size=(F, C, K))


def _convolution_backward(dy, x, w):
    return conv_backward(dy, x, w)


def _backward(dx=lambda dx, dy, x, w: dx, dw=lambda dw, dy, x, w: dw, db=lambda db, dy: db):
    """The right gradients, but for one that is made wrong."""
    def wrong(dy, x, w):
        right = conv_backward(dy, x, w)
        return dx(right[0], dy, x, w), dw(right[1], dy, x, w), db(right[2], dy)
    return wrong


CONV_BACKWARD = Exercise(
    "conv_backward", ("dx", "dw", "db"), _convolution, _convolution_backward, {
        "in db the sum over the batch is missing": _backward(db=lambda db, dy: dy.sum(axis=2)),
        "in db the sum over the places is missing": _backward(db=lambda db, dy: dy.sum(axis=0)),
        "db is a mean; every place and sample adds to it": _backward(db=lambda db, dy: dy.mean(axis=(0, 2))),
        "dw is averaged over the batch; the loss is a sum": _backward(dw=lambda dw, dy, x, w: dw / len(x)),
        "in dw the sum over the batch is missing": _backward(dw=lambda dw, dy, x, w: np.stack(
            [conv_backward(dy[n:n + 1], x[n:n + 1], w)[1] for n in range(len(x))])),
        "dw runs backwards along the kernel": _backward(dw=lambda dw, dy, x, w: dw[:, :, ::-1]),
        "in dx the kernel is not turned round: output o saw x at o + k, so x at i is seen from i − k":
            _backward(dx=lambda dx, dy, x, w: conv_backward(dy, x, w[:, :, ::-1])[0]),
        "in dx only one filter is counted; every filter saw x": _backward(
            dx=lambda dx, dy, x, w: conv_backward(dy[:, :1], x, w[:1])[0]),
        "in dx the ends are missing: dx has the shape of x": _backward(
            dx=lambda dx, dy, x, w: dx[:, :, w.shape[2] - 1 : x.shape[2] - w.shape[2] + 1]),
    })
