"""Exercises of the lesson on dropout."""

import numpy as np

from byhand.exercises import Exercise


def _layer(rng):
    shape = rng.integers(2, 4), rng.integers(4, 7)
    return *rng.normal(size=(2, *shape)), rng.random(shape), rng.uniform(0.2, 0.8)


def _dropout(x, dy, u, rate):
    kept = u >= rate
    return x * kept / (1 - rate), dy * kept / (1 - rate)


def _sum(rng):
    return *rng.normal(size=(2, rng.integers(3, 6))), rng.uniform(0.2, 0.8)


def _output_variance(h, w, rate):
    return rate / (1 - rate) * np.sum(w**2 * h**2)


def _table(rng):
    n, d = rng.integers(6, 10), rng.integers(2, 4)
    X = rng.normal(size=(n, d)) * rng.uniform(0.5, 2, size=d)
    return X, rng.normal(size=n), rng.uniform(0.2, 0.8)


def _dropout_regression(X, y, rate):
    return _regression(X, y, rate / (1 - rate) * np.diag(np.sum(X**2, axis=0)))


def _regression(X, y, penalty):
    return np.linalg.solve(X.T @ X + penalty, X.T @ y)


DROPOUT = Exercise(
    "dropout", ("y", "dx"), _layer, _dropout, {
        "the numbers that are left were not divided by 1 − r, so the mean of y is not x": lambda x, dy, u, rate: (
            x * (u >= rate), dy * (u >= rate)),
        "y was divided by 1 − r, and its gradient was not": lambda x, dy, u, rate: (
            x * (u >= rate) / (1 - rate), dy * (u >= rate)),
        "the gradient went through the numbers that are off: it needs the same mask": lambda x, dy, u, rate: (
            x * (u >= rate) / (1 - rate), dy / (1 - rate)),
        "the gradient was passed on as it came": lambda x, dy, u, rate: (x * (u >= rate) / (1 - rate), dy),
        "the wrong ones are off: u is below r with probability r": lambda x, dy, u, rate: (
            x * (u < rate) / (1 - rate), dy * (u < rate) / (1 - rate)),
        "the numbers that are left were divided by r; a share of 1 − r is left": lambda x, dy, u, rate: (
            x * (u >= rate) / rate, dy * (u >= rate) / rate),
        "the numbers that are left were multiplied by 1 − r, which makes them smaller still": lambda x, dy, u, rate: (
            x * (u >= rate) * (1 - rate), dy * (u >= rate) * (1 - rate)),
    })

OUTPUT_VARIANCE = Exercise(
    "output_variance", ("the variance",), _sum, _output_variance, {
        "this is for masks that were not divided by 1 − r": lambda h, w, rate: (
            rate * (1 - rate) * np.sum(w**2 * h**2)),
        "this is the mean of the squares; the square of the mean must be taken off": lambda h, w, rate: (
            np.sum(w**2 * h**2) / (1 - rate)),
        "the square was taken of the sum; the masks are independent, so the variances add up": lambda h, w, rate: (
            rate / (1 - rate) * np.sum(w * h) ** 2),
        "this is the standard deviation": lambda h, w, rate: np.sqrt(_output_variance(h, w, rate)),
        "r and 1 − r are exchanged: with r = 0 there must be no variance": lambda h, w, rate: (
            (1 - rate) / rate * np.sum(w**2 * h**2)),
    })

DROPOUT_REGRESSION = Exercise(
    "dropout_regression", ("w",), _table, _dropout_regression, {
        "this is plain ridge: each weight must be penalized by the sum of the squares of its own column":
            lambda X, y, rate: _regression(X, y, rate / (1 - rate) * np.eye(X.shape[1])),
        "this is least squares with no dropout": lambda X, y, rate: _regression(X, y, 0),
        "the whole of XᵀX was taken; only its diagonal belongs to the penalty, since masks are independent":
            lambda X, y, rate: _regression(X, y, rate / (1 - rate) * X.T @ X),
        "r and 1 − r are exchanged: with r = 0 there must be no penalty": lambda X, y, rate: (
            _regression(X, y, (1 - rate) / rate * np.diag(np.sum(X**2, axis=0)))),
        "the penalty was divided by n, the squared error was not": lambda X, y, rate: (
            _regression(X, y, rate / (1 - rate) * np.diag(np.mean(X**2, axis=0)))),
        "this is for masks that were not divided by 1 − r": lambda X, y, rate: (
            _dropout_regression(X, y, rate) / (1 - rate)),
    })
