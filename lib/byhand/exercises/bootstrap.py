"""Exercises of the lesson on the bootstrap."""

import numpy as np

from byhand.exercises import Exercise


def _sample(rng):
    n, R = rng.integers(5, 12), rng.integers(15, 30)
    return rng.normal(size=n) * rng.uniform(1, 20), rng.integers(n, size=(R, n))


def _standard_error(x, rows):
    return np.median(x[rows], axis=1).std(ddof=1)


def _percentile_interval(replicates, level):
    return tuple(np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2]))


def _unsorted(replicates, level):
    places = np.array([(1 - level) / 2, (1 + level) / 2]) * (len(replicates) - 1)
    return tuple(np.interp(places, np.arange(len(replicates)), replicates))


def _counts(rng):
    return rng.integers(4, 40), rng.integers(2, 70)


STANDARD_ERROR = Exercise(
    "standard_error", ("the standard error",), _sample, _standard_error, {
        "divided by √n: the spread of the medians is the standard error already": lambda x, rows: (
            _standard_error(x, rows) / np.sqrt(len(x))),
        "divided by √R: more resamples do not make the sample larger": lambda x, rows: (
            _standard_error(x, rows) / np.sqrt(len(rows))),
        "this is the spread of the values: take the median of each resample first": lambda x, rows: x[rows].std(ddof=1),
        "the medians were taken across the resamples, of each column; take them within each, of its row":
            lambda x, rows: np.median(x[rows], axis=0).std(ddof=1),
        "this is the variance; its root is missing": lambda x, rows: np.median(x[rows], axis=1).var(ddof=1),
        "the mean was taken in place of the median": lambda x, rows: x[rows].mean(axis=1).std(ddof=1),
        "the squares were divided by R; with ddof=1 they are divided by R − 1": lambda x, rows: (
            np.median(x[rows], axis=1).std()),
    })

PERCENTILE_INTERVAL = Exercise(
    "percentile_interval", ("low", "high"),
    lambda rng: (rng.normal(size=rng.integers(20, 60)), rng.choice([0.5, 0.8, 0.9, 0.95])),
    _percentile_interval, {
        "each tail got all of what is left out; the two tails share it": lambda replicates, level: (
            tuple(np.quantile(replicates, sorted([1 - level, level])))),
        "np.percentile counts from 0 to 100, np.quantile from 0 to 1": lambda replicates, level: (
            tuple(np.percentile(replicates, [(1 - level) / 2, (1 + level) / 2]))),
        "the replicates were taken by place without sorting them": _unsorted,
        "the two ends are exchanged": lambda replicates, level: _percentile_interval(replicates, level)[::-1],
        "this is the range of all replicates": lambda replicates, level: (replicates.min(), replicates.max()),
    })

DIFFERENT_ROWS = Exercise(
    "different_rows", ("the number of different rows",), _counts, lambda n, m: n * (1 - (1 - 1 / n) ** m), {
        "these are the rows that were left out": lambda n, m: n * (1 - 1 / n) ** m,
        "1 − 1/e is the limit for m = n; here they differ": lambda n, m: n * (1 - np.exp(-1)),
        "this is one row's chance to be drawn; there are n rows": lambda n, m: 1 - (1 - 1 / n) ** m,
        "n and m are exchanged: each of the m draws misses a given row with probability 1 − 1/n": lambda n, m: (
            m * (1 - (1 - 1 / m) ** n)),
        "this is drawing without replacement": lambda n, m: min(n, m),
        "this counts every draw, also those that repeat a row": lambda n, m: m,
    })
