"""Exercises of the lesson on gradient descent. The loss is half the mean squared error, ‖Xw − y‖²/(2n)."""

import numpy as np

from byhand.exercises import Exercise


def _gradient(w, X, y):
    return X.T @ (X @ w - y) / len(X)


def _regression(rng):
    """w (d,), X (n, d), y (n,): more rows than columns."""
    d = rng.integers(2, 4)
    n = rng.integers(5, 9)
    return rng.normal(size=d), rng.normal(size=(n, d)), rng.normal(size=n)


def _pass(rng):
    w, X, y = _regression(rng)
    size = rng.integers(2, 4)
    if len(y) % size == 0:                      # so that the last batch is always smaller
        X, y = X[:-1], y[:-1]
    return w, X, y, rng.permutation(len(y)), size, rng.uniform(0.05, 0.5)


def _epoch(step=_gradient, *, keep=True, whole=False, shuffled=True, moves=True, sign=-1):
    """One pass, with its classic mistakes: a `step` of another length, a batch left out, an order ignored …"""
    def epoch(w, X, y, order, size, lr):
        start, order = w, order if shuffled else np.arange(len(y))
        for first in range(0, len(y), size):
            rows = order[first : first + size]
            if len(rows) < size and not keep:
                break
            g = step(w if moves else start, X[rows], y[rows])
            w = w + sign * lr * g * (len(rows) / size if whole else 1)
        return w
    return epoch


def _whole_epoch(w, X, y, order, size, lr):
    return _epoch()(w, X, y, order, size, lr)


ONE_EPOCH = Exercise(
    "one_epoch", ("w",), _pass, _whole_epoch, {
        "the gradient was summed over the batch, not averaged": _epoch(lambda w, X, y: X.T @ (X @ w - y)),
        "the last batch was left out because it is smaller": _epoch(keep=False),
        "the last batch is smaller: divide by its own number of rows": _epoch(whole=True),
        "the rows were taken as they stand; `order` says which come first": _epoch(shuffled=False),
        "every gradient was taken at the first w; take each where the step before arrived": _epoch(moves=False),
        "the sign is wrong: the steps go up the slope": _epoch(sign=1),
        "that is one step with all rows, not one a batch": lambda w, X, y, order, size, lr: w - lr * _gradient(w, X, y),
        "the gradient is twice too long: the loss has a factor ½": _epoch(lambda w, X, y: 2 * _gradient(w, X, y)),
    })


def _matrix(rng):
    d = rng.integers(2, 5)
    B = rng.normal(size=(d, d + 1))
    return (B @ B.T / d + 0.1 * np.eye(d),)


def _curvatures(A):
    return np.linalg.eigvalsh(A)


LARGEST_RATE = Exercise(
    "largest_rate", ("the rate",), _matrix, lambda A: 2 / _curvatures(A)[-1], {
        "that rate reaches the minimum of the steepest direction in one step; the limit is twice that":
            lambda A: 1 / _curvatures(A)[-1],
        "the smallest curvature was used; the steepest direction is the first to diverge":
            lambda A: 2 / _curvatures(A)[0],
        "that is the fastest rate, 2/(λmax + λmin); a larger one still converges":
            lambda A: 2 / (_curvatures(A)[-1] + _curvatures(A)[0]),
        "the trace is the sum of all curvatures, the limit asks for the largest": lambda A: 2 / np.trace(A),
        "the diagonal holds the curvatures along the axes; the steepest direction may lie between them":
            lambda A: 2 / A.diagonal().max(),
        "the norm of A is the root of the sum of squares of all its entries; the limit asks for an eigenvalue":
            lambda A: 2 / np.linalg.norm(A),
    })


def _batch_gradient(w, X, y):
    return _gradient(w, X, y)


BATCH_GRADIENT = Exercise(
    "batch_gradient", ("the gradient",), _regression, _batch_gradient, {
        "the gradient is summed over the batch; a batch twice as large would make a step twice as long":
            lambda w, X, y: X.T @ (X @ w - y),
        "it is divided by the number of weights, X.shape[1]; the mean is over the rows":
            lambda w, X, y: X.T @ (X @ w - y) / X.shape[1],
        "the gradient is twice too long: the loss has a factor ½": lambda w, X, y: 2 * _gradient(w, X, y),
        "the residual has the wrong sign: the step would go up": lambda w, X, y: -_gradient(w, X, y),
        "each row's gradient is there, but not yet their mean": lambda w, X, y: X * (X @ w - y)[:, None],
    })
