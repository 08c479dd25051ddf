"""Exercises of the lesson on dividing by n − 1."""

import numpy as np

from byhand.exercises import Exercise
from byhand.stats import paired_effect, variance


def _pairs(rng):
    n = int(rng.integers(3, 8))
    common = rng.normal(0, 3, size=n)               # what the two methods of a seed have in common
    return common + rng.normal(size=n), common + rng.normal(1, 1, size=n)


def _unpaired(a, b):
    return np.sqrt(variance(a) / len(a) + variance(b) / len(b))


UNBIASED_VARIANCE = Exercise(
    "unbiased_variance", ("s²",), lambda rng: (rng.normal(2, 2, size=rng.integers(2, 8)),), variance, {
        "the sum was divided by n": lambda x: np.var(x),
        "the sum was divided by n + 1; the sample's own mean makes it too small, so divide by less": lambda x: (
            np.var(x) * len(x) / (len(x) + 1)),
        "this is the standard deviation; the variance is its square": lambda x: np.std(x, ddof=1),
        "the mean was not taken off before squaring": lambda x: np.sum(x**2) / (len(x) - 1),
        "the distances were not squared": lambda x: np.sum(np.abs(x - x.mean())) / (len(x) - 1),
        "nothing was divided: this is the sum of squares": lambda x: np.var(x) * len(x),
        "it is the mean that was divided by n − 1, not the sum of squares": lambda x: (
            np.mean((x - x.sum() / (len(x) - 1)) ** 2)),
    })

STANDARD_ERROR = Exercise(
    "standard_error", ("the standard error",), _pairs, lambda a, b: paired_effect(a, b).se, {
        "the pairs were torn apart: take the differences first, so that what a pair shares cancels": _unpaired,
        "the standard deviation has divisor n": lambda a, b: np.std(a - b) / len(a) ** 0.5,
        "this is the standard deviation of the differences; that of their mean is √n times smaller": lambda a, b: (
            np.std(a - b, ddof=1)),
        "the standard deviation was divided by n; divide it by √n": lambda a, b: np.std(a - b, ddof=1) / len(a),
        "this is the square of it; a root is missing": lambda a, b: variance(a - b) / len(a),
        "it was divided by √(n − 1) as well; n − 1 belongs to the variance, n to the mean": lambda a, b: (
            np.std(a - b, ddof=1) / (len(a) - 1) ** 0.5),
        "the mean was not taken off the differences": lambda a, b: (
            np.sqrt(np.sum((a - b) ** 2) / (len(a) - 1) / len(a))),
    })

RUNNING_VARIANCE = Exercise(
    "running_variance", ("the running variance",),
    lambda rng: (rng.uniform(0.5, 2, size=3), rng.normal(1, 2, size=(int(rng.integers(3, 7)), 3)),
                 rng.uniform(0.05, 0.4)),
    lambda old, batch, momentum: (1 - momentum) * old + momentum * variance(batch, axis=0), {
        "the batch's variance has divisor B; for the running one it is B − 1": lambda old, batch, momentum: (
            (1 - momentum) * old + momentum * batch.var(axis=0)),
        "old and new are exchanged: momentum is the share of the new one": lambda old, batch, momentum: (
            momentum * old + (1 - momentum) * variance(batch, axis=0)),
        "the standard deviation was averaged; average the variance": lambda old, batch, momentum: (
            (1 - momentum) * old + momentum * variance(batch, axis=0) ** 0.5),
        "each feature has its own variance, down the rows; this is one for all": lambda old, batch, momentum: (
            (1 - momentum) * old + momentum * variance(batch)),
        "the old one was not made smaller; the two shares add up to 1": lambda old, batch, momentum: (
            old + momentum * variance(batch, axis=0)),
        "the mean was not taken off": lambda old, batch, momentum: (
            (1 - momentum) * old + momentum * np.sum(batch**2, axis=0) / (len(batch) - 1)),
    })
