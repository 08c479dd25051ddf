import pickle
from dataclasses import replace

import numpy as np
import pytest
import sklearn.linear_model as peer
from byhand.gradcheck import relative_error
from byhand.linear import (
    LogisticRegression,
    Polynomial,
    Ridge,
    cross_validate_ridge,
    leave_one_out,
    minimum_norm,
    polynomial_features,
    ridge,
)
from byhand.validation import cross_validate, kfold, mean_squared_error
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial.legendre import legvander
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.preprocessing import PolynomialFeatures, scale

PENALTIES = np.array([1e-3, 0.1, 1.0, 30.0])
some = settings(deadline=None, max_examples=40)
shapes = st.tuples(st.integers(2, 20), st.integers(1, 25), st.booleans(), st.integers(0, 2**32 - 1))


def problem(n, p, seed=0, targets=()):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) * 3 + 5
    return X, X @ rng.normal(size=(p, *targets)) + rng.normal(size=(n, *targets)) - 2


def test_polynomial_features_are_scikit_learns():
    x = np.linspace(-2, 2, 7)
    np.testing.assert_allclose(polynomial_features(x, 4), PolynomialFeatures(4).fit_transform(x[:, None]))
    np.testing.assert_array_equal(polynomial_features(x[:, None], 4), polynomial_features(x, 4))
    assert polynomial_features([1, 2], 0).tolist() == [[1.0], [1.0]]
    assert polynomial_features(x.astype(np.float32), 3).dtype == np.float32


def test_a_legendre_basis_spans_the_same_polynomials_nearly_orthogonally():
    x = np.linspace(-1, 1, 401)
    L, M = polynomial_features(x, 9, legvander), polynomial_features(x, 9)
    np.testing.assert_allclose(M @ minimum_norm(M, L), L, atol=1e-9)
    assert np.linalg.cond(L) < 6 < 1000 < np.linalg.cond(M)


@some
@given(shapes)
def test_ridge_is_scikit_learns_for_each_penalty(shape):
    n, p, intercept, seed = shape
    X, y = problem(n, p, seed)
    w, b = ridge(X, y, PENALTIES, intercept=intercept)
    assert w.shape == (4, p) and b.shape == (4,)
    for penalty, wk, bk in zip(PENALTIES, w, b, strict=True):
        theirs = peer.Ridge(alpha=penalty, fit_intercept=intercept, solver="svd").fit(X, y)
        np.testing.assert_allclose(wk, theirs.coef_, rtol=1e-7, atol=1e-7)
        np.testing.assert_allclose(bk, theirs.intercept_, rtol=1e-7, atol=1e-6)
        ours = Ridge(penalty, intercept).fit(X, y)
        np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-7, atol=1e-6)


@some
@given(shapes)
def test_the_normal_equations_hold(shape):
    n, p, intercept, seed = shape
    X, y = problem(n, p, seed)
    w, b = ridge(X, y, 2.0, intercept=intercept)
    residual = y - X @ w - b
    np.testing.assert_allclose(X.T @ residual, 2.0 * w, atol=1e-8 * np.abs(X.T @ y).max())
    if intercept:
        assert residual.sum() == pytest.approx(0, abs=1e-9 * np.abs(y).sum())


@pytest.mark.parametrize("targets", [(), (1,), (3,)])
def test_targets_are_fitted_side_by_side(targets):
    X, y = problem(12, 4, targets=targets)
    w, b = ridge(X, y, PENALTIES)
    assert w.shape == (4, 4, *targets) and b.shape == (4, *targets)
    assert ridge(X, y, 1.0)[0].shape == (4, *targets)
    assert leave_one_out(X, y, PENALTIES).shape == (4, 12, *targets)
    theirs = peer.Ridge(alpha=1.0).fit(X, y)
    np.testing.assert_allclose(Ridge().fit(X, y).predict(X), theirs.predict(X).reshape(y.shape), rtol=1e-9)


@some
@given(st.integers(1, 15), st.integers(1, 15), st.integers(0, 2**32 - 1))
def test_minimum_norm_is_the_pseudo_inverse(n, p, seed):
    X, y = problem(n, p, seed)
    X = np.c_[X, X[:, :1]]                          # two equal columns: the rank is deficient
    np.testing.assert_allclose(minimum_norm(X, y), np.linalg.lstsq(X, y)[0], atol=1e-7)


def test_without_a_penalty_ridge_is_the_shortest_least_squares_solution():
    X, y = problem(8, 20)
    w, b = ridge(X, y, 0)
    np.testing.assert_allclose(X @ w + b, y)
    np.testing.assert_allclose(w, ridge(X, y, 1e-9)[0], atol=1e-7)


@some
@given(shapes)
def test_leave_one_out_is_what_refitting_gives(shape):
    n, p, intercept, seed = shape
    X, y = problem(n, p, seed)
    ours = leave_one_out(X, y, PENALTIES, intercept=intercept)
    for i in range(n):
        others = np.arange(n) != i
        w, b = ridge(X[others], y[others], PENALTIES, intercept=intercept)
        np.testing.assert_allclose(ours[:, i], y[i] - w @ X[i] - b, rtol=1e-5, atol=1e-5)


def test_leave_one_out_of_least_squares():
    X, y = problem(9, 3)
    errors = [(Ridge(0).fit(X[o], y[o]).predict(X[~o]) - y[~o]).item() for o in ~np.eye(9, dtype=bool)]
    np.testing.assert_allclose(leave_one_out(X, y, 0), np.negative(errors))


@pytest.mark.parametrize(("n", "p"), [(60, 4), (40, 1), (25, 40), (30, 30)])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("penalties", [PENALTIES, [0.0, 1.0], 1e-9])
def test_cross_validate_ridge_is_cross_validate_of_ridge(n, p, intercept, penalties):
    X, y = problem(n, p)
    folds = list(kfold(n, 5, np.random.default_rng(1)))
    ours = cross_validate_ridge(X, y, penalties, folds, intercept=intercept)
    assert ours.shape == (5, *np.shape(penalties))
    for j, penalty in enumerate(np.atleast_1d(penalties)):
        plain = cross_validate(Ridge(float(penalty), intercept), X, y, folds, mean_squared_error)
        np.testing.assert_allclose(ours.reshape(5, -1)[:, j], plain, rtol=1e-6)


def test_cross_validate_ridge_of_columns_too_alike_to_be_squared():
    x = np.linspace(0, 1, 60)
    X, y = polynomial_features(x, 14), np.sin(9 * x)
    folds = list(kfold(60, 6, np.random.default_rng(0)))
    for penalty in (0.0, 1e-12, 1e-6):
        plain = cross_validate(Ridge(penalty), X, y, folds, mean_squared_error)
        np.testing.assert_allclose(cross_validate_ridge(X, y, penalty, folds), plain, rtol=1e-4)


def test_cross_validate_ridge_is_grid_search_cv():
    X, y = load_digits(return_X_y=True)
    X, y, penalties = X[:300], y[:300], np.logspace(-3, 3, 7)
    search = GridSearchCV(peer.Ridge(), {"alpha": penalties}, cv=KFold(10), scoring="neg_mean_squared_error")
    theirs = -search.fit(X, y).cv_results_["mean_test_score"]
    ours = cross_validate_ridge(X, y, penalties, kfold(300, 10))
    np.testing.assert_allclose(ours.mean(axis=0), theirs, rtol=1e-6)


@pytest.mark.parametrize("basis", [np.polynomial.polynomial.polyvander, legvander])
def test_a_polynomial_is_numpys_polyfit(basis):
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1, 1, 30), rng.normal(size=(30, 4))
    model = Polynomial(5, basis=basis).fit(x, y)
    new = np.linspace(-1, 1, 9)
    for j in range(4):
        theirs = np.polyval(np.polyfit(x, y[:, j], 5), new)
        np.testing.assert_allclose(model.predict(new)[:, j], theirs, atol=1e-9)
    assert repr(model) == f"Polynomial(degree=5, penalty=0.0, basis={basis.__name__})"
    assert np.ptp(Polynomial(5, penalty=1e9).fit(x, y[:, 0]).predict(new)) < 1e-6


@pytest.mark.parametrize(("load", "penalty"), [
    (load_iris, 1.0), (load_iris, 0.01), (load_breast_cancer, 1.0), (load_breast_cancer, 50.0),
    (load_digits, 1.0)])
def test_logistic_regression_is_scikit_learns(load, penalty):
    X, y = load(return_X_y=True)
    X, y = scale(X)[::3], y[::3]
    ours = LogisticRegression(penalty).fit(X, y)
    theirs = peer.LogisticRegression(C=1 / penalty, tol=1e-9, max_iter=10_000).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-5)
    w = ours.w.T if len(ours.classes) > 2 else (ours.w[:, 1:] - ours.w[:, :1]).T
    b = ours.b if len(ours.classes) > 2 else ours.b[1:] - ours.b[:1]
    assert relative_error(w, theirs.coef_) < 1e-4
    np.testing.assert_allclose(b - b.mean(), theirs.intercept_ - theirs.intercept_.mean(), atol=1e-4)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


@some
@given(st.integers(2, 25), st.integers(1, 30), st.integers(2, 4), st.booleans(), st.integers(0, 2**32 - 1))
def test_the_gradient_of_the_logistic_loss_vanishes(n, p, classes, intercept, seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, p)), np.r_[:2, rng.integers(0, classes, n - 2)]
    model = LogisticRegression(0.5, intercept).fit(X, y)
    residual = model.predict_proba(X) - (y[:, None] == model.classes)
    penalty = 0.5 * (2 if len(model.classes) == 2 else 1)
    np.testing.assert_allclose(X.T @ residual, -penalty * model.w, atol=1e-4)
    if intercept:
        np.testing.assert_allclose(residual.sum(axis=0), 0, atol=1e-4)
    else:
        assert not model.b.any()


def test_logistic_regression_without_intercept_is_scikit_learns():
    X, y = load_iris(return_X_y=True)
    theirs = peer.LogisticRegression(tol=1e-9, max_iter=10_000, fit_intercept=False).fit(X, y)
    ours = LogisticRegression(intercept=False).fit(X, y)
    np.testing.assert_allclose(ours.w.T, theirs.coef_, atol=1e-4)


def test_labels_may_be_anything_that_sorts():
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])
    model = LogisticRegression().fit(X, names[y])
    assert (model.predict(X) == names[y]).mean() > 0.95
    assert model.predict(X).dtype == names.dtype


def test_many_more_features_than_rows_are_cheap():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 3000)), np.arange(20) % 2
    model = LogisticRegression(1.0).fit(X, y)
    theirs = peer.LogisticRegression(tol=1e-9, max_iter=10_000).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), theirs.predict_proba(X), atol=1e-5)


MODELS = [Ridge(0.5), Ridge(0.0, intercept=False), Polynomial(2), LogisticRegression(2.0)]


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_replace_pickle_dtype_and_inputs(model):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 6)).astype(np.float32)[::2, ::2]
    X = X[:, 0] if isinstance(model, Polynomial) else X
    y = np.arange(15) % 3 if isinstance(model, LogisticRegression) else X.sum(axis=-1) if X.ndim > 1 else X**2
    before = X.copy(), y.copy()
    fitted = replace(model).fit(X, y)
    answer = fitted.predict_proba if isinstance(model, LogisticRegression) else fitted.predict
    assert answer(X).dtype == np.float32
    np.testing.assert_allclose(answer(X), getattr(replace(model).fit(X.tolist(), y.tolist()),
                                                  answer.__name__)(X.tolist()), atol=1e-3)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).predict(X), fitted.predict(X))
    with pytest.raises(ValueError, match=r"fit first: .* has learned nothing yet"):
        replace(fitted).predict(X)
    learned = fitted.predict(X)
    with pytest.raises(ValueError, match="X and y must have the same length, got 15 and 14"):
        fitted.fit(X, y[1:])
    np.testing.assert_array_equal(fitted.predict(X), learned)


def test_repr_reads_as_the_call():
    assert [repr(model) for model in MODELS] == [
        "Ridge(penalty=0.5, intercept=True)", "Ridge(penalty=0.0, intercept=False)",
        "Polynomial(degree=2, penalty=0.0, basis=polyvander)",
        "LogisticRegression(penalty=2.0, intercept=True)"]


def test_float32_stays_and_constant_columns_weigh_nothing():
    X, y = problem(10, 3)
    X, y = np.c_[X, np.ones(10)].astype(np.float32), y.astype(np.float32)
    w, b = ridge(X, y, np.array([0.0, 1.0]))
    assert w.dtype == b.dtype == leave_one_out(X, y, 1.0).dtype == np.float32
    assert cross_validate_ridge(X, y, [1.0], kfold(10, 2)).dtype == np.float32
    np.testing.assert_allclose(w[:, 3], 0, atol=1e-4)
    only, mean = ridge(np.ones((4, 2)), [1, 2, 3, 6], [0, 1])
    assert not only.any() and mean.tolist() == [3, 3]
    left_out = leave_one_out(np.ones((4, 2)), [1, 2, 3, 6], 0)
    np.testing.assert_allclose(left_out, np.subtract([1, 2, 3, 6], 3) * 4 / 3)


X, Y, LABELS = np.arange(6.0).reshape(3, 2) ** 2, np.array([1.0, 2.0, 4.0]), np.array([0, 1, 1])


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: polynomial_features([[1.0, 2.0]], 2), ValueError, r"x must have one column, got shape \(1, 2\)"),
    (lambda: polynomial_features([1.0], -1), ValueError, "degree must be at least 0, got -1"),
    (lambda: polynomial_features([1.0], 1.5), TypeError, "degree must be a whole number, got 1.5"),
    (lambda: polynomial_features([1.0], 1, "legendre"), TypeError, "basis must be a function"),
    (lambda: ridge(X, Y[:2], 1), ValueError, "X and y must have the same length, got 3 and 2"),
    (lambda: ridge(Y, Y, 1), ValueError, r"X must have 2 axes, got shape \(3,\)"),
    (lambda: ridge(X, Y, -1), ValueError, "penalties must be >= 0, got -1"),
    (lambda: ridge(X, Y, [1, np.nan]), ValueError, r"penalties must be >= 0, got nan at index \(1,\)"),
    (lambda: ridge(X, Y, [[1]]), ValueError, r"penalties must have 0 or 1 axes, got shape \(1, 1\)"),
    (lambda: ridge(X, Y, []), ValueError, r"penalties must not be empty, got shape \(0,\)"),
    (lambda: ridge(X, Y, "1"), TypeError, "penalties must be a number, got '1'"),
    (lambda: ridge(X * np.nan, Y, 1), ValueError, r"X must not hold NaN, got nan at index \(0, 0\)"),
    (lambda: ridge(X, [1, 2, np.inf], 1), ValueError, r"y must be finite, got inf at index \(2,\)"),
    (lambda: ridge(X[:, :0], Y, 1), ValueError, r"X must not be empty, got shape \(3, 0\)"),
    (lambda: minimum_norm(X, ["a", "b", "c"]), TypeError, "y must hold real numbers"),
    (lambda: leave_one_out(X[:1], Y[:1], 1), ValueError, r"n = len\(X\) must be at least 2, got 1"),
    (lambda: leave_one_out(X, Y, [1, 0]), ValueError, "leverage below 1, got 0, where .* point 0"),
    (lambda: cross_validate_ridge(X, Y, 1, []), ValueError, r"folds must hold at least one \(train, test\)"),
    (lambda: cross_validate_ridge(X, Y, 1, 5), TypeError, r"folds must be pairs \(train, test\) .* got 5"),
    (lambda: cross_validate_ridge(X, Y, 1, [([0, 1], [3])]), ValueError,
     r"test indices of fold 0 must be >= 0 and <= 2, got 3 at index \(0,\)"),
    (lambda: Ridge(-1), ValueError, "penalty must be >= 0, got -1"),
    (lambda: Ridge([1, 2]), TypeError, r"penalty must be one number, got \[1, 2\]"),
    (lambda: Ridge().fit(X, Y).predict(X[:, :1]), ValueError, r"the 2 columns .* got shape \(3, 1\)"),
    (lambda: Polynomial(-1), ValueError, "degree must be at least 0, got -1"),
    (lambda: Polynomial(2, penalty=np.inf), ValueError, "penalty must be >= 0, got inf"),
    (lambda: LogisticRegression(0), ValueError, "penalty must be > 0, got 0"),
    (lambda: LogisticRegression().fit(X, [1, 1, 1]), ValueError, "at least 2 classes, got only 1"),
    (lambda: LogisticRegression().fit(X, [0, 1]), ValueError, "must have the same length, got 3 and 2"),
    (lambda: LogisticRegression().fit(X, LABELS[:, None]), ValueError, r"y must have 1 axes, got shape"),
    (lambda: LogisticRegression().predict_proba(X), ValueError, "fit first: LogisticRegression"),
])
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
