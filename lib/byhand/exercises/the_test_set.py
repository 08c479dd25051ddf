"""Exercises of the lesson on the test set."""

import numpy as np

from byhand.exercises import Exercise


def _ranked(X, y):
    """The columns of X, those that go best with y first: by the size of their correlation."""
    X, y = X - X.mean(axis=0), y - y.mean()
    return np.argsort(-abs(y @ X) / np.linalg.norm(X, axis=0))


def _losses(X, y, k, m, choose=lambda X, y, rest, held: _ranked(X[rest], y[rest]), learn=lambda rest, held: rest):
    losses, rows = [], np.arange(len(y))
    for held in np.array_split(rows, k):
        rest = np.setdiff1d(rows, held)
        columns, rows_learned = choose(X, y, rest, held)[:m], learn(rest, held)
        w = np.linalg.lstsq(X[rows_learned][:, columns], y[rows_learned], rcond=None)[0]
        losses.append(np.mean((y[held] - X[held][:, columns] @ w) ** 2))
    return np.array(losses)


def _losses_of(**how):
    return lambda X, y, k, m: _losses(X, y, k, m, **how)


def _signed(X, y, rest, held):
    X, y = X[rest] - X[rest].mean(axis=0), y[rest] - y[rest].mean()
    return np.argsort(-(y @ X) / np.linalg.norm(X, axis=0))


def _draw_noise(rng):
    n, p = int(rng.integers(16, 25)), int(rng.integers(20, 41))
    return rng.normal(size=(n, p)), rng.normal(size=n), int(rng.integers(2, 5)), int(rng.integers(2, 5))


def _standardized(train, test):
    return (train - train.mean(axis=0)) / train.std(axis=0), (test - train.mean(axis=0)) / train.std(axis=0)


def _by(part):
    return (part - part.mean(axis=0)) / part.std(axis=0)


def _draw_parts(rng):
    d = int(rng.integers(2, 4))
    scale, place = rng.uniform(0.5, 3, d), rng.normal(0, 3, d)
    return tuple(rng.normal(place, scale, (int(rng.integers(4, 8)), d)) for _ in range(2))


def _equal(train, test):
    """(test, train): which test row equals which training row."""
    return (test[:, None] == train).all(axis=2)


def _draw_rows(rng):
    train = rng.integers(0, 3, (int(rng.integers(6, 13)), 3))
    return train, np.concatenate([rng.integers(0, 3, (int(rng.integers(3, 7)), 3)), rng.choice(train, 2)])


HONEST_LOSSES = Exercise(
    "honest_losses", ("the losses",), _draw_noise, lambda X, y, k, m: _losses(X, y, k, m), {
        "the leak is still there: the columns were chosen with the rows held out": _losses_of(
            choose=lambda X, y, rest, held: _ranked(X, y)),
        "the columns were chosen on the rows held out, and on them alone": _losses_of(
            choose=lambda X, y, rest, held: _ranked(X[held], y[held])),
        "the columns are chosen rightly, but the weights were learned from all rows": _losses_of(
            learn=lambda rest, held: np.union1d(rest, held)),
        "the columns that go least with y were taken; the largest correlations come first": _losses_of(
            choose=lambda X, y, rest, held: _ranked(X[rest], y[rest])[::-1]),
        "only positive correlations counted; a strong negative one is as good": _losses_of(choose=_signed),
    })

STANDARDIZED = Exercise(
    "standardized", ("the training part", "the test part"), _draw_parts, _standardized, {
        "each part was standardized by itself; the test part must use what was learned from the training part":
            lambda train, test: (_by(train), _by(test)),
        "mean and deviation were taken over both parts together, so test rows had a say": lambda train, test: (
            tuple(np.split(_by(np.concatenate([train, test])), [len(train)]))),
        "the test part was left as it is": lambda train, test: (_by(train), test),
        "the means are taken off, but nothing is divided by the deviations": lambda train, test: (
            train - train.mean(axis=0), test - train.mean(axis=0)),
        "one mean and one deviation were taken for all columns; each column has its own": lambda train, test: (
            (train - train.mean()) / train.std(), (test - train.mean()) / train.std()),
    })

SEEN_SHARE = Exercise(
    "seen_share", ("the share",), _draw_rows, lambda train, test: _equal(train, test).any(axis=1).mean(), {
        "this is the share of training rows that stand in the test part; take that of the test rows":
            lambda train, test: _equal(train, test).any(axis=0).mean(),
        "pairs were counted; a test row counts once, however often it stands in the training part":
            lambda train, test: _equal(train, test).sum() / len(test),
        "this is a number of rows; divide by the number of test rows": lambda train, test: (
            _equal(train, test).any(axis=1).sum()),
        "rows were taken for equal when one entry was; all must be": lambda train, test: (
            (test[:, None] == train).any(axis=(1, 2)).mean()),
        "this is the share of the test rows that are new; take that of those already seen": lambda train, test: (
            1 - _equal(train, test).any(axis=1).mean()),
    })
