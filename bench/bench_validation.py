"""Bias and variance from 1,000 training sets at the same inputs, beside a loop over scikit-learn's fits."""

import numpy as np
from byhand.linear import Polynomial, Ridge
from byhand.validation import bias_variance, cross_validate, kfold, mean_squared_error
from numpy.polynomial.legendre import legvander
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.linear_model import Ridge as PeerRidge
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from bench.harness import Case

SETS, NOISE = 1000, 0.3
X = np.linspace(-1, 1, 15)
GRID = np.linspace(-0.95, 0.95, 50)


def truth(x):
    return np.sin(3 * x)


def draw(rng):
    return X, truth(X)[:, None] + NOISE * rng.normal(size=(len(X), SETS))


def draw_one(rng):
    return X, truth(X) + NOISE * rng.normal(size=len(X))


def cases():
    for degree in (1, 4, 9):
        yield polynomials(degree)
    yield polynomials(4, one_by_one=True)
    yield ten_folds()


def polynomials(degree, one_by_one=False):
    def ours():
        model, rng = Polynomial(degree, basis=legvander), np.random.default_rng(0)
        if one_by_one:
            return bias_variance(model, draw_one, GRID, truth, repeats=SETS, rng=rng)
        return bias_variance(model, draw, GRID, truth, repeats=1, rng=rng)

    def peer():
        rng = np.random.default_rng(0)
        if one_by_one:
            y = np.stack([draw_one(r)[1] for r in rng.spawn(SETS)], axis=1)
        else:
            y = draw(rng.spawn(1)[0])[1]
        fits = np.empty((SETS, len(GRID)))
        for i in range(SETS):
            model = make_pipeline(PolynomialFeatures(degree), LinearRegression()).fit(X[:, None], y[:, i])
            fits[i] = model.predict(GRID[:, None])
        return (np.mean((fits.mean(axis=0) - truth(GRID)) ** 2), fits.var(axis=0).mean(),
                np.mean((y - truth(X)[:, None]) ** 2))

    name = f"bias–variance, {SETS} sets, degree {degree}{', one by one' if one_by_one else ''}"
    return Case(name, ours, peer, "loop of LinearRegression",
                lambda: np.testing.assert_allclose(ours(), peer(), rtol=1e-6),
                goal=None if one_by_one else 0.01, rounds=3)


def ten_folds():
    X, y = load_diabetes(return_X_y=True)

    def ours():
        return cross_validate(Ridge(), X, y, kfold(len(y), 10), mean_squared_error)

    def peer():
        return -cross_val_score(PeerRidge(), X, y, cv=KFold(10), scoring="neg_mean_squared_error")

    return Case("cross_validate(Ridge()), diabetes", ours, peer, "cross_val_score",
                lambda: np.testing.assert_allclose(ours(), peer(), rtol=1e-6))
