"""Boosting: each new member mends what those before it get wrong.

Shapes: X is (n, d), y (n,) numbers or labels. `members` are fresh copies of `model`, fitted. `stages(X)`
yields the predictions (n,) of the first, of the first two, and so on; `predict(X)` returns those of all.

Errors: a bad count or rate, an empty X or y, a NaN, lengths that differ, and one class where two are needed
raise ValueError; a wrong type raises TypeError. What was learned before stays.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import signature
from itertools import accumulate

import numpy as np

from byhand import _check
from byhand._models import Ensemble, labels, last, table
from byhand._splits import presort, stumps
from byhand.trees import Tree, gini, one_hot, variance
from byhand.validation import _fresh, _model


@dataclass(eq=False, repr=False)
class AdaBoost(Ensemble):
    """Each member is fitted to weights, which then move to the rows it gets wrong; the most α wins.

        ε = Σ w [h(x) ≠ y],  α = log((1 − ε)/ε) + log(K − 1),  w ← w exp(α [h(x) ≠ y]) / Σ

    Freund and Schapire (1997) for two classes, whose α is half of this; SAMME (Zhu et al., 2009) for K. It
    stops after a member without error, whose α is 1, and before one no better than chance, ε ≥ 1 − 1/K, as
    scikit-learn's does; if that is the first, `fit` raises ValueError.

    `model` predicts labels and takes `fit(X, y, weights=w)`.
    """

    model: object = field(default_factory=lambda: Tree(depth=1, impurity=gini))
    n: int = 50
    members: list | None = field(init=False, default=None)
    classes: np.ndarray | None = field(init=False, default=None)
    alphas: np.ndarray | None = field(init=False, default=None)     # (members,)
    errors: np.ndarray | None = field(init=False, default=None)     # (members,): ε
    weights: np.ndarray | None = field(init=False, default=None)    # (members, n): the w of each

    def __post_init__(self):
        _model(self.model)
        if isinstance(self.model, Tree) and self.model.impurity is variance:
            raise ValueError(f"model must predict labels, as Tree(impurity=gini) does, got {self.model}")
        if "weights" not in signature(self.model.fit).parameters:
            raise TypeError(f"model must have fit(X, y, weights), got {self.model!r:.60}")
        _check.count("n", self.n)

    def fit(self, X, y):
        X, (classes, codes) = table(X), labels(y)
        _check.same_length("X", X, "y", codes)
        K, w, rounds = len(classes), np.full(len(X), 1 / len(X)), []
        if K < 2:
            raise ValueError(f"y must hold at least 2 classes, got only {classes.tolist()[0]!r}")
        learn = _learner(self.model, X, classes, codes)
        for member in _fresh(self.model, self.n):
            wrong = learn(member, w)
            error = float(w @ wrong)
            if error >= 1 - 1 / K:
                break
            alpha = np.log((1 - error) / error) + np.log(K - 1) if error > 0 else 1.0
            rounds.append((member, alpha, error, w))
            if error == 0:
                break
            w = np.where(wrong, w * np.exp(alpha), w)
            w = np.maximum(w / w.sum(), np.finfo(float).eps)        # no row is ever given up
        if not rounds:
            raise ValueError(f"model must do better than chance, got the error {error:.3g} from {self.model}")
        members, *history = zip(*rounds, strict=True)
        self.members, self.classes = list(members), classes
        self.alphas, self.errors, self.weights = map(np.array, history)
        return self

    def votes(self, X):
        """(n, K): the share of all α that is for each of the `classes`."""
        return last(self._scores(X)) / self.alphas.sum()

    def margins(self, X, y):
        """(n,), −1 to 1: the votes for the right label less the most for another (Schapire et al., 1998)."""
        votes, (named, codes) = self.votes(X), labels(y)
        _check.same_length("X", votes, "y", codes)
        if (new := ~np.isin(named, self.classes)).any():
            raise ValueError(f"y must hold labels seen in fit, got {named[new].tolist()[0]!r}")
        right = named[codes][:, None] == self.classes
        return votes[right] - np.where(right, -np.inf, votes).max(axis=1)

    def _scores(self, X):
        _check.learned(self, self.members)
        X, pairs = table(X), zip(self.members, self.alphas, strict=True)
        return accumulate(alpha * (member.predict(X)[:, None] == self.classes) for member, alpha in pairs)


def _learner(model, X, classes, codes):
    """A function that fits a member to weights and returns which rows it gets wrong. Trees sort once."""
    def fit(member, w):
        member.fit(X, classes[codes], weights=w)
        return member.predict(X) != classes[codes]

    if not isinstance(model, Tree):
        return fit
    (columns, order), Y = presort(X), one_hot(codes, len(classes))
    plain = (model.depth, model.impurity, model.min_leaf, model.features) == (1, gini, 1, None)
    best = stumps(columns, order, codes) if plain and len(classes) == 2 else lambda w: None

    def grow(member, w):
        question = best(w)
        leaf = member.plant(columns, *question, Y, w) if question else member.grow(columns, order, Y, w)
        member.classes = classes
        return member.value.argmax(axis=1)[leaf] != codes
    return grow


def squared_error(y, f):
    """(f − y)²/2, and its first and second derivative by f."""
    return (f - y) ** 2 / 2, f - y, np.ones_like(f)


def logistic_loss(y, f):
    """log(1 + eᶠ) − y f, for y 0 or 1 and f the log-odds of 1, and its derivatives p − y and p (1 − p)."""
    p = _sigmoid(f)
    return np.logaddexp(0, f) - y * f, p - y, p * (1 - p)


@dataclass(eq=False, repr=False)
class GradientBoosting(Ensemble):
    """Each tree is fitted to what is left: to the negative gradient of the loss by the prediction f so far.

        f ← f + rate · γ(leaf of x),   γ = −Σ L′(y, f) / Σ L″(y, f) over the rows of the leaf

    f starts as the constant of least loss; γ is one step of Newton's method, with squared error the mean
    residual (Friedman, 2001). `loss(y, f)` returns each row's loss and its two derivatives by f. With
    `logistic_loss` y holds two labels, and f is the log-odds of the second; with any other, y holds numbers.

    As scikit-learn's GradientBoosting without subsampling; for ties see `Tree`. The rows are sorted once.
    """

    model: Tree = field(default_factory=lambda: Tree(depth=3))
    n: int = 100
    rate: float = 0.1
    loss: Callable = squared_error
    members: list | None = field(init=False, default=None)          # trees whose values are γ
    start: float | None = field(init=False, default=None)
    losses: np.ndarray | None = field(init=False, default=None)     # (n + 1,): the mean from the start on
    classes: np.ndarray | None = field(init=False, default=None)
    dtype: np.dtype | None = field(init=False, default=None)        # of the numbers in y

    def __post_init__(self):
        if not isinstance(self.model, Tree) or self.model.impurity is not variance:
            raise TypeError(f"model must be a Tree with impurity=variance, got {self.model!r:.60}")
        _check.count("n", self.n)
        _check.scalar("rate", self.rate, 0)
        _check.function("loss", self.loss)

    def fit(self, X, y):
        X, classes = table(X), None
        if self.loss is logistic_loss:
            classes, y = labels(y)
            if len(classes) != 2:
                raise ValueError(f"y must hold 2 classes for logistic_loss, got {len(classes)}")
        else:
            y = _check.finite("y", y, ndim=1)
        _check.same_length("X", X, "y", y)
        ordered, members, losses = presort(X), _fresh(self.model, self.n), []
        f = np.full(len(y), start := _best_constant(self.loss, y))
        for tree in members:
            loss, slope, curvature = self.loss(y, f)
            losses.append(loss.mean())
            leaf = tree.grow(*ordered, -slope[None])
            above, below = (np.bincount(leaf, a, len(tree.value)) for a in (-slope, curvature))
            np.divide(above, below, out=tree.value[:, 0], where=below > 1e-150)
            f = f + self.rate * tree.value[leaf, 0]
        self.members, self.start, self.classes, self.dtype = members, start, classes, y.dtype
        self.losses = np.array([*losses, self.loss(y, f)[0].mean()])
        return self

    def predict_proba(self, X):
        """(n, 2): the probability of each of the `classes`."""
        p = _sigmoid(last(self._scores(X)))
        if self.classes is None:
            raise ValueError(f"predict_proba needs loss=logistic_loss, got {self}")
        return np.stack([1 - p, p], axis=1)

    def _scores(self, X):
        _check.learned(self, self.members)
        X = table(X, self.members[0].d)
        steps = accumulate(tree.value[tree.leaves(X), 0] for tree in self.members)
        return (self.start + self.rate * step for step in steps)

    def _answer(self, f):
        return f.astype(self.dtype) if self.classes is None else self.classes[(f > 0).astype(int)]


def _best_constant(loss, y):
    """The constant of least loss, by Newton's method from 0; refuses a loss without its two derivatives."""
    f = 0.0
    for _ in range(50):
        result = loss(y, np.full(len(y), f))
        if not isinstance(result, tuple) or [np.shape(a) for a in result] != [y.shape] * 3:
            raise TypeError(f"loss must return three arrays of shape {y.shape}, got {result!r:.60}")
        slope, curvature = result[1].sum(), result[2].sum()
        if not curvature > 0:
            raise ValueError(f"loss must have a positive second derivative, got the sum {curvature}")
        f -= float(slope / curvature)
    return f


def _sigmoid(f):
    return (1 + np.tanh(f / 2)) / 2
