"""Ten-fold cross-validation over 50 penalties, and the closed forms, beside scikit-learn."""

import numpy as np
from byhand.linear import LogisticRegression, cross_validate_ridge, leave_one_out
from byhand.validation import kfold
from sklearn.datasets import load_diabetes, load_digits
from sklearn.linear_model import LogisticRegression as PeerLogistic
from sklearn.linear_model import Ridge as PeerRidge
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GridSearchCV, KFold

from bench.harness import Case

PENALTIES = np.logspace(-3, 4, 50)


def cases():
    for name, data in (("diabetes 442×10", load_diabetes), ("digits 1797×64", load_digits)):
        X, y = data(return_X_y=True)
        yield ten_fold(name, X, y.astype(float))
        yield left_out(name, X, y.astype(float))
    X, y = load_digits(return_X_y=True)
    yield logistic("logistic regression, digits", X / 16, y)


def ten_fold(name, X, y):
    def ours():
        return cross_validate_ridge(X, y, PENALTIES, kfold(len(y), 10)).mean(axis=0)

    def peer():
        search = GridSearchCV(PeerRidge(), {"alpha": PENALTIES}, cv=KFold(10),
                              scoring="neg_mean_squared_error")
        return -search.fit(X, y).cv_results_["mean_test_score"]

    return Case(f"10-fold CV, 50 penalties, {name}", ours, peer, "GridSearchCV(Ridge)",
                lambda: np.testing.assert_allclose(ours(), peer(), rtol=1e-6), goal=0.01, rounds=5)


def left_out(name, X, y):
    def ours():
        return np.square(leave_one_out(X, y, PENALTIES)).T

    def peer():
        return RidgeCV(PENALTIES, store_cv_results=True).fit(X, y).cv_results_

    return Case(f"leave-one-out, 50 penalties, {name}", ours, peer, "RidgeCV",
                lambda: np.testing.assert_allclose(ours(), peer(), rtol=1e-6), rounds=7)


def logistic(name, X, y):
    def ours():
        return LogisticRegression().fit(X, y).predict_proba(X)

    def peer():
        return PeerLogistic(tol=1e-8, max_iter=1000).fit(X, y).predict_proba(X)

    return Case(name, ours, peer, "LogisticRegression",
                lambda: np.testing.assert_allclose(ours(), peer(), atol=1e-4), rounds=5)
