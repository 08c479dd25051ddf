"""Exercises of the lesson that races the gradient methods."""

import numpy as np

from byhand.exercises import Exercise
from byhand.landscapes import Quadratic
from byhand.optim import Momentum


def _losses(rng):
    """Seeds × rates: a dip somewhere inside, and enough noise that every leak shows."""
    seeds, rates = rng.integers(6, 10), 2.0 ** np.arange(-5, rng.integers(0, 4))
    dip = np.log2(rates / rng.choice(rates[1:-1])) ** 2
    return 0.1 + 0.02 * dip + rng.uniform(0, 0.4, size=(seeds, len(rates))), rates, int(rng.integers(2, 5))


def _tuned_loss(losses, rates, tuning):
    best = losses[:tuning].mean(axis=0).argmin()
    return rates[best], losses[tuning:, best].mean()


def _pairs(rng):
    n = rng.integers(4, 12)
    seed = rng.normal(size=n)
    return seed + rng.normal(0.5, 0.1, size=n), seed + rng.normal(0, 0.1, size=n)


def _paired(a, b):
    d = a - b
    return d.mean(), d.std(ddof=1) / len(d) ** 0.5


def _log(rng):
    valley = Quadratic(rng.uniform(0.5, 8, size=3))
    opt = Momentum(rng.uniform(0.02, 0.1), float(rng.choice([0, rng.uniform(0.3, 0.95)])))
    x = [rng.normal(size=3)]
    for _ in range(rng.integers(6, 15)):
        x.append(opt.step(x[-1], valley.grad(x[-1])))
    return np.array(x), valley.grad(np.array(x))


def _fit(steps, before, g):
    known = np.column_stack([-g.ravel(), before.ravel()])
    return np.linalg.lstsq(known, steps.ravel(), rcond=None)[0]


def _secret(x, g):
    lr, beta = _fit(np.diff(x, axis=0)[1:], np.diff(x, axis=0)[:-1], g[1:-1])
    return lr, beta


def _ratio(x, g):
    d = np.diff(x, axis=0)
    beta = (d[1:] * d[:-1]).sum() / (d[:-1] ** 2).sum()
    return -(d[0] @ g[0]) / (g[0] @ g[0]), beta


TUNED_LOSS = Exercise(
    "tuned_loss", ("the chosen rate", "its mean loss"), _losses, _tuned_loss, {
        "the leak is still there: the reported seeds helped to choose the rate": lambda losses, rates, tuning: (
            rates[losses.mean(axis=0).argmin()], losses[tuning:, losses.mean(axis=0).argmin()].mean()),
        "the rate was chosen on the reported seeds; choose it on the first ones": lambda losses, rates, tuning: (
            rates[losses[tuning:].mean(axis=0).argmin()], losses[tuning:].mean(axis=0).min()),
        "the rate is right, but its loss is averaged over the seeds that chose it too": lambda losses, rates, tuning: (
            rates[losses[:tuning].mean(axis=0).argmin()], losses[:, losses[:tuning].mean(axis=0).argmin()].mean()),
        "the loss reported is the one on the seeds that chose the rate": lambda losses, rates, tuning: (
            rates[losses[:tuning].mean(axis=0).argmin()], losses[:tuning].mean(axis=0).min()),
        "this is the number of the column; the rate stands in rates": lambda losses, rates, tuning: (
            losses[:tuning].mean(axis=0).argmin(), losses[tuning:, losses[:tuning].mean(axis=0).argmin()].mean()),
        "each reported seed got its own best rate; all get the one that was chosen": lambda losses, rates, tuning: (
            rates[losses[:tuning].mean(axis=0).argmin()], losses[tuning:].min(axis=1).mean()),
        "the rate is that of the luckiest single run; take the mean over the tuning seeds":
            lambda losses, rates, tuning: (
                rates[losses[:tuning].min(axis=0).argmin()],
                losses[tuning:, losses[:tuning].min(axis=0).argmin()].mean()),
    })

PAIRED = Exercise(
    "paired", ("the mean difference", "its standard error"), _pairs, _paired, {
        "the two were treated as independent: what a seed does to both did not cancel": lambda a, b: (
            (a - b).mean(), np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))),
        "that is the standard deviation of a difference; the mean of n of them varies √n times less": lambda a, b: (
            (a - b).mean(), (a - b).std(ddof=1)),
        "the variance is divided by n; one degree of freedom went into the mean": lambda a, b: (
            (a - b).mean(), (a - b).std() / len(a) ** 0.5),
        "the sign is wrong: a − b was asked for": lambda a, b: (
            (b - a).mean(), (a - b).std(ddof=1) / len(a) ** 0.5),
        "divide by √n, not by n": lambda a, b: ((a - b).mean(), (a - b).std(ddof=1) / len(a)),
    })

SECRET = Exercise(
    "secret", ("the learning rate", "the momentum"), _log, _secret, {
        "the sign of the learning rate is wrong: steps go against the gradient": lambda x, g: (
            -_secret(x, g)[0], _secret(x, g)[1]),
        "the two are exchanged": lambda x, g: _secret(x, g)[::-1],
        "the gradient is one step late: the step from x[t] follows g[t]": lambda x, g: tuple(
            _fit(np.diff(x, axis=0)[1:], np.diff(x, axis=0)[:-1], g[:-2])),
        "the gradient is one step early: the step from x[t] follows g[t], not the one where it leads": lambda x, g:
            tuple(_fit(np.diff(x, axis=0)[1:], np.diff(x, axis=0)[:-1], g[2:])),
        "a step compared with the one before is not yet momentum: the gradients of both agree too": _ratio,
    })
