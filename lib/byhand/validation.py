"""How well does a model do on data it has not seen? Split, fit on one part, measure on the other.

Shapes: X and y have n rows each, of any shape. `folds` are k pairs (train, test) of index arrays, as from
`kfold`. A model is a dataclass with `fit(X, y)` and `predict(X)`; each fit gets a fresh one, as from
`dataclasses.replace(model)`, so `model` itself learns nothing. Where it has an `rng`, each fresh one gets a
stream of its own, spawned from it. A loss is a function of (y, prediction) that returns one number.

`map` spreads the fits. That of a process pool, or `lambda f, *a: client.gather(client.map(f, *a))` for a Dask
client, gives the same numbers as the built-in one; what it sends out must pickle, so no lambdas there.

Errors: an empty array, lengths that differ, bad counts, indices out of range and a second opening of a test
set raise ValueError; wrong types raise TypeError.
"""

from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial

import numpy as np

from byhand import _check
from byhand.folds import group_kfold, kfold, stratified_kfold, train_test_split
from byhand.losses import error_rate, log_loss, mean_squared_error
from byhand.stats import cartesian_product

__all__ = [
    "GridSearch", "TestSet", "bias_variance", "cross_validate", "error_rate", "grid_search", "group_kfold",
    "kfold", "learning_curve", "log_loss", "mean_squared_error", "stratified_kfold", "train_test_split",
]


def cross_validate(model, X, y, folds, loss, map=map):
    """The loss on the test part of each fold, (k,), of `model` fitted to its train part (Stone, 1974)."""
    X, y, folds = _task(model, X, y, folds, loss, map)
    return np.array(list(map(partial(_fold_loss, X, y, loss), _jobs(_fresh(model, len(folds)), folds))))


def grid_search(model, grid, X, y, folds, loss, map=map):
    """`cross_validate` of each combination in `grid`, {field: values}; the best is fitted to all of X and y.

    Returns a `GridSearch`. The least mean loss promises too much for new data, since it was chosen for being
    least: that is what a test set is for.
    """
    X, y, folds = _task(model, X, y, folds, loss, map)
    names = [f.name for f in fields(model) if f.init]
    if not isinstance(grid, dict) or not grid:
        raise TypeError(f"grid must be a dict of a field's name and its values, got {grid!r:.60}")
    for name, values in grid.items():
        if name not in names:
            raise ValueError(f"grid must name fields of {type(model).__name__}, {names}, got {name!r}")
        if isinstance(values, str) or not np.iterable(values):
            raise TypeError(f"grid[{name!r}] must be a list of values, got {values!r:.60}")
    choices = [dict(zip(grid, values, strict=True)) for values in cartesian_product(*grid.values())]
    if not choices:
        raise ValueError(f"grid must have a value for each field, got {grid!r:.60}")
    models = [fresh for c in choices for fresh in _fresh(replace(model, **c), len(folds))]
    losses = np.array(list(map(partial(_fold_loss, X, y, loss), _jobs(models, folds * len(choices)))))
    losses = losses.reshape(len(choices), len(folds))
    best = choices[losses.mean(axis=1).argmin()]
    best_model = _fresh(replace(model, **best), 1)[0]
    best_model.fit(X, y)
    return GridSearch(choices, losses, best, best_model)


@dataclass(frozen=True, eq=False, repr=False)
class GridSearch:
    """`losses` (choices, folds), the `best` choice, and `best_model` fitted to all. Prints as a table."""

    choices: list
    losses: np.ndarray
    best: dict
    best_model: object

    @property
    def mean(self):
        """The mean loss of each choice, (choices,)."""
        return self.losses.mean(axis=1)

    @property
    def se(self):
        """The standard error of each mean, as if folds were independent; sharing rows, they are not quite."""
        k = self.losses.shape[1]
        return self.losses.std(axis=1, ddof=1) / np.sqrt(k) if k > 1 else np.full(len(self.choices), np.nan)

    @property
    def simplest(self):
        """The first choice within one standard error of the best: the simplest, in a grid that starts simple.

        The rule is of Breiman, Friedman, Olshen and Stone (1984, §3.4.3).
        """
        i = self.mean.argmin()
        within = self.mean <= self.mean[i] + np.nan_to_num(self.se[i])
        return self.choices[within.argmax()]

    def __repr__(self):
        rows = zip(self.choices, self.mean, self.se, strict=True)
        return "\n".join(f"{m:<10.4g} ± {s:<8.2g} {', '.join(f'{k}={_name(v)}' for k, v in c.items())}"
                         f"{'  ← best' if c is self.best else ''}" for c, m, s in rows)


def learning_curve(model, X, y, sizes, folds, loss, map=map):
    """The losses (sizes, k) on the rows learned from and on the test part: a pair (train, test).

    A model of size m learns from the first m rows of a fold's train part, so fold with an `rng` unless the
    rows are in random order already.
    """
    X, y, folds = _task(model, X, y, folds, loss, map)
    least = min(len(train) for train, _ in folds)
    sizes = [_check.count("sizes", size, 1, least) for size in _check.array("sizes", sizes, ndim=1)]
    cut = [(train[:size], test) for size in sizes for train, test in folds]
    losses = np.array(list(map(partial(_both_losses, X, y, loss), _jobs(_fresh(model, len(cut)), cut))))
    train, test = losses.reshape(len(sizes), len(folds), 2).transpose(2, 0, 1)
    return train, test


class TestSet:
    """Data that can be used once, by `score` or `open`: what is looked at again has become training data."""

    __test__ = False        # pytest would take the name for a test

    def __init__(self, X, y):
        self._X, self._y = _pair(X, y)
        self._opened = None

    def __repr__(self):
        state = f"opened by {self._opened}" if self._opened else "unopened"
        return f"TestSet of {len(self._y)} rows, {state}"

    def score(self, model, loss):
        """The loss of a fitted `model`. If `predict` or `loss` fails, the set stays unopened."""
        self._refuse_again()
        _check.function("loss", loss)
        if not callable(getattr(model, "predict", None)):
            raise TypeError(f"model must have predict, got {model!r:.60}")
        value = _number(loss(self._y, model.predict(self._X)))
        self._opened = f"score({model!r}, {getattr(loss, '__name__', repr(loss))})"
        return value

    def open(self):
        """X and y."""
        self._refuse_again()
        self._opened = "open()"
        return self._X, self._y

    def _refuse_again(self):
        if self._opened:
            raise ValueError(f"a test set opens once, and this one was opened by {self._opened}: "
                             "to choose between models, cross-validate on the training data")


def bias_variance(model, draw, grid, truth, repeats=200, *, rng, map=map):
    """bias², variance and noise, means over the points of `grid`, of models f̂ fitted to drawn training sets:

        E(y − f̂)² = (E f̂ − f)² + E(f̂ − E f̂)² + E(y − f)²

    `draw(rng)` returns a training set X, y and `truth(X)` the f without noise at X. E f̂ is the mean of the
    R fits and variance their mean square around it (divisor R), so that bias² + variance is exactly the
    mean of (f̂ − f)²; with few sets 1/R of the variance counts as bias². Noise is the mean of (y − f)² over
    all rows drawn: where it depends on x, it is that of the training inputs, not of the grid
    (Geman, Bienenstock and Doursat, 1992).

    If y is (n, m), its columns are m training sets at the same inputs and `repeats` counts draws of m: fast
    with a model that fits all columns at once, as `linear.Polynomial` does.
    """
    _model(model)
    _check.function("draw", draw)
    f = np.asarray(_check.function("truth", truth)(_check.array("grid", grid)))
    _check.count("repeats", repeats)
    jobs = list(zip(_fresh(model, repeats), _check.generator("rng", rng).spawn(repeats), strict=True))
    fits, noise = zip(*map(partial(_refit, draw, np.asarray(grid), truth), jobs), strict=True)
    fits = np.concatenate(fits)                                                          # (R, grid)
    if len(fits) < 2:
        raise ValueError(f"repeats must make at least 2 training sets, got {len(fits)}")
    if fits.shape[1:] != f.shape:
        raise ValueError(f"truth(grid) must have the shape of a prediction {fits.shape[1:]}, got {f.shape}")
    bias2 = np.square(fits.mean(axis=0) - f).mean()
    return float(bias2), float(fits.var(axis=0).mean()), float(np.mean(noise))


def _task(model, X, y, folds, loss, map):
    """What each fit needs, checked."""
    _model(model)
    _check.function("loss", loss)
    _check.function("map", map)
    X, y = _pair(X, y)
    return X, y, _check.folds(folds, len(y))


def _model(model):
    if isinstance(model, type) or not is_dataclass(model) or not all(
            callable(getattr(model, verb, None)) for verb in ("fit", "predict")):
        raise TypeError(f"model must be a dataclass instance with fit and predict, got {model!r:.60}")


def _pair(X, y):
    X, y = _check.rows("X", X), _check.rows("y", y)
    _check.same_length("X", X, "y", y)
    return X, y


def _fresh(model, n):
    """n models with the same choices, nothing learned, and random streams of their own."""
    changes = [{} for _ in range(n)]
    for f in fields(model):
        value = getattr(model, f.name)
        if f.init and isinstance(value, np.random.Generator):
            parts = value.spawn(n)
        elif f.init and is_dataclass(value) and not isinstance(value, type):
            parts = _fresh(value, n)
        else:
            continue
        for change, part in zip(changes, parts, strict=True):
            change[f.name] = part
    return [replace(model, **change) for change in changes]


def _jobs(models, folds):
    return [(model, *fold) for model, fold in zip(models, folds, strict=True)]


def _fold_loss(X, y, loss, job):
    model, train, test = job
    model.fit(X[train], y[train])
    return _number(loss(y[test], model.predict(X[test])))


def _both_losses(X, y, loss, job):
    model, train, test = job
    model.fit(X[train], y[train])
    return [_number(loss(y[part], model.predict(X[part]))) for part in (train, test)]


def _refit(draw, grid, truth, job):
    """The predictions (m, grid) of a model for m training sets at the same inputs, and their noise."""
    model, rng = job
    drawn = draw(rng)
    if not isinstance(drawn, (tuple, list)) or len(drawn) != 2:
        raise TypeError(f"draw must return a pair X, y, got {drawn!r:.60}")
    X, y = _pair(*drawn)
    f = np.asarray(truth(X))
    if f.shape != y.shape[:1]:
        raise ValueError(f"truth(X) must have shape {y.shape[:1]} for y of shape {y.shape}, got {f.shape}")
    model.fit(X, y)
    return np.atleast_2d(model.predict(grid).T), np.mean((y.T - f) ** 2)


def _name(value):
    """A function by its name, anything else as it is."""
    return value.__name__ if callable(value) and hasattr(value, "__name__") else value


def _number(value):
    number = np.asarray(value)
    if number.dtype.kind not in "fiub" or number.size != 1 or np.isnan(number).any():
        raise ValueError(f"loss must return one number, got {value!r:.60}")
    return number.item()
