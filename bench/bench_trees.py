"""One exact tree beside scikit-learn's: both grow it from the same data, and must answer alike."""

import numpy as np
from byhand.trees import Tree, entropy, gini
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier as Classifier
from sklearn.tree import DecisionTreeRegressor as Regressor

from bench.harness import Case


def data(n, d=20):
    """Features without equal values, and a number that depends on four of them."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, d))
    return X, 2 * X[:, 0] + np.sin(3 * X[:, 1]) + X[:, 2] * X[:, 3] + 0.3 * rng.normal(size=n)


def cases():
    X, y = data(10_000)
    two, four = y > np.median(y), np.digitize(y, np.quantile(y, [0.25, 0.5, 0.75]))
    for name, ours, peer, rows, target, goal in [
        ("10,000 × 20, depth 5, numbers", Tree(5), Regressor(max_depth=5), X, y, 0.6),
        ("10,000 × 20, depth 5, 2 classes, gini", Tree(5, gini), Classifier(max_depth=5), X, two, 0.6),
        ("10,000 × 20, depth 5, 4 classes, gini", Tree(5, gini), Classifier(max_depth=5), X, four, 0.6),
        ("10,000 × 20, depth 5, 2 classes, entropy", Tree(5, entropy),
         Classifier(max_depth=5, criterion="entropy"), X, two, 0.6),
        ("10,000 × 20, unlimited, numbers", Tree(), Regressor(), X, y, None),
        ("10,000 × 20, unlimited, 2 classes, gini", Tree(impurity=gini), Classifier(), X, two, None),
        ("digits, 1,797 × 64, unlimited, 10 classes", Tree(impurity=gini), Classifier(),
         *load_digits(return_X_y=True), None),
    ]:
        yield _case(name, ours, peer, rows, target, goal)


def _case(name, ours, peer, X, y, goal):
    def agree():
        # Ties are broken differently: a few rows in small leaves may get another answer.
        differ = ~np.isclose(1.0 * ours.fit(X, y).predict(X), 1.0 * peer.fit(X, y).predict(X))
        assert differ.mean() < 0.01, f"{differ.mean():.1%} of the answers differ"
    return Case(name, lambda: ours.fit(X, y), lambda: peer.fit(X, y), "scikit-learn", agree, goal=goal)
