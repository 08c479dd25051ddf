"""Exercises of the lesson on bias and variance."""

import numpy as np

from byhand.exercises import Exercise


def _fits(rng):
    R, points = int(rng.integers(3, 6)), int(rng.integers(2, 5))
    f = rng.normal(size=points)
    return f + rng.normal(size=points) + rng.normal(size=(R, points)), f


def _decompose(fits, f):
    mean = fits.mean(axis=0)
    return np.mean((mean - f) ** 2), np.mean((fits - mean) ** 2)


DECOMPOSE = Exercise(
    "decompose", ("bias²", "the variance"), _fits, _decompose, {
        "the square was taken before the mean over training sets: this bias² holds the variance too": lambda fits, f: (
            np.mean((fits - f) ** 2), _decompose(fits, f)[1]),
        "the bias was averaged over the points before it was squared, so that signs cancel": lambda fits, f: (
            np.mean(fits - f) ** 2, _decompose(fits, f)[1]),
        "bias² is not squared": lambda fits, f: (
            np.mean(np.abs(fits.mean(axis=0) - f)), _decompose(fits, f)[1]),
        "the variance has divisor R − 1; with R the two add up": lambda fits, f: (
            _decompose(fits, f)[0], fits.var(axis=0, ddof=1).mean()),
        "the variance was taken along the points; it is over training sets, down the rows": lambda fits, f: (
            _decompose(fits, f)[0], fits.var(axis=1).mean()),
        "the variance was taken over all numbers at once; each point has a mean of its own": lambda fits, f: (
            _decompose(fits, f)[0], fits.var()),
        "the square root was taken: this is a standard deviation": lambda fits, f: (
            _decompose(fits, f)[0], fits.std(axis=0).mean()),
        "the fits were compared with the truth; variance is around their own mean": lambda fits, f: (
            _decompose(fits, f)[0], np.mean((fits - f) ** 2)),
    })

BEST_SHRINKAGE = Exercise(
    "best_shrinkage", ("c",),
    lambda rng: (rng.uniform(0.5, 2), rng.uniform(0.5, 4), int(rng.integers(2, 12))),
    lambda mu, variance, n: mu**2 / (mu**2 + variance / n), {
        "the variance of a mean of n values is variance/n": lambda mu, variance, n: mu**2 / (mu**2 + variance),
        "this is how much to take away: c is one minus it": lambda mu, variance, n: (
            (variance / n) / (mu**2 + variance / n)),
        "mu enters squared, since bias² does": lambda mu, variance, n: mu / (mu + variance / n),
        "with c = 1 there is no bias, and yet the sum is not least": lambda mu, variance, n: 1.0,
        "with c = 0 there is no variance, and yet the sum is not least": lambda mu, variance, n: 0.0,
        "the variance given is a square already": lambda mu, variance, n: mu**2 / (mu**2 + variance**2 / n),
    })

VARIANCE_OF_AVERAGE = Exercise(
    "variance_of_average", ("the variance",),
    lambda rng: (rng.uniform(0.5, 3), rng.uniform(0.1, 0.9), int(rng.integers(2, 20))),
    lambda v, r, n: v * (r + (1 - r) / n), {
        "this is for models that have nothing in common; the covariances are missing": lambda v, r, n: v / n,
        "this is what is left when the number of models grows without end": lambda v, r, n: v * r,
        "r and 1 − r are exchanged: what the models share stays": lambda v, r, n: v * (1 - r + r / n),
        "every two models have a covariance: far more than one for each model": lambda v, r, n: (
            v * (1 + r) / n),
        "this is the variance of the sum; that of the average is that over their number squared": lambda v, r, n: (
            n * v * (1 + (n - 1) * r)),
    })
