"""Bagging and boosting beside scikit-learn's, with the same settings and on one process."""

import numpy as np
from byhand.ensemble import AdaBoost, Bagging, GradientBoosting, logistic_loss
from byhand.trees import Tree, gini
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    BaggingRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from bench.bench_trees import data
from bench.harness import Case


def cases():
    X, y = data(10_000)
    cancer, digits = load_breast_cancer(return_X_y=True), load_digits(return_X_y=True)
    stumps = AdaBoostClassifier(DecisionTreeClassifier(max_depth=1), n_estimators=100)
    for name, rows, labels, goal in [
        ("10,000 × 20", X, y > np.median(y), 0.1),
        ("1,000 × 20", X[:1000], y[:1000] > np.median(y), 0.1),
        ("breast cancer, 569 × 30", *cancer, 0.1),
        ("digits, 1,797 × 64, odd or even", digits[0], digits[1] % 2, None),
    ]:
        yield _case(f"AdaBoost, 100 stumps, {name}", AdaBoost(n=100), stumps, rows, labels, goal)
    X, y = X[:2000], y[:2000]
    rng = np.random.default_rng(0)
    forest = Bagging(Tree(impurity=gini, features=8, rng=rng), 50, rng)
    for name, ours, peer, rows, target in [
        ("gradient boosting, 100 trees, numbers", GradientBoosting(), GradientBoostingRegressor(), X, y),
        ("gradient boosting, 100 trees, labels", GradientBoosting(loss=logistic_loss),
         GradientBoostingClassifier(), X, y > 0),
        ("bagging, 50 trees of depth 8, numbers", Bagging(Tree(8), 50, rng),
         BaggingRegressor(DecisionTreeRegressor(max_depth=8), 50, oob_score=True), X, y),
        ("bagging, 50 trees, labels", Bagging(Tree(impurity=gini), 50, rng),
         BaggingClassifier(DecisionTreeClassifier(), 50, oob_score=True), X, y > 0),
        ("forest, 50 trees of 8 features, digits", forest,
         RandomForestClassifier(50, max_features=8, oob_score=True), *digits),
    ]:
        yield _case(f"{name}, {len(rows):,} × {rows.shape[1]}", ours, peer, rows, target)


def _case(name, ours, peer, X, y, goal=None):
    def agree():
        # The same up to chance and to ties, which scikit-learn breaks at random.
        a, b = 1.0 * ours.fit(X, y).predict(X), 1.0 * peer.fit(X, y).predict(X)
        assert np.square(a - b).mean() < 0.05 * np.var(y), f"{np.square(a - b).mean():.3g} apart"
    return Case(name, lambda: ours.fit(X, y), lambda: peer.fit(X, y), "scikit-learn", agree, goal=goal, rounds=5)
