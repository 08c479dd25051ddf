"""Many models that answer as one: bagging, where they are fitted side by side, and what `boosting` has.

Shapes: X is (n, d), y (n,) numbers or labels. `members` are fresh copies of `model`, fitted. `stages(X)`
yields the predictions (n,) of the first, of the first two, and so on; `predict(X)` returns those of all.

Errors: a bad count, an empty X or y, a NaN, lengths that differ, and what the members refuse raise
ValueError; a wrong type raises TypeError. What was learned before stays.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate

import numpy as np

from byhand import _check
from byhand._models import Ensemble
from byhand.boosting import AdaBoost, GradientBoosting, logistic_loss, squared_error
from byhand.validation import _fresh, _model

__all__ = ["AdaBoost", "Bagging", "GradientBoosting", "bootstrap", "logistic_loss", "squared_error"]


def bootstrap(n, rng):
    """(inside, outside): n of n rows drawn with replacement, and those not drawn, some n/e (Efron, 1979)."""
    inside = _check.generator("rng", rng).integers(_check.count("n", n), size=n)
    return inside, np.setdiff1d(np.arange(n), inside)


@dataclass(eq=False, repr=False)
class Bagging(Ensemble):
    """Each member is fitted to a bootstrap sample; numbers are averaged, labels voted on (Breiman, 1996).

        f(x) = Σ fᵢ(x) / n    or    the label k with the largest Σ [fᵢ(x) = k], the first of equals

    Members vote if they have `classes` or do not predict floats. Each has a random stream of its own, so any
    `map` gives the same: a process pool's, or `lambda f, *a: client.gather(client.map(f, *a))` of a Dask
    client. Trees that choose among a few features, `Tree(features=3, rng=rng)`, make a random forest
    (Breiman, 2001).

    scikit-learn's BaggingClassifier averages the probabilities of members that have them; this one votes.
    """

    model: object
    n: int
    rng: np.random.Generator
    map: Callable = field(default=map, repr=False)
    members: list | None = field(init=False, default=None)
    classes: np.ndarray | None = field(init=False, default=None)
    outside: list | None = field(init=False, default=None)      # the rows that each member did not see,
    oob: list | None = field(init=False, default=None)          # what it predicts for them,
    y: np.ndarray | None = field(init=False, default=None)      # and the truth

    def __post_init__(self):
        _model(self.model)
        _check.count("n", self.n)
        _check.generator("rng", self.rng)
        _check.function("map", self.map)

    def fit(self, X, y):
        X, (labels, codes) = _check.array("X", X, ndim=(1, 2, 3, 4)), _check.labels("y", y)
        _check.same_length("X", X, "y", codes)
        y = labels[codes]
        samples = [bootstrap(len(y), stream) for stream in self.rng.spawn(self.n)]
        jobs = list(zip(_fresh(self.model, self.n), samples, strict=True))
        members, oob = zip(*self.map(partial(_fit_bag, X, y), jobs), strict=True)
        vote = getattr(members[0], "classes", None) is not None or oob[0].dtype.kind != "f"
        self.members, self.oob, self.outside = list(members), list(oob), [outside for _, outside in samples]
        self.y, self.classes = y, labels if vote else None
        return self

    def oob_predictions(self):
        """(rows, predictions): the rows outside some bag, and what members that did not see them predict."""
        _check.learned(self, self.members)
        K, dtype = (1, self.oob[0].dtype) if self.classes is None else (len(self.classes), float)
        score, seen = np.zeros((len(self.y), K), dtype), np.zeros((len(self.y), 1), dtype)
        for outside, prediction in zip(self.outside, self.oob, strict=True):
            score[outside] += self._score(prediction)
            seen[outside] += 1
        rows = np.flatnonzero(seen)
        return rows, self._answer(score[rows] / seen[rows])

    def oob_error(self, loss):
        """The mean `loss(y, predictions)` over these rows: it estimates the test error, and costs no data."""
        _check.function("loss", loss)
        rows, predictions = self.oob_predictions()
        if not len(rows):
            raise ValueError(f"n must leave a row outside some bag, got n={self.n} for {len(self.y)} rows")
        return float(np.mean(loss(self.y[rows], predictions)))

    def _scores(self, X):
        _check.learned(self, self.members)
        X = _check.array("X", X)
        totals = accumulate((self._score(member.predict(X)) for member in self.members), np.add)
        return (total / n for n, total in enumerate(totals, 1))

    def _score(self, prediction):
        return prediction[:, None] if self.classes is None else 1.0 * (prediction[:, None] == self.classes)


def _fit_bag(X, y, job):
    model, (inside, outside) = job
    model.fit(X[inside], y[inside])
    return model, model.predict(X[np.append(outside, 0)])[:-1]      # row 0, for there may be no other
