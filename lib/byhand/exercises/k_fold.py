"""Exercises of the lesson on k-fold cross-validation."""

import numpy as np

from byhand.exercises import Exercise


def _fold_of(n, k):
    return np.sort(np.arange(n) % k)


def _line(x, y, train, test, reduce=np.mean):
    return reduce((y[test] - np.polyval(np.polyfit(x[train], y[train], 1), x[test])) ** 2)


def _fold_losses(x, y, k, losses=lambda x, y, rest, part: _line(x, y, rest, part)):
    rows = np.arange(len(x))
    return np.array([losses(x, y, np.setdiff1d(rows, part), part) for part in np.array_split(rows, k)])


def _fold_losses_of(**how):
    return lambda x, y, k: _fold_losses(x, y, k, **how)


def _draw_line(rng):
    n = int(rng.integers(9, 16))
    x = rng.uniform(0, 4, n)
    return x, rng.normal() + rng.normal() * x + rng.normal(0, 0.5, n), int(rng.integers(2, 5))


def _within(losses, bound, last=False, ddof=1):
    """The best choice, and the first (or last) of those for which `bound(mean, se, best)` holds."""
    mean, se = losses.mean(axis=1), losses.std(axis=1, ddof=ddof) / losses.shape[1] ** 0.5
    best = mean.argmin()
    within = np.flatnonzero(bound(mean, se, best))
    return best, within[-1 if last else 0]


def _of_the_best(mean, se, best):
    return mean <= mean[best] + se[best]


def _draw_losses(rng):
    choices, k = int(rng.integers(20, 60)), int(rng.integers(3, 8))
    curve = (np.arange(choices) / choices - rng.uniform(0.3, 0.8)) ** 2
    return (rng.uniform(1, 2) + 2 * curve[:, None] + rng.normal(0, 0.05, (choices, k)) + rng.normal(0, 0.3, k),)


def _left_out(X, y, divide=lambda free: free):
    leverage = np.diag(X @ np.linalg.pinv(X))
    return (y - X @ np.linalg.lstsq(X, y, rcond=None)[0]) / divide(1 - leverage)


FOLD_OF = Exercise(
    "fold_of", ("the folds",), lambda rng: (int(rng.integers(7, 26)), int(rng.integers(2, 7))), _fold_of, {
        "the rows were dealt out like cards; here a fold is a block of successive rows": lambda n, k: np.arange(n) % k,
        "the last fold takes all the rows that are left over; the sizes may differ by at most 1": lambda n, k: (
            np.minimum(np.arange(n) // (n // k), k - 1)),
        "the larger folds come last; they come first": lambda n, k: k - 1 - _fold_of(n, k)[::-1],
        "the larger folds stand among the smaller ones; they come first": lambda n, k: np.arange(n) * k // n,
        "the folds are counted from 1; count from 0": lambda n, k: _fold_of(n, k) + 1,
    })

FOLD_LOSSES = Exercise(
    "fold_losses", ("the losses",), _draw_line, lambda x, y, k: _fold_losses(x, y, k), {
        "the error was measured on the rows that the line was fitted to": _fold_losses_of(
            losses=lambda x, y, rest, part: _line(x, y, rest, rest)),
        "the line was fitted to the rows held out and measured on the others": _fold_losses_of(
            losses=lambda x, y, rest, part: _line(x, y, part, rest)),
        "one line was fitted to all rows, so those held out took part in it": _fold_losses_of(
            losses=lambda x, y, rest, part: _line(x, y, np.union1d(rest, part), part)),
        "these are sums of squares; divide by the number of rows held out": _fold_losses_of(
            losses=lambda x, y, rest, part: _line(x, y, rest, part, np.sum)),
        "these are roots of the mean squares; leave the squares": _fold_losses_of(
            losses=lambda x, y, rest, part: _line(x, y, rest, part) ** 0.5),
    })

ONE_STANDARD_ERROR = Exercise(
    "one_standard_error", ("the best", "the simplest"), _draw_losses, lambda losses: _within(losses, _of_the_best), {
        "the bound is one standard deviation of the folds; a standard error is that divided by √k": lambda losses: (
            _within(losses, lambda mean, se, best: mean <= mean[best] + se[best] * losses.shape[1] ** 0.5)),
        "each choice was judged by its own standard error; the bound is that of the best": lambda losses: (
            _within(losses, lambda mean, se, best: mean - se <= mean[best])),
        "the most complex choice within the bound was taken; the simplest stands first": lambda losses: (
            _within(losses, _of_the_best, last=True)),
        "the spread divides by k; from k folds it divides by k − 1": lambda losses: (
            _within(losses, _of_the_best, ddof=0)),
    })

LEFT_OUT = Exercise(
    "left_out", ("the residuals",),
    lambda rng: (lambda n: (rng.normal(size=(n, 2)), rng.normal(size=n)))(int(rng.integers(5, 9))),
    lambda X, y: _left_out(X, y), {
        "these are the residuals of the fit to all rows; divide each by 1 − h": lambda X, y: (
            _left_out(X, y, lambda free: 1)),
        "the residuals were divided by h; divide by 1 − h": lambda X, y: _left_out(X, y, lambda free: 1 - free),
        "the residuals were multiplied by 1 − h; divide by it": lambda X, y: _left_out(X, y, lambda free: 1 / free),
        "the residuals were divided by √(1 − h); for the rows left out it is 1 − h itself": lambda X, y: (
            _left_out(X, y, lambda free: free**0.5)),
        "every row has been given the mean leverage p/n; take the row's own": lambda X, y: (
            _left_out(X, y, lambda free: free.mean())),
    })
