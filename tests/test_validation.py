import pickle
import re
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

import numpy as np
import pytest
import sklearn.linear_model as peer
import sklearn.metrics
import sklearn.model_selection as split
from byhand.linear import LogisticRegression, Polynomial, Ridge
from byhand.validation import (
    TestSet,
    bias_variance,
    cross_validate,
    error_rate,
    grid_search,
    group_kfold,
    kfold,
    learning_curve,
    log_loss,
    mean_squared_error,
    stratified_kfold,
    train_test_split,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial.legendre import legvander
from numpy.polynomial.polynomial import polyvander
from sklearn.datasets import load_iris

some = settings(deadline=None, max_examples=60)
seeds = st.none() | st.integers(0, 2**32 - 1)
labels = st.lists(st.integers(0, 3), min_size=4, max_size=40)


def generator(seed):
    return None if seed is None else np.random.default_rng(seed)


def assert_partition(folds, n, k):
    """Every row is tested once, and trained on by all the other folds."""
    assert len(folds) == k
    np.testing.assert_array_equal(np.sort(np.concatenate([test for _, test in folds])), np.arange(n))
    for train, test in folds:
        assert len(train) and len(test)
        np.testing.assert_array_equal(np.sort(np.r_[train, test]), np.arange(n))


def assert_same_folds(ours, theirs):
    for (train, test), (their_train, their_test) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(train, their_train)
        np.testing.assert_array_equal(test, their_test)


@some
@given(st.data(), st.integers(2, 50), seeds)
def test_kfold(data, n, seed):
    k = data.draw(st.integers(2, n))
    folds, theirs = list(kfold(n, k, generator(seed))), list(split.KFold(k).split(np.zeros(n)))
    assert_partition(folds, n, k)
    assert [len(test) for _, test in folds] == [len(test) for _, test in theirs]
    if seed is None:
        assert_same_folds(folds, theirs)


@some
@given(st.data(), labels, seeds)
@pytest.mark.filterwarnings("ignore:The least populated class:UserWarning")
def test_stratified_kfold(data, y, seed):
    sizes = np.bincount(y)
    if sizes.max() < 2:
        return
    k = data.draw(st.integers(2, int(sizes.max())))
    folds = list(stratified_kfold(y, k, generator(seed)))
    assert_partition(folds, len(y), k)
    counts = np.array([np.bincount(np.take(y, test), minlength=len(sizes)) for _, test in folds])
    assert (abs(counts - sizes / k) < 1).all()
    assert np.ptp(counts.sum(axis=1)) <= 1
    if seed is None:
        assert_same_folds(folds, split.StratifiedKFold(k).split(y, y))


@some
@given(st.data(), st.lists(st.integers(0, 9), min_size=2, max_size=40), seeds)
def test_group_kfold(data, groups, seed):
    if len(set(groups)) < 2:
        return
    k = data.draw(st.integers(2, len(set(groups))))
    folds = list(group_kfold(groups, k, generator(seed)))
    assert_partition(folds, len(groups), k)
    for train, test in folds:
        assert not set(np.take(groups, train)) & set(np.take(groups, test))
    if seed is None:
        assert_same_folds(folds, split.GroupKFold(k).split(groups, groups=groups))


def test_a_generator_shuffles_and_decides_alone():
    order = [np.concatenate([test for _, test in kfold(30, 3, np.random.default_rng(s))]) for s in (0, 0, 1)]
    np.testing.assert_array_equal(order[0], order[1])
    assert (order[0] != order[2]).any() and (order[0] != np.arange(30)).any()
    train, _ = next(kfold(30, 3, np.random.default_rng(0)))
    assert (np.diff(train) < 0).any()


def test_labels_and_groups_may_be_strings():
    assert_same_folds(stratified_kfold(list("abab"), 2), stratified_kfold([0, 1, 0, 1], 2))
    assert_same_folds(group_kfold(list("aabc"), 2), group_kfold([5, 5, 6, 7], 2))
    assert set(np.concatenate(train_test_split(list("abcd"), rng=np.random.default_rng(0)))) == set("abcd")
    assert error_rate(["a", "b"], ["a", "c"]) == 0.5


@some
@given(st.data(), labels, st.integers(0, 2**32 - 1))
def test_train_test_split(data, y, seed):
    n = len(y)
    size = data.draw(st.integers(1, n - 1) | st.floats(0.05, 0.75))
    x, stratify = np.arange(n), data.draw(st.sampled_from([None, y]))
    parts = train_test_split(x, y, test=size, rng=np.random.default_rng(seed), stratify=stratify)
    x_train, x_test, y_train, y_test = parts
    assert len(x_test) == len(split.train_test_split(x, test_size=size)[1])
    np.testing.assert_array_equal(np.sort(np.r_[x_train, x_test]), x)
    np.testing.assert_array_equal(np.take(y, x_test), y_test)
    np.testing.assert_array_equal(np.take(y, x_train), y_train)
    if stratify is not None:
        expected = np.bincount(y) * len(y_test) / n
        assert (abs(np.bincount(y_test, minlength=len(expected)) - expected) < 1).all()


@pytest.mark.parametrize("stratify", [None, [0, 0, 0, 1]])
def test_train_test_split_is_uniform(stratify):
    rng, tested = np.random.default_rng(0), np.zeros(4)
    for _ in range(2000):
        tested[train_test_split(np.arange(4), test=2, rng=rng, stratify=stratify)[1]] += 1
    np.testing.assert_allclose(tested, 1000, atol=4 * np.sqrt(500))


def data(n=60, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, X @ [1.0, 2.0, 0.0] + 3 + rng.normal(size=n)


def test_cross_validate_is_cross_val_score():
    X, y = data()
    ours = cross_validate(Ridge(2.0), X, y, kfold(60, 7), mean_squared_error)
    theirs = split.cross_val_score(peer.Ridge(2.0), X, y, cv=split.KFold(7), scoring="neg_mean_squared_error")
    np.testing.assert_allclose(ours, -theirs)


def test_cross_validate_of_a_classifier():
    X, y = load_iris(return_X_y=True)
    ours = cross_validate(LogisticRegression(), X, y, stratified_kfold(y, 5), error_rate)
    theirs = split.cross_val_score(peer.LogisticRegression(max_iter=10_000), X, y, cv=5)
    np.testing.assert_allclose(ours, 1 - theirs)


def test_grid_search_is_grid_search_cv():
    X, y = data()
    grid = {"penalty": [100.0, 10.0, 1.0, 0.1], "intercept": [True, False]}
    ours = grid_search(Ridge(), grid, X, y, kfold(60, 5), mean_squared_error)
    theirs = split.GridSearchCV(peer.Ridge(), {"alpha": grid["penalty"], "fit_intercept": [True, False]},
                                cv=split.KFold(5), scoring="neg_mean_squared_error").fit(X, y)
    np.testing.assert_allclose(ours.mean, -theirs.cv_results_["mean_test_score"])
    np.testing.assert_allclose(ours.se, theirs.cv_results_["std_test_score"] / 2)        # √(5 − 1)
    assert ours.best == {"penalty": theirs.best_params_["alpha"],
                         "intercept": theirs.best_params_["fit_intercept"]}
    np.testing.assert_allclose(ours.best_model.predict(X), theirs.predict(X))
    assert repr(ours.best_model) == f"Ridge(penalty={ours.best['penalty']}, intercept=True)"
    assert len(repr(ours).splitlines()) == 8 and repr(ours).count("← best") == 1


def test_a_choice_of_functions_prints_their_names():
    X, y = data()
    found = grid_search(Polynomial(2), {"basis": [polyvander, legvander]}, X[:, 0], y, kfold(60, 3), mean_squared_error)
    assert re.findall(r"basis=(\S+)", repr(found)) == ["polyvander", "legvander"]


def test_the_simplest_choice_is_within_one_standard_error_of_the_best():
    X, y = data()
    folds, penalties = list(kfold(60, 5)), [1e4, 10.0, 3.0, 1.0, 0.1]
    found = grid_search(Ridge(), {"penalty": penalties}, X, y, folds, mean_squared_error)
    bound = found.mean.min() + found.se[found.mean.argmin()]
    allowed = [p for p, m in zip(penalties, found.mean, strict=True) if m <= bound]
    assert found.simplest == {"penalty": allowed[0]} != found.best
    one_fold = grid_search(Ridge(), {"penalty": penalties}, X, y, folds[:1], mean_squared_error)
    assert np.isnan(one_fold.se).all() and one_fold.simplest == one_fold.best


def test_learning_curve_is_scikit_learns():
    X, y = data()
    train, test = learning_curve(Ridge(), X, y, [4, 20, 48], kfold(60, 5), mean_squared_error)
    _, their_train, their_test = split.learning_curve(
        peer.Ridge(), X, y, train_sizes=[4, 20, 48], cv=split.KFold(5), scoring="neg_mean_squared_error")
    np.testing.assert_allclose(train, -their_train)
    np.testing.assert_allclose(test, -their_test)


def test_a_model_that_is_validated_learns_nothing_itself():
    X, y = data()
    model, folds = Ridge(), list(kfold(60, 3))
    cross_validate(model, X, y, folds, mean_squared_error)
    grid_search(model, {"penalty": [1.0]}, X, y, folds, mean_squared_error)
    learning_curve(model, X, y, [5], folds, mean_squared_error)
    assert model.w is None


@dataclass(eq=False)
class Guess:
    """Predicts a random number, the same for all rows."""

    rng: np.random.Generator
    value: float = field(init=False, default=0.0)

    def fit(self, X, y):
        self.value = self.rng.normal()
        return self

    def predict(self, X):
        return np.full(len(X), self.value)


@dataclass(eq=False)
class Around:
    inside: Guess

    def fit(self, X, y):
        self.inside.fit(X, y)

    def predict(self, X):
        return self.inside.predict(X)


def backwards(f, items):
    """A map that works in another order, on copies, as a pool does."""
    return [f(pickle.loads(pickle.dumps(item))) for item in items[::-1]][::-1]


@pytest.mark.parametrize("make", [Guess, lambda rng: Around(Guess(rng))])
def test_each_fit_has_a_random_stream_of_its_own(make):
    X, y = np.zeros((12, 1)), np.zeros(12)
    models = [make(np.random.default_rng(0)) for _ in range(2)]
    first, second = (cross_validate(model, X, y, kfold(12, 6), mean_squared_error, map=m)
                     for model, m in zip(models, (map, backwards), strict=True))
    np.testing.assert_array_equal(first, second)
    assert len(set(first)) == 6


def test_a_test_set_opens_once():
    X, y = data()
    model = Ridge().fit(X, y)
    test = TestSet(X, y)
    assert repr(test) == "TestSet of 60 rows, unopened"
    with pytest.raises(ValueError, match="fit first"):
        test.score(Ridge(), mean_squared_error)
    assert test.score(model, mean_squared_error) == mean_squared_error(y, model.predict(X))
    for again in (test.open, lambda: test.score(model, error_rate)):
        with pytest.raises(ValueError, match=r"opens once, .* by score\(Ridge\(.*\), mean_squared_error\)"):
            again()
    other = TestSet(X, y)
    assert other.open()[0] is not None
    with pytest.raises(ValueError, match=r"this one was opened by open\(\)"):
        other.score(model, mean_squared_error)


INPUTS, POINTS = np.linspace(-1, 1, 15), np.linspace(-0.9, 0.9, 20)


def truth(x):
    return np.sin(3 * x)


def draw(rng):
    return INPUTS, truth(INPUTS) + 0.3 * rng.normal(size=15)


def draw_many(rng):
    return INPUTS, np.stack([draw(r)[1] for r in rng.spawn(50)], axis=1)


@pytest.mark.parametrize("degree", [0, 1, 3, 6])
def test_bias_variance_and_noise_make_the_expected_squared_error(degree):
    # A least squares fit is linear in y: its bias and variance follow from H, for any number of sets.
    H = legvander(POINTS, degree) @ np.linalg.pinv(legvander(INPUTS, degree))
    bias2 = np.mean((H @ truth(INPUTS) - truth(POINTS)) ** 2)
    variance = 0.09 * np.mean(np.sum(H**2, axis=1))
    model, rng = Polynomial(degree, basis=legvander), np.random.default_rng(degree)
    ours = bias_variance(model, draw_many, POINTS, truth, repeats=40, rng=rng)
    exact = [bias2 + variance / 2000, variance * 1999 / 2000, 0.09]
    np.testing.assert_allclose(ours, exact, rtol=0.05, atol=2e-4)

    y = truth(POINTS)[:, None] + 0.3 * rng.normal(size=(20, 2000))
    fits = model.fit(*(INPUTS, truth(INPUTS)[:, None] + 0.3 * rng.normal(size=(15, 2000)))).predict(POINTS)
    assert np.mean((y - fits) ** 2) == pytest.approx(sum(ours), rel=0.03)


def test_bias2_and_variance_sum_to_the_error_of_the_same_fits_exactly():
    fits = [Polynomial(3).fit(*draw(r)).predict(POINTS) for r in np.random.default_rng(0).spawn(30)]
    rng = np.random.default_rng(0)
    bias2, variance, noise = bias_variance(Polynomial(3), draw, POINTS, truth, repeats=30, rng=rng)
    assert bias2 + variance == pytest.approx(np.mean((fits - truth(POINTS)) ** 2), rel=1e-12)
    drawn = [draw(r)[1] - truth(INPUTS) for r in np.random.default_rng(0).spawn(30)]
    assert noise == pytest.approx(np.mean(np.square(drawn)), rel=1e-12)


def test_many_sets_at_once_are_the_same_as_one_by_one():
    model, rng = Polynomial(4), np.random.default_rng(0)
    fast = bias_variance(model, draw_many, POINTS, truth, repeats=1, rng=rng)
    slow = bias_variance(model, draw, POINTS, truth, repeats=50, rng=np.random.default_rng(0).spawn(1)[0])
    np.testing.assert_allclose(fast, slow, rtol=1e-10)


def test_a_process_pool_gives_the_serial_numbers():
    X, y = data()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        def run(m):
            folds = list(kfold(60, 4))
            return (cross_validate(Polynomial(2), X[:, 0], y, folds, mean_squared_error, map=m),
                    grid_search(Ridge(), {"penalty": [1, 2]}, X, y, folds, mean_squared_error, map=m).losses)

        for serial, parallel in zip(run(map), run(pool.map), strict=True):
            np.testing.assert_array_equal(serial, parallel)


@pytest.mark.filterwarnings("default")        # those of Dask are not ours to fail on
def test_a_dask_client_gives_the_serial_numbers():
    from distributed import Client

    X, y = data()
    with Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        def spread(f, *items):
            return client.gather(client.map(f, *items))

        def run(m):
            rng, folds = np.random.default_rng(0), list(kfold(60, 3))
            return (bias_variance(Polynomial(3), draw, POINTS, truth, repeats=5, rng=rng, map=m),
                    *learning_curve(Guess(rng), X, y, [5, 10], folds, mean_squared_error, map=m),
                    grid_search(Ridge(), {"penalty": [1, 2]}, X, y, folds, mean_squared_error, map=m).losses)

        for serial, parallel in zip(run(map), run(spread), strict=True):
            np.testing.assert_array_equal(serial, parallel)


@some
@given(st.integers(1, 20), st.integers(2, 4), st.integers(0, 2**32 - 1))
def test_losses_are_scikit_learns(n, k, seed):
    rng = np.random.default_rng(seed)
    y, other, x, z = rng.integers(0, k, n), rng.integers(0, k, n), rng.normal(size=n), rng.normal(size=n)
    p = rng.dirichlet(np.ones(k), n)
    assert mean_squared_error(x, z) == pytest.approx(sklearn.metrics.mean_squared_error(x, z))
    assert error_rate(y, other) == pytest.approx(1 - sklearn.metrics.accuracy_score(y, other))
    assert log_loss(y, p) == pytest.approx(sklearn.metrics.log_loss(y, p, labels=range(k)))


def test_a_certain_mistake_costs_a_finite_log_loss():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")         # scikit-learn's, about probabilities of 0
        theirs = sklearn.metrics.log_loss([0, 1], [[0.0, 1.0], [0.0, 1.0]])
    assert log_loss([0, 1], [[0.0, 1.0], [0.0, 1.0]]) == pytest.approx(theirs)


X, Y = data(6)
RNG = np.random.default_rng(0)
FOLDS = list(kfold(6, 2))
mse = mean_squared_error


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: kfold(4, 5), ValueError, "k must be between 2 and n=4, got 5"),
    (lambda: kfold(4, 1), ValueError, "k must be between 2 and n=4, got 1"),
    (lambda: kfold(4, -1), ValueError, "k must be between 2 and n=4, got -1"),
    (lambda: kfold(1, 2), ValueError, "n must be at least 2, got 1"),
    (lambda: kfold(4.0, 2), TypeError, "n must be a whole number, got 4.0"),
    (lambda: kfold(4, 2.0), TypeError, "k must be a whole number, got 2.0"),
    (lambda: kfold(4, 2, 0), TypeError, "rng must be a numpy.random.Generator, .* got 0"),
    (lambda: stratified_kfold([0, 0, 1], 3), ValueError, "k must be at most 2, .*, got 3"),
    (lambda: stratified_kfold([0, 0, 1], 4), ValueError, "k must be between 2 and n=3, got 4"),
    (lambda: stratified_kfold([], 2), ValueError, r"y must not be empty, got shape \(0,\)"),
    (lambda: stratified_kfold([0, np.nan], 2), ValueError, "y must not hold NaN"),
    (lambda: stratified_kfold([[0], [1]], 2), ValueError, r"y must have 1 axes, got shape \(2, 1\)"),
    (lambda: group_kfold([0, 0, 1], 3), ValueError, "2 and the number of groups=2, got 3"),
    (lambda: train_test_split(rng=RNG), TypeError, "at least one array, got none"),
    (lambda: train_test_split(X, Y[1:], rng=RNG), ValueError, "array 0 and array 1 .* got 6 and 5"),
    (lambda: train_test_split(X, 3.0, rng=RNG), ValueError, "array 1 must have rows, got"),
    (lambda: train_test_split(X, test=6, rng=RNG), ValueError, "test must be between 1 and 5, got 6"),
    (lambda: train_test_split(X, test=1.5, rng=RNG), ValueError, "test must be > 0 and < 1, got 1.5"),
    (lambda: train_test_split(X, test="half", rng=RNG), TypeError, "test must be a whole number"),
    (lambda: train_test_split(X, rng=None), TypeError, "rng must be a numpy.random.Generator"),
    (lambda: train_test_split(X, rng=RNG, stratify=[0, 1]), ValueError, "0 and stratify .* got 6 and 2"),
    (lambda: train_test_split([1], rng=RNG), ValueError, "the number of rows must be at least 2, got 1"),
    (lambda: cross_validate(Ridge, X, Y, FOLDS, mse), TypeError, "model must be a dataclass instance"),
    (lambda: cross_validate(object(), X, Y, FOLDS, mse), TypeError, "model must be a dataclass instance"),
    (lambda: cross_validate(Ridge(), X, Y[1:], FOLDS, mse), ValueError, "same length, got 6 and 5"),
    (lambda: cross_validate(Ridge(), X, Y, FOLDS, "mse"), TypeError, "loss must be a function, got 'mse'"),
    (lambda: cross_validate(Ridge(), X, Y, FOLDS, mse, map=2), TypeError, "map must be a function, got 2"),
    (lambda: cross_validate(Ridge(), X, Y, 5, mse), TypeError, r"folds must be pairs \(train, test\)"),
    (lambda: cross_validate(Ridge(), X, Y, iter([]), mse), ValueError, "at least one .* used up"),
    (lambda: cross_validate(Ridge(), X, Y, kfold(7, 2), mse), ValueError,
     r"train indices of fold 0 must be >= 0 and <= 5, got 6 at index \(2,\)"),
    (lambda: cross_validate(Ridge(), X, Y, [(Y > 0, Y < 0)], mse), TypeError, "whole numbers, got bool"),
    (lambda: cross_validate(Ridge(), X, Y, FOLDS, lambda y, p: y - p), ValueError, "loss must return"),
    (lambda: cross_validate(Ridge(), X, Y, FOLDS, lambda y, p: np.nan), ValueError, "got nan"),
    (lambda: grid_search(Ridge(), {"alpha": [1]}, X, Y, FOLDS, mse), ValueError,
     r"grid must name fields of Ridge, \['penalty', 'intercept'\], got 'alpha'"),
    (lambda: grid_search(Ridge(), {"penalty": []}, X, Y, FOLDS, mse), ValueError,
     r"grid must have a value for each field, got {'penalty': \[\]}"),
    (lambda: grid_search(Ridge(), {"penalty": 1}, X, Y, FOLDS, mse), TypeError,
     r"grid\['penalty'\] must be a list of values, got 1"),
    (lambda: grid_search(Ridge(), {"penalty": [1, -1]}, X, Y, FOLDS, mse), ValueError, "penalty .* got -1"),
    (lambda: grid_search(Ridge(), {}, X, Y, FOLDS, mse), TypeError, "grid must be a dict .* got {}"),
    (lambda: learning_curve(Ridge(), X, Y, [4], FOLDS, mse), ValueError, "sizes .* 1 and 3, got 4"),
    (lambda: learning_curve(Ridge(), X, Y, [], FOLDS, mse), ValueError, "sizes must not be empty"),
    (lambda: learning_curve(Ridge(), X, Y, [0.5], FOLDS, mse), TypeError, "sizes must be a whole number"),
    (lambda: TestSet(X, Y[1:]), ValueError, "same length, got 6 and 5"),
    (lambda: TestSet(X, Y).score(3, mse), TypeError, "model must have predict, got 3"),
    (lambda: bias_variance(Polynomial(1), draw, POINTS, truth, 1, rng=RNG), ValueError,
     "repeats must make at least 2 training sets, got 1"),
    (lambda: bias_variance(Polynomial(1), draw, POINTS, truth, 0, rng=RNG), ValueError,
     "repeats must be at least 1, got 0"),
    (lambda: bias_variance(Polynomial(1), draw, POINTS, truth, rng=7), TypeError, "rng must be a "),
    (lambda: bias_variance(Polynomial(1), lambda rng: 3, POINTS, truth, rng=RNG), TypeError,
     "draw must return a pair X, y, got 3"),
    (lambda: bias_variance(Polynomial(1), draw, POINTS, np.sum, rng=RNG), ValueError, "truth"),
    (lambda: bias_variance(Polynomial(1), draw, [], truth, rng=RNG), ValueError, "grid must not be empty"),
    (lambda: mse([1, 2], [1]), ValueError, r"the same shape, got \(2,\) and \(1,\)"),
    (lambda: mse([1, np.nan], [1, 2]), ValueError, "y must not hold NaN"),
    (lambda: error_rate([[1]], [1]), ValueError, "y and prediction must have the same shape"),
    (lambda: log_loss([0, 2], [[0.5, 0.5]] * 2), ValueError, "y must be >= 0 and <= 1, got 2"),
    (lambda: log_loss([0.0], [[0.5, 0.5]]), TypeError, "y must hold whole numbers, got float64"),
    (lambda: log_loss([0], [[0.5, 1.5]]), ValueError, "probabilities must be >= 0 and <= 1, got 1.5"),
])
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
