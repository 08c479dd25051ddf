"""Classification and regression trees, CART: ask one question at a time, always the one that helps most.

Shapes: X is (n, d), n rows of d features; y is (n,), numbers or labels; weights are (n,). The mean ȳ of a
node is that of the rows which reach it: of their numbers or, for labels, the shares p of the K classes.

Errors: an empty X or y, a NaN or an infinity, lengths that differ, a negative weight, and an X with other
features than in `fit` raise ValueError; a wrong type raises TypeError. What was learned before stays.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from itertools import count

import numpy as np

from byhand import _check
from byhand._models import as_call, labels, table
from byhand._splits import best_cuts, divide, presort


def variance(mean):
    """−ȳ², for numbers: the variance is E[y²] − ȳ², and no split changes the sum of y²."""
    return -np.square(mean).sum(axis=0)


def gini(p):
    """1 − Σ pₖ², for labels: how often two rows of a node differ. The classes are the first axis of p."""
    return 1 - np.square(p).sum(axis=0)


def entropy(p):
    """−Σ pₖ log pₖ in nats, for labels. The classes are the first axis of p."""
    return -(p * np.log(np.maximum(p, 1e-300))).sum(axis=0)


@dataclass(eq=False, repr=False)
class Tree:
    """A node asks "is feature j at most t?"; a leaf answers with the mean or the commonest label of its rows.

        split where  I(ȳ) − f I(ȳ_left) − (1 − f) I(ȳ_right)  is largest; f is the share that goes left

    I is the `impurity`. With `variance` the tree is for numbers, with any other for labels: `gini`, `entropy`
    or a concave function of your own, from shares (K, …) to (…). A node is split unless it is pure, `depth`
    questions down, or without a cut that leaves `min_leaf` rows on both sides; t is halfway between two
    neighbouring values. A row of weight 0 counts nowhere. With `features`, a node chooses among only so many
    features, drawn by `rng` from those not constant in it: a tree for a random forest (Breiman, 2001).

    Breiman, Friedman, Olshen and Stone (1984). The splits are those of scikit-learn's trees, but of equally
    good ones this takes the first feature's, scikit-learn a random feature's. Such ties are common in nodes
    of a few rows; a `min_leaf` of 5 or 10 avoids most.
    """

    depth: int | None = None
    impurity: Callable = variance
    min_leaf: int = 1
    features: int | None = None
    rng: np.random.Generator | None = None
    d: int | None = field(init=False, default=None)                   # how many features X had
    classes: np.ndarray | None = field(init=False, default=None)      # (K,): the labels, sorted
    value: np.ndarray | None = field(init=False, default=None)        # (nodes, 1 or K): the mean of each node
    feature: np.ndarray | None = field(init=False, default=None)      # (nodes,): j, or −1 in a leaf
    threshold: np.ndarray | None = field(init=False, default=None)    # (nodes,): t
    child: np.ndarray | None = field(init=False, default=None)        # (2, nodes): where yes and no lead
    height: int | None = field(init=False, default=None)              # questions down to the deepest leaf

    def __post_init__(self):
        if self.depth is not None:
            _check.count("depth", self.depth, 0)
        _check.function("impurity", self.impurity)
        _check.count("min_leaf", self.min_leaf)
        if self.features is not None:
            _check.count("features", self.features)
        if self.features is not None or self.rng is not None:
            _check.generator("rng", self.rng)

    def __repr__(self):
        return as_call(self)

    def fit(self, X, y, weights=None):
        X, classes = table(X), None
        if self.impurity is variance:
            Y = _check.finite("y", y, ndim=1)[None]
        else:
            classes, codes = labels(y)
            Y = one_hot(codes, len(classes))
            if np.shape(self.impurity(Y[:, :1])) != (1,):
                raise ValueError(f"impurity must turn shares (K, m) into (m,), which {self} does not")
        _check.same_length("X", X, "y", Y.T)
        if weights is not None:
            weights = _check.number("weights", _check.finite("weights", weights, ndim=1), 0)
            _check.same_length("X", X, "weights", weights)
            if not weights.any():
                raise ValueError(f"weights must not all be 0, got {weights!r:.60}")
            weights = weights / weights.max()
            some = weights > np.finfo(float).tiny
            X, Y, weights = X[some], Y[:, some], weights[some]
        self.grow(*presort(X), Y, weights)
        self.classes = classes
        return self

    def predict(self, X):
        """(n,): numbers, or labels."""
        return self._answer(self.leaves(X))

    def predict_proba(self, X):
        """(n, K): the shares of the `classes` in the leaf that each row reaches."""
        leaves = self.leaves(X)
        if self.classes is None:
            raise ValueError(f"predict_proba needs a tree for labels, got {self}")
        return self.value[leaves]

    def leaves(self, X):
        """(n,): the number of the leaf that each row reaches."""
        _check.learned(self, self.value)
        X = table(X, self.d)
        first, node = np.arange(len(X)) * self.d, np.zeros(len(X), int)
        for _ in range(self.height):
            yes = X.take(first + self.feature[node]) <= self.threshold[node]
            node = np.where(yes, *self.child[:, node])
        return node

    @property
    def n_leaves(self):
        _check.learned(self, self.value)
        return int((self.feature < 0).sum())

    def text(self):
        """The tree in lines: a question, below it and indented what follows a yes, then what follows a no."""
        _check.learned(self, self.value)
        lines, todo = [], [(0, "")]
        while todo:
            node, indent = todo.pop()
            if self.feature[node] < 0:
                answer = self._answer([node])[0]
                lines.append(f"{indent}{f'{answer:.4g}' if self.classes is None else answer}")
            else:
                lines.append(f"{indent}x[{self.feature[node]}] <= {self.threshold[node]:.4g}")
                todo += [(node, indent + "    ") for node in self.child[::-1, node]]
        return "\n".join(lines)

    def _answer(self, leaves):
        value = self.value[leaves]
        return value[:, 0] if self.classes is None else self.classes[value.argmax(axis=1)]

    def grow(self, columns, order, Y, w=None):
        """`fit` without its checks, from `presort(X)` and Y (1 or K, n): for many trees on rows sorted once.

        It goes down level by level, and returns each row's leaf.
        """
        if self.features is not None:
            _check.count("features", self.features, 1, len(columns))
        twins = self.impurity is gini and len(Y) == 2
        Y = Y[1:] if twins else Y               # of two classes one tells all: half the sums, the same splits
        leaf, levels, first, nodes = np.zeros(len(columns[0]), int), [], 0, 1
        for depth in count():
            rows = np.flatnonzero(leaf >= first)
            node = leaf[rows] - first
            weight = np.bincount(node, None if w is None else w[rows])
            mean = np.array([np.bincount(node, (y if w is None else y * w)[rows]) for y in Y]) / weight
            j, t = np.full(nodes, -1), np.full(nodes, np.inf)
            if depth != self.depth:
                if depth:
                    order = divide(order, (leaf >= first) * np.int8(1) + (leaf >= first + nodes // 2))
                j, t = best_cuts(self, columns, order, leaf[order[0]] - first, mean, Y, w)
            split, me = j >= 0, first + np.arange(nodes)
            yes, no = np.where(split, first + nodes - 1 + np.cumsum(split) + [[0], [split.sum()]], me)
            levels.append((mean, j, t, [yes, no]))
            if not split.any():
                break
            leaf[rows] = np.where(columns.take(j[node] * len(leaf) + rows) <= t[node], yes[node], no[node])
            first, nodes = first + nodes, 2 * split.sum()
        mean, self.feature, self.threshold, self.child = map(np.hstack, zip(*levels, strict=True))
        self.value = (np.array([1 - mean[0], mean[0]]) if twins else mean).T.astype(Y.dtype)
        self.height, self.d, self.classes = depth, len(columns), None
        return leaf

    def plant(self, columns, j, t, Y, w):
        """What `grow` does, where the one question of the tree is known already."""
        yes = columns[j] <= t
        sides = np.array([np.ones(len(yes)), yes, ~yes]) * w
        self.value = sides @ Y.T / sides.sum(axis=1)[:, None]
        self.feature, self.threshold = np.array([j, -1, -1]), np.array([t, np.inf, np.inf])
        self.child = np.array([[1, 1, 2], [2, 1, 2]])
        self.height, self.d, self.classes = 1, len(columns), None
        return np.where(yes, 1, 2)

    def gain(self, c, left, right, unit, mean):
        """What cuts gain, from the sums c of residuals left of them, and the weights left and right."""
        if self.impurity in (variance, gini):
            # The general form comes to this, but for a factor that is the same for all cuts of a node.
            return reduce(np.add, map(np.square, c)) / (left * right)
        f, c = left / (left + right), unit * np.array(list(c))
        return -(f * self.impurity(mean + c / f) + (1 - f) * self.impurity(mean - c / (1 - f)))

    def asked(self, columns, lowest, highest):
        """(features, nodes): the features each node may ask about, given the rows lowest and highest in each."""
        if self.features is None:
            return np.broadcast_to(np.arange(len(columns))[:, None], lowest.shape)
        key = self.rng.random(lowest.shape)
        key[np.take_along_axis(columns, lowest, 1) == np.take_along_axis(columns, highest, 1)] = 1
        return np.sort(key.argsort(axis=0)[:self.features], axis=0)


def one_hot(codes, K):
    """(K, n): 1 where a row has the label, else 0."""
    return np.eye(K).take(codes, axis=1)
