"""What trees and ensembles share."""

from collections import deque
from dataclasses import fields

import numpy as np

from byhand import _check


def table(X, d=None):
    """X (n, d) as finite floats, row after row; refuses another number of features than `d`."""
    X = _check.finite("X", X, ndim=2)
    if d is not None and X.shape[1] != d:
        raise ValueError(f"X must have {d} features, as in fit, got shape {X.shape}")
    return np.ascontiguousarray(X if X.dtype == np.float32 else X.astype(float, copy=False))


def labels(y):
    """The labels that y (n,) holds, sorted, and of each row the number of its label; refuses fractions."""
    classes, codes = _check.labels("y", y)
    if classes.dtype.kind == "f" and (odd := classes != np.round(classes)).any():
        raise ValueError(f"y must hold labels, not measured numbers, got {classes[odd][0]}")
    return classes, codes


def as_call(thing):
    """The call that makes `thing`, functions by their names."""
    chosen = ((f.name, getattr(thing, f.name)) for f in fields(thing) if f.init and f.repr)
    named = (f"{name}={getattr(value, '__name__', repr(value))}" for name, value in chosen)
    return f"{type(thing).__name__}({', '.join(named)})"


class Ensemble:
    """Predictions from what `_scores(X)` yields after each member, (n, 1) or (n, K)."""

    def __repr__(self):
        return as_call(self)

    def stages(self, X):
        return map(self._answer, self._scores(X))

    def predict(self, X):
        return self._answer(last(self._scores(X)))

    def _answer(self, score):
        return score[:, 0] if self.classes is None else self.classes[score.argmax(axis=1)]


def last(items):
    """The last of them; the others are not kept."""
    return deque(items, maxlen=1).pop()
