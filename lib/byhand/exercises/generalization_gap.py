"""Exercises of the lesson on the generalization gap."""

import numpy as np

from byhand.exercises import Exercise
from byhand.linear import minimum_norm


def _labels(rng):
    """The two sets of labels differ in size, and either may be the harder one."""
    sets = []
    for n in (rng.integers(8, 15), rng.integers(4, 8)):
        y = rng.integers(3, size=n)
        sets += [y, np.where(rng.random(n) < rng.uniform(0.1, 0.9), (y + 1) % 3, y)]
    return tuple(sets)


def _shares(y_train, guess_train, y_test, guess_test):
    return np.mean(guess_train != y_train), np.mean(guess_test != y_test)


def _gap(y_train, guess_train, y_test, guess_test):
    train, test = _shares(y_train, guess_train, y_test, guess_test)
    return test - train


def _counted(y_train, guess_train, y_test, guess_test):
    return np.sum(guess_test != y_test) - np.sum(guess_train != y_train)


def _pooled(y_train, guess_train, y_test, guess_test):
    wrong = np.sum(guess_test != y_test) - np.sum(guess_train != y_train)
    return wrong / (len(y_train) + len(y_test))


def _rows(rng):
    n = int(rng.integers(2, 4))
    return rng.normal(size=(n, n + int(rng.integers(2, 4)))), rng.normal(size=n)


def _first_columns(X, y):
    n = len(y)
    return np.append(np.linalg.solve(X[:, :n], y), np.zeros(X.shape[1] - n))


def _from_ones(X, y):
    return 1 + minimum_norm(X, y - X.sum(axis=1))


def _penalized(X, y):
    return X.T @ np.linalg.solve(X @ X.T + np.eye(len(y)), y)


GAP = Exercise(
    "gap", ("the gap",), _labels, _gap, {
        "the sign is wrong: it is the test error minus the training error (for accuracies the other way round)":
            lambda *sets: -_gap(*sets),
        "the sign was dropped: a gap may be negative": lambda *sets: abs(_gap(*sets)),
        "wrong guesses were counted; the sets differ in size, so take the share of each": _counted,
        "both counts were divided by the size of both sets; each has its own": _pooled,
        "this is the test error; the training error is still to be taken off": lambda *sets: _shares(*sets)[1],
    })

SHORTEST = Exercise(
    "shortest", ("w",), _rows, minimum_norm, {
        "it fits, but only the first n columns are used: a shorter w uses all": _first_columns,
        "it fits, but it is not the shortest: it started from ones, and what is orthogonal to the rows was left in":
            _from_ones,
        "it does not fit: a penalty was added to XXᵀ": _penalized,
        "this is Xᵀy: the inverse of XXᵀ is missing": lambda X, y: X.T @ y,
    })

EXPECTED_ERRORS = Exercise(
    "expected_errors", ("the training error", "the test error"),
    lambda rng: (int(rng.integers(20, 50)), int(rng.integers(1, 15)), rng.uniform(0.5, 2)),
    lambda n, p, sigma: (sigma**2 * (1 - p / n), sigma**2 * (1 + p / n)), {
        "sigma is a standard deviation; its square is the variance": lambda n, p, sigma: (
            sigma * (1 - p / n), sigma * (1 + p / n)),
        "the two are exchanged: the training error is the lower one": lambda n, p, sigma: (
            sigma**2 * (1 + p / n), sigma**2 * (1 - p / n)),
        "the test error is more than the noise: what the fit took in of it comes on top": lambda n, p, sigma: (
            sigma**2 * (1 - p / n), sigma**2),
        "the training error is less than the noise: the fit took in p of n directions": lambda n, p, sigma: (
            sigma**2, sigma**2 * (1 + p / n)),
        "the whole gap was added to the test error; half of it is missing from the training error":
            lambda n, p, sigma: (sigma**2, sigma**2 * (1 + 2 * p / n)),
        "n and p are exchanged": lambda n, p, sigma: (sigma**2 * (1 - n / p), sigma**2 * (1 + n / p)),
    })
