import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from byhand.ensemble import AdaBoost, Bagging, GradientBoosting, bootstrap, logistic_loss, squared_error
from byhand.gradcheck import numerical_gradient, relative_error
from byhand.trees import Tree, entropy, gini
from byhand.validation import cross_validate, error_rate, kfold, mean_squared_error
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor


def problem(n=400, d=6, seed=0, classes=None):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    y = X[:, 0] + np.sin(3 * X[:, 1]) + X[:, 2] * X[:, 3] + 0.5 * rng.normal(size=n)
    return X, y if classes is None else np.digitize(y, np.quantile(y, np.arange(1, classes) / classes))


X, y = problem()
X_new = np.random.default_rng(1).normal(size=(200, 6))
labels = np.array(["no", "yes"])[(y > 0).astype(int)]
rng = np.random.default_rng(0)


# Bootstrap and bagging

@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 200), seed=st.integers(0, 2**32 - 1))
def test_bootstrap_parts_the_rows(n, seed):
    inside, outside = bootstrap(n, np.random.default_rng(seed))
    assert len(inside) == n
    np.testing.assert_array_equal(np.union1d(inside, outside), np.arange(n))
    assert len(np.intersect1d(inside, outside)) == 0


def test_a_bootstrap_leaves_out_one_in_e():
    outside = [len(bootstrap(1000, rng)[1]) / 1000 for _ in range(200)]
    assert abs(np.mean(outside) - 1 / np.e) < 0.003         # five standard errors


def bags(n, members, rng):
    """The samples that Bagging draws: member i from the i-th stream that its rng spawns."""
    return [bootstrap(n, stream)[0] for stream in rng.spawn(members)]


def test_bagging_is_scikit_learns_trees_on_the_same_samples_averaged():
    ours = Bagging(Tree(depth=5, min_leaf=15), 12, np.random.default_rng(3)).fit(X, y)
    inside = bags(400, 12, np.random.default_rng(3))
    trees = [DecisionTreeRegressor(max_depth=5, min_samples_leaf=15).fit(X[i], y[i]) for i in inside]
    predictions = np.array([tree.predict(X_new) for tree in trees])
    np.testing.assert_allclose(ours.predict(X_new), predictions.mean(axis=0))
    np.testing.assert_allclose(np.array(list(ours.stages(X_new))),
                               predictions.cumsum(axis=0) / np.arange(1, 13)[:, None])
    unseen = np.array([~np.isin(np.arange(400), i) for i in inside])
    rows, oob = ours.oob_predictions()
    np.testing.assert_array_equal(rows, np.flatnonzero(unseen.any(axis=0)))
    everywhere = np.array([tree.predict(X) for tree in trees])
    expected = [everywhere[unseen[:, row], row].mean() for row in rows]
    np.testing.assert_allclose(oob, expected)
    np.testing.assert_allclose(ours.oob_error(mean_squared_error), np.mean((y[rows] - expected) ** 2))


def test_bagging_is_scikit_learns_trees_on_the_same_samples_voting():
    _, y = problem(classes=3)
    y = np.array(["low", "middle", "high"])[y]
    ours = Bagging(Tree(depth=2, impurity=gini), 9, np.random.default_rng(3)).fit(X, y)
    inside = bags(400, 9, np.random.default_rng(3))
    trees = [DecisionTreeClassifier(max_depth=2).fit(X[i], y[i]) for i in inside]
    ballots = np.array([tree.predict(X) for tree in trees])
    votes = (ballots[..., None] == np.unique(y)).sum(axis=0)
    np.testing.assert_array_equal(ours.predict(X), np.unique(y)[votes.argmax(axis=1)])
    unseen = np.array([~np.isin(np.arange(400), i) for i in inside])
    votes = ((ballots[..., None] == np.unique(y)) & unseen[..., None]).sum(axis=0)
    rows, oob = ours.oob_predictions()
    np.testing.assert_array_equal(oob, np.unique(y)[votes.argmax(axis=1)][rows])
    assert ours.oob_error(error_rate) == np.mean(oob != y[rows])


def test_oob_error_estimates_the_test_error():
    X_far, y_far = problem(5000, seed=5)
    forest = Bagging(Tree(), 100, np.random.default_rng(0)).fit(X, y)
    error = mean_squared_error(y_far, forest.predict(X_far))
    assert abs(forest.oob_error(mean_squared_error) / error - 1) < 0.2
    assert error < 0.7 * mean_squared_error(y_far, Tree().fit(X, y).predict(X_far))


def test_a_process_pool_changes_nothing():
    with ProcessPoolExecutor(2) as pool:
        one, other = (Bagging(Tree(4, features=2, rng=np.random.default_rng(1)), 4, np.random.default_rng(0), m)
                      .fit(X, y) for m in (map, pool.map))
    np.testing.assert_array_equal(one.predict(X_new), other.predict(X_new))
    assert one.oob_error(mean_squared_error) == other.oob_error(mean_squared_error)


def test_members_differ_and_so_do_fits():
    forest = Bagging(Tree(depth=4, features=2, rng=np.random.default_rng(1)), 3, np.random.default_rng(0)).fit(X, y)
    first = np.array([member.predict(X_new) for member in forest.members])
    assert (first[0] != first[1]).any() and (first[1] != first[2]).any()
    assert (forest.fit(X, y).predict(X_new) != first.mean(axis=0)).any()
    assert replace(forest).members is None


@dataclass(eq=False)
class Mean:
    """A model from elsewhere: fitted by its effect, it returns nothing from `fit`."""

    value: float = field(init=False, default=None)

    def fit(self, X, y):
        self.value = y.mean()

    def predict(self, X):
        return np.full(len(X), self.value)


def test_bagging_takes_any_model():
    bagged = Bagging(Mean(), 50, np.random.default_rng(0)).fit(X, y)
    means = [y[i].mean() for i in bags(400, 50, np.random.default_rng(0))]
    np.testing.assert_allclose(bagged.predict(X_new), np.mean(means))
    boosted = Bagging(AdaBoost(n=5), 5, np.random.default_rng(0)).fit(X, labels)
    assert np.mean(boosted.predict(X) == labels) > 0.7
    losses = cross_validate(boosted, X, labels, kfold(400, 3), error_rate)
    assert losses.shape == (3,) and (losses < 0.45).all()


# AdaBoost

@pytest.mark.parametrize("depth, classes, rounds", [(1, 2, 100), (3, 2, 30), (1, 3, 50), (2, 4, 50)])
def test_adaboost_is_that_of_scikit_learn(depth, classes, rounds):
    X, y = problem(classes=classes)
    y = np.array(["a", "b", "c", "d"])[y]
    tree = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=1 if depth == 1 else 10)
    theirs = AdaBoostClassifier(tree, n_estimators=rounds, random_state=0).fit(X, y)
    ours = AdaBoost(Tree(depth, gini, min_leaf=1 if depth == 1 else 10), rounds).fit(X, y)
    np.testing.assert_allclose(ours.alphas, theirs.estimator_weights_, rtol=1e-9)
    np.testing.assert_allclose(ours.errors, theirs.estimator_errors_, rtol=1e-9)
    np.testing.assert_array_equal(ours.predict(X_new), theirs.predict(X_new))
    for mine, other in zip(ours.stages(X_new), theirs.staged_predict(X_new), strict=True):
        np.testing.assert_array_equal(mine, other)
    decision = theirs.decision_function(X_new)
    if classes == 2:
        np.testing.assert_allclose(ours.votes(X_new) @ [-2, 2], decision, atol=1e-9)     # from −2 to 2
    else:
        np.testing.assert_allclose((ours.votes(X_new) * classes - 1) / (classes - 1), decision, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(4, 40), d=st.integers(1, 4), levels=st.integers(2, 30), seed=st.integers(0, 2**32 - 1))
def test_the_twin_for_stumps_is_the_tree(n, d, levels, seed):
    rng = np.random.default_rng(seed)
    X, y = rng.integers(0, levels, (n, d)), rng.integers(0, 2, n)
    y[:2] = 0, 1
    try:
        fast = AdaBoost(Tree(1, gini), 4).fit(X, y)
    except ValueError as error:
        assert "chance" in str(error)
        return
    for member, w in zip(fast.members, fast.weights, strict=True):
        slow = Tree(1, gini).fit(X, y, w)
        assert (member.n_leaves, member.height) == (slow.n_leaves, slow.height)
        if member.feature[0] == slow.feature[0] and member.threshold[0] == slow.threshold[0]:
            np.testing.assert_allclose(member.value, slow.value, atol=1e-12)
        for tree in (member, slow):         # equally good ones may differ by rounding
            leaves = tree.leaves(X)
            tree.purity = sum(w[leaves == leaf].sum() * gini(tree.value[leaf]) for leaf in np.unique(leaves))
        np.testing.assert_allclose(member.purity, slow.purity, atol=1e-12)


def test_weights_are_the_papers():
    boost = AdaBoost(n=10).fit(X, labels)
    w = np.full(400, 1 / 400)
    for member, alpha, error, fitted in zip(boost.members, boost.alphas, boost.errors, boost.weights, strict=True):
        np.testing.assert_allclose(fitted, w, rtol=1e-9)
        wrong = member.predict(X) != labels
        np.testing.assert_allclose(error, w[wrong].sum())
        # Freund and Schapire: with α/2, wrong rows grow by exp(α/2), right ones shrink by as much.
        w = w * np.exp(np.where(wrong, 1, -1) * np.log((1 - error) / error) / 2)
        w /= w.sum()
        np.testing.assert_allclose(w[wrong].sum(), 0.5)     # the member just added is as good as chance now
        np.testing.assert_allclose(alpha, np.log((1 - error) / error))


def test_training_error_is_below_the_bound_of_freund_and_schapire():
    boost = AdaBoost(n=40).fit(X, labels)
    bound = np.cumprod(2 * np.sqrt(boost.errors * (1 - boost.errors)))
    training = [np.mean(stage != labels) for stage in boost.stages(X)]
    assert (training <= bound).all() and training[-1] < training[0]


@pytest.mark.parametrize("classes", [2, 3])
def test_margins(classes):
    X, y = problem(classes=classes)
    boost = AdaBoost(Tree(2, gini), 20).fit(X, y)
    margins, votes = boost.margins(X, y), boost.votes(X)
    np.testing.assert_allclose(votes.sum(axis=1), 1)
    np.testing.assert_array_equal(margins > 0, boost.predict(X) == y)
    assert -1 <= margins.min() and margins.max() <= 1
    if classes == 2:
        signs = np.array([2 * member.predict(X) - 1 for member in boost.members])
        np.testing.assert_allclose(margins, (2 * y - 1) * (boost.alphas @ signs) / boost.alphas.sum())


def test_boosting_stops_at_perfection_and_at_chance():
    X = np.arange(10.0)[:, None]
    perfect = AdaBoost(n=20).fit(X, X[:, 0] > 4)
    assert len(perfect.members) == 1 and perfect.alphas.tolist() == [1] and perfect.errors.tolist() == [0]
    theirs = AdaBoostClassifier(DecisionTreeClassifier(max_depth=1)).fit(X, X[:, 0] > 4)
    assert theirs.estimator_weights_[0] == 1 and len(theirs.estimators_) == 1
    with pytest.raises(ValueError, match=r"better than chance, got the error 0\.5"):
        AdaBoost().fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
    constant = AdaBoost(n=20).fit(np.ones((5, 2)), [0, 0, 0, 1, 1])
    assert constant.predict(np.ones((2, 2))).tolist() == [0, 0]


@dataclass(eq=False)
class Sign:
    """A weak learner from elsewhere: the sign of the feature that errs least."""

    best: tuple = field(init=False, default=None)

    def fit(self, X, y, weights):
        errors = [(weights @ (np.where(s * X[:, j] > 0, "yes", "no") != y), j, s)
                  for j in range(X.shape[1]) for s in (-1, 1)]
        self.best = min(errors)
        return self

    def predict(self, X):
        _, j, s = self.best
        return np.where(s * X[:, j] > 0, "yes", "no")


def test_adaboost_takes_any_model_that_takes_weights():
    boost = AdaBoost(Sign(), 10).fit(X, labels)
    assert np.mean(boost.predict(X) != labels) < boost.errors[0]


# Gradient boosting

@pytest.mark.parametrize("depth, rounds, rate", [(1, 100, 0.1), (3, 60, 0.1), (2, 30, 1.0)])
def test_gradient_boosting_is_that_of_scikit_learn(depth, rounds, rate):
    settings = {"max_depth": depth, "n_estimators": rounds, "learning_rate": rate, "min_samples_leaf": 10}
    theirs = GradientBoostingRegressor(**settings).fit(X, y)
    ours = GradientBoosting(Tree(depth, min_leaf=10), rounds, rate).fit(X, y)
    np.testing.assert_allclose(ours.predict(X_new), theirs.predict(X_new), rtol=1e-6)
    for mine, other in zip(ours.stages(X_new), theirs.staged_predict(X_new), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-6)
    np.testing.assert_allclose(2 * ours.losses[1:], theirs.train_score_)

    theirs = GradientBoostingClassifier(**settings).fit(X, labels)
    ours = GradientBoosting(Tree(depth, min_leaf=10), rounds, rate, logistic_loss).fit(X, labels)
    np.testing.assert_allclose(ours.predict_proba(X_new), theirs.predict_proba(X_new), atol=1e-8)
    for mine, other in zip(ours.stages(X_new), theirs.staged_predict(X_new), strict=True):
        np.testing.assert_array_equal(mine, other)
    np.testing.assert_array_equal(ours.predict(X_new), theirs.predict(X_new))
    np.testing.assert_allclose(2 * ours.losses[1:], theirs.train_score_)


def test_one_step_at_rate_1_is_the_tree_itself():
    boost, tree = GradientBoosting(Tree(4), 1, 1.0).fit(X, y), Tree(4).fit(X, y)
    np.testing.assert_allclose(boost.predict(X_new), tree.predict(X_new))


@pytest.mark.parametrize("loss, y", [(squared_error, y), (logistic_loss, (y > 0) * 1.0)])
def test_losses_and_their_derivatives(loss, y):
    f = np.random.default_rng(0).normal(size=400)
    value, slope, curvature = loss(y, f)
    assert relative_error(slope, numerical_gradient(lambda f: loss(y, f)[0].sum(), f)) < 1e-6
    assert relative_error(curvature, numerical_gradient(lambda f: loss(y, f)[1].sum(), f)) < 1e-6
    assert (value >= 0).all()
    far = loss(y, np.full(400, 1e3))
    assert all(np.isfinite(a).all() for a in far)


def test_a_loss_of_ones_own():
    def poisson(y, f):
        return np.exp(f) - y * f, np.exp(f) - y, np.exp(f)

    counts = np.random.default_rng(0).poisson(np.exp(X[:, 0]))
    boost = GradientBoosting(Tree(2, min_leaf=20), 50, loss=poisson).fit(X, counts)
    np.testing.assert_allclose(boost.start, np.log(counts.mean()))
    assert (np.diff(boost.losses) < 0).all()


def test_gradient_boosting_of_few_rows_and_rare_labels():
    assert GradientBoosting(n=3).fit([[1.0]], [2.0]).predict([[5.0]]).tolist() == [2.0]
    rare = np.zeros(400, int)
    rare[7] = 1
    boost = GradientBoosting(n=200, rate=1.0, loss=logistic_loss).fit(X, rare)
    np.testing.assert_array_equal(boost.predict(X), rare)
    np.testing.assert_allclose(boost.start, np.log(1 / 399))
    assert np.isfinite(boost.losses).all()


# All three

@pytest.mark.parametrize("model, t", [
    (Bagging(Tree(3), 5, np.random.default_rng(0)), y),
    (Bagging(Tree(3, entropy), 5, np.random.default_rng(0)), labels),
    (AdaBoost(n=5), labels),
    (AdaBoost(Tree(2, gini), 5), labels),
    (GradientBoosting(n=5), y),
    (GradientBoosting(n=5, loss=logistic_loss), labels),
])
def test_what_all_ensembles_keep(model, t):
    X_before, t_before = X.copy(), t.copy()
    with pytest.raises(ValueError, match="fit first"):
        model.predict(X)
    with pytest.raises(ValueError, match="fit first"):
        model.stages(X)
    assert model.fit(X, t) is model
    np.testing.assert_array_equal(X, X_before)
    np.testing.assert_array_equal(t, t_before)
    *_, final = model.stages(X_new)
    np.testing.assert_array_equal(final, model.predict(X_new))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X_new), final)
    assert replace(model).members is None and model.model.value is None
    with pytest.raises(ValueError, match="the same length, got 400 and 399"):
        model.fit(X, t[:-1])
    np.testing.assert_array_equal(model.predict(X_new), final)
    single = t.astype(np.float32) if t is y else t
    small = replace(model).fit(X.astype(np.float32), single)
    assert small.predict(X_new.astype(np.float32)).dtype == single.dtype
    rows = replace(model).fit(X[::-2, ::-1].tolist(), t[::-2].tolist())
    assert rows.predict(X[:3].tolist()).shape == (3,)


def test_reprs_read_as_the_call():
    tree = "Tree(depth=3, impurity=variance, min_leaf=1, features=None, rng=None)"
    assert repr(GradientBoosting()) == f"GradientBoosting(model={tree}, n=100, rate=0.1, loss=squared_error)"
    assert repr(Bagging(Tree(3), 5, rng)) == f"Bagging(model={tree}, n=5, rng={rng!r})"


@pytest.mark.parametrize("error, message, call", [
    (ValueError, "n must be at least 1, got 0", lambda: bootstrap(0, rng)),
    (TypeError, "n must be a whole number, got 2.0", lambda: bootstrap(2.0, rng)),
    (TypeError, "rng must be a numpy.random.Generator, .* got 0", lambda: bootstrap(5, 0)),
    (TypeError, "model must be a dataclass instance", lambda: Bagging(Tree, 5, rng)),
    (TypeError, "model must be a dataclass instance", lambda: Bagging(DecisionTreeRegressor(), 5, rng)),
    (ValueError, "n must be at least 1, got 0", lambda: Bagging(Tree(), 0, rng)),
    (TypeError, "rng must be a numpy.random.Generator, .* got None", lambda: Bagging(Tree(), 5, None)),
    (TypeError, "map must be a function, got 4", lambda: Bagging(Tree(), 5, rng, map=4)),
    (ValueError, "X must not be empty", lambda: Bagging(Tree(), 5, rng).fit(np.empty((0, 3)), [])),
    (ValueError, "X must not hold NaN", lambda: Bagging(Tree(), 5, rng).fit([[np.nan], [1]], [1, 2])),
    (ValueError, "y must not hold NaN", lambda: Bagging(Tree(), 5, rng).fit([[0], [1]], [np.nan, 2])),
    (TypeError, "y must hold real numbers", lambda: Bagging(Tree(), 5, rng).fit(X, labels)),
    (ValueError, "X must have 6 features", lambda: Bagging(Tree(), 5, rng).fit(X, y).predict(X[:, :3])),
    (ValueError, "fit first", lambda: Bagging(Tree(), 5, rng).oob_error(error_rate)),
    (TypeError, "loss must be a function, got 5", lambda: Bagging(Tree(), 2, rng).fit(X, y).oob_error(5)),
    (ValueError, "n must leave a row outside some bag, got n=2 for 1 rows",
     lambda: Bagging(Tree(), 2, rng).fit([[1]], [1]).oob_error(error_rate)),
    (TypeError, "model must be a dataclass instance", lambda: AdaBoost("stump")),
    (ValueError, "model must predict labels, .* got Tree", lambda: AdaBoost(Tree(1))),
    (TypeError, r"model must have fit\(X, y, weights\), got Bagging", lambda: AdaBoost(Bagging(Tree(), 2, rng))),
    (ValueError, "n must be at least 1, got -3", lambda: AdaBoost(n=-3)),
    (ValueError, "y must hold at least 2 classes, got only 1", lambda: AdaBoost().fit(X, np.ones(400, int))),
    (ValueError, "features must be between 1 and 6, got 7",
     lambda: AdaBoost(Tree(1, gini, features=7, rng=rng)).fit(X, labels)),
    (ValueError, "X must have 2 axes", lambda: AdaBoost().fit(X[:, 0], labels)),
    (ValueError, "fit first", lambda: AdaBoost().votes(X)),
    (ValueError, "fit first", lambda: AdaBoost().margins(X, labels)),
    (ValueError, "y must hold labels seen in fit, got .*maybe",
     lambda: AdaBoost(n=2).fit(X, labels).margins(X[:2], ["no", "maybe"])),
    (ValueError, "X and y must have the same length, got 3 and 2",
     lambda: AdaBoost(n=2).fit(X, labels).margins(X[:3], labels[:2])),
    (TypeError, "model must be a Tree with impurity=variance", lambda: GradientBoosting(Tree(3, gini))),
    (TypeError, "model must be a Tree with impurity=variance", lambda: GradientBoosting(Mean())),
    (ValueError, "rate must be >= 0, got -0.1", lambda: GradientBoosting(rate=-0.1)),
    (TypeError, "rate must be one number, got ", lambda: GradientBoosting(rate=[0.1, 0.2])),
    (TypeError, "loss must be a function, got 'mse'", lambda: GradientBoosting(loss="mse")),
    (TypeError, "loss must return three arrays", lambda: GradientBoosting(loss=lambda y, f: 0.0).fit(X, y)),
    (ValueError, "loss must have a positive second derivative",
     lambda: GradientBoosting(loss=lambda y, f: (abs(f - y), np.sign(f - y), 0 * y)).fit(X, y)),
    (TypeError, "y must hold real numbers", lambda: GradientBoosting().fit(X, labels)),
    (ValueError, "y must hold 2 classes for logistic_loss, got 1",
     lambda: GradientBoosting(loss=logistic_loss).fit(X, np.ones(400))),
    (ValueError, "y must hold 2 classes for logistic_loss, got 3",
     lambda: GradientBoosting(loss=logistic_loss).fit(X, problem(classes=3)[1])),
    (ValueError, "y must not hold NaN", lambda: GradientBoosting().fit(X, np.where(y > 0, np.nan, y))),
    (ValueError, "fit first", lambda: GradientBoosting().predict_proba(X)),
    (ValueError, "predict_proba needs loss=logistic_loss", lambda: GradientBoosting(n=1).fit(X, y).predict_proba(X)),
    (ValueError, "X must have 6 features", lambda: GradientBoosting(n=1).fit(X, y).stages(X[:, :3])),
])
def test_bad_input(error, message, call):
    with pytest.raises(error, match=message):
        call()
