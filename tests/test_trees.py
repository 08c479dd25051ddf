import pickle
from dataclasses import replace

import numpy as np
import pytest
from byhand.trees import Tree, entropy, gini, variance
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor


def problem(n=500, d=6, seed=0, classes=None):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    y = X[:, 0] + np.sin(3 * X[:, 1]) + X[:, 2] * X[:, 3] + 0.3 * rng.normal(size=n)
    return X, y if classes is None else np.digitize(y, np.quantile(y, np.arange(1, classes) / classes))


def same_tree(ours, theirs, X, y, w=None):
    """Compares node by node, down to a tie: where two questions are as good, scikit-learn takes any."""
    w = np.ones(len(y)) if w is None else w
    Y = y[:, None] if ours.classes is None else y[:, None] == ours.classes
    todo, tied, theirs = [(0, 0, np.arange(len(y)))], 0, theirs.tree_

    def impurity(rows):
        mean = np.average(Y[rows], axis=0, weights=w[rows])
        return w[rows] @ (y[rows] - mean) ** 2 if ours.classes is None else sum(w[rows]) * ours.impurity(mean)

    while todo:
        a, b, rows = todo.pop()
        assert (ours.feature[a] < 0) == (theirs.children_left[b] < 0)
        np.testing.assert_allclose(ours.value[a], theirs.value[b, 0], rtol=1e-9, atol=1e-12)
        if ours.feature[a] >= 0:
            yes = X[rows, ours.feature[a]] <= ours.threshold[a]
            also = X[rows, theirs.feature[b]].astype(np.float32) <= theirs.threshold[b]
            if (yes == also).all() and ours.feature[a] == theirs.feature[b]:
                np.testing.assert_allclose(ours.threshold[a], theirs.threshold[b], rtol=1e-6, atol=1e-7)
                todo += [(ours.child[0, a], theirs.children_left[b], rows[yes]),
                         (ours.child[1, a], theirs.children_right[b], rows[~yes])]
            else:
                np.testing.assert_allclose(impurity(rows[yes]) + impurity(rows[~yes]),
                                           impurity(rows[also]) + impurity(rows[~also]), rtol=1e-9)
                tied += 1
    return tied


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("depth", [1, 4, None])
@pytest.mark.parametrize("impurity, classes, theirs", [
    (variance, None, DecisionTreeRegressor()),
    (gini, 2, DecisionTreeClassifier()),
    (gini, 4, DecisionTreeClassifier()),
    (entropy, 2, DecisionTreeClassifier(criterion="entropy")),
    (entropy, 3, DecisionTreeClassifier(criterion="entropy")),
])
def test_splits_and_values_are_those_of_scikit_learn(impurity, classes, theirs, depth, weighted):
    X, y = problem(classes=classes)
    # Weights whose sums are exact: rounding makes scikit-learn split nodes that are pure already.
    w = np.random.default_rng(1).integers(1, 5000, len(y)) / 64 if weighted else None
    theirs = theirs.set_params(max_depth=depth, min_samples_leaf=10).fit(X, y, w)
    ours = Tree(depth, impurity, min_leaf=10).fit(X, y, w)
    tied = same_tree(ours, theirs, X, y, w)
    if not tied:
        new = np.random.default_rng(2).normal(size=(300, 6))
        np.testing.assert_allclose(ours.predict(new), theirs.predict(new))
        assert (ours.n_leaves, ours.height) == (theirs.get_n_leaves(), theirs.get_depth())
        if classes:
            np.testing.assert_allclose(ours.predict_proba(new), theirs.predict_proba(new), atol=1e-12)
    assert tied == 0 or (classes and not weighted)      # counts of labels tie easily, real numbers do not


def test_real_data_with_equal_values():
    X, y = load_diabetes(return_X_y=True, scaled=False)
    ours = Tree(5, min_leaf=5).fit(X, y)
    assert same_tree(ours, DecisionTreeRegressor(max_depth=5, min_samples_leaf=5).fit(X, y), X, y) == 0
    X, y = load_breast_cancer(return_X_y=True)
    same_tree(Tree(4, gini).fit(X, y), DecisionTreeClassifier(max_depth=4).fit(X, y), X, y)


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 40), d=st.integers(1, 4), levels=st.integers(1, 5), min_leaf=st.integers(1, 5),
       classes=st.integers(0, 3), weighted=st.booleans(), seed=st.integers(0, 2**32 - 1))
def test_no_split_is_better_in_a_brute_force_search(n, d, levels, min_leaf, classes, weighted, seed):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, levels, (n, d)).astype(float)
    y = rng.integers(0, classes, n) if classes else rng.normal(size=n)
    w = rng.integers(0, 3, n).astype(float) if weighted else np.ones(n)
    w[0] = 1
    Y = 1.0 * (y[:, None] == np.unique(y)) if classes else y[:, None]

    def spread(rows):
        """Σ w ‖y − ȳ‖² over the rows: for one-hot labels that is Σ w times their gini."""
        if not w[rows].sum():
            return 0
        return w[rows] @ np.square(Y[rows] - np.average(Y[rows], axis=0, weights=w[rows])).sum(axis=1)

    best, counted = np.inf, w > 0
    for j in range(d):
        for t in np.unique(X[counted, j])[:-1]:
            yes = X[:, j] <= t
            if min((counted & yes).sum(), (counted & ~yes).sum()) >= min_leaf:
                best = min(best, spread(yes & counted) + spread(~yes & counted))
    tree = Tree(1, gini if classes else variance, min_leaf).fit(X, y, w)
    if np.isinf(best) or len(np.unique(y[counted])) == 1:
        assert tree.n_leaves == 1
    else:
        yes = X[:, tree.feature[0]] <= tree.threshold[0]
        np.testing.assert_allclose(spread(yes & counted) + spread(~yes & counted), best, atol=1e-9)
        np.testing.assert_array_equal(tree.leaves(X), np.where(yes, 1, 2))


def test_an_unlimited_tree_knows_its_training_set_by_heart():
    X, y = problem(200)
    tree = Tree().fit(X, y)
    np.testing.assert_array_equal(tree.predict(X), y)
    assert tree.n_leaves == 200
    labels = np.array(["low", "middle", "high"])[problem(200, classes=3)[1]]
    np.testing.assert_array_equal(Tree(impurity=entropy).fit(X, labels).predict(X), labels)


def test_whole_weights_are_copies_and_weight_zero_is_absence():
    X, y = problem(300)
    w = np.random.default_rng(1).integers(0, 4, 300)
    weighted, copied = Tree(3).fit(X, y, w), Tree(3).fit(np.repeat(X, w, axis=0), np.repeat(y, w))
    np.testing.assert_array_equal(weighted.feature, copied.feature)
    np.testing.assert_allclose(weighted.threshold, copied.threshold)
    np.testing.assert_allclose(weighted.predict(X), copied.predict(X))
    with_zeros, without = Tree(5).fit(X, y, w > 0), Tree(5).fit(X[w > 0], y[w > 0])
    np.testing.assert_allclose(with_zeros.predict(X), without.predict(X))


@pytest.mark.parametrize("impurity", [gini, entropy])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_short_form_for_gini_is_the_general_one(impurity, classes):
    X, y = problem(400, classes=classes)
    w = np.random.default_rng(1).uniform(0.1, 2, 400)
    own = Tree(5, lambda p: impurity(p), min_leaf=5).fit(X, y, w)     # a new function takes the general form
    ours = Tree(5, impurity, min_leaf=5).fit(X, y, w)
    np.testing.assert_array_equal(own.feature, ours.feature)
    np.testing.assert_array_equal(own.threshold, ours.threshold)
    np.testing.assert_allclose(own.value, ours.value)


def test_impurities():
    p = np.array([[0.5, 1.0, 0.2], [0.5, 0.0, 0.8]])
    np.testing.assert_allclose(gini(p), [0.5, 0, 0.32])
    np.testing.assert_allclose(entropy(p), [np.log(2), 0, 0.5004024235381879], atol=1e-15)
    y = np.random.default_rng(0).normal(size=20)
    np.testing.assert_allclose(y.var() - np.mean(y**2), variance(y.mean(keepdims=True)))


def test_a_split_that_gains_nothing_at_once_may_later():
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    np.testing.assert_array_equal(Tree(impurity=gini).fit(X, [0, 1, 1, 0]).predict(X), [0, 1, 1, 0])
    np.testing.assert_array_equal(Tree().fit(X, [0, 1, 1, 0]).predict(X), [0, 1, 1, 0])


@pytest.mark.parametrize("X, y, leaves", [
    ([[1.0]], [2.0], 1),                                    # one row
    ([[3.0, 1.0]] * 5, [1, 2, 3, 4, 5], 1),                 # nothing to ask about
    ([[1.0], [2.0], [3.0]], [0.1, 0.1, 0.1], 1),            # nothing to find out
    ([[1], [2], [3]], [1, 2, 3], 3),                        # lists of whole numbers
    ([[True], [False]], [True, False], 2),
    ([[1e308], [-1e308]], [0, 1], 2),                       # halfway without overflow
    ([[1.0], [np.nextafter(1, 2)]], [0, 1], 2),             # nothing halfway
    ([[0.0], [-0.0], [5e-324]], [1, 1, 2], 2),
    ([[1.0], [2.0], [3.0]], [1e-300, 2e-300, 3e-300], 3),
    ([[1.0], [2.0], [3.0]], [1e150, 2e150, 3e150], 3),
    ([[1.0], [2.0], [3.0], [4.0]], [1e15, 1e15 + 1, 1e15, 1e15 + 3], 4),
])
def test_odd_data(X, y, leaves):
    tree = Tree().fit(X, y)
    assert tree.n_leaves == leaves
    expected = y if leaves > 1 else np.full(len(y), np.mean(y))
    np.testing.assert_allclose(tree.predict(X), np.asarray(expected, float), rtol=1e-15)


def test_one_class_and_labels_of_any_kind():
    X, y = problem(50, classes=2)
    assert Tree(impurity=gini).fit(X, ["a"] * 50).predict(X[:2]).tolist() == ["a", "a"]
    for labels in (np.array([-5, 7]), np.array(["no", "yes"]), np.array([False, True]), np.array([-1.0, 2.0])):
        tree = Tree(impurity=gini).fit(X, labels[y])
        np.testing.assert_array_equal(tree.classes, labels)
        np.testing.assert_array_equal(tree.predict(X), labels[y])
        assert tree.predict(X).dtype == labels.dtype


def test_float32_and_strides():
    X, y = problem(200)
    tree = Tree(4).fit(X.astype(np.float32), y.astype(np.float32))
    assert tree.predict(X.astype(np.float32)).dtype == np.float32
    theirs = DecisionTreeRegressor(max_depth=4).fit(X, y)
    np.testing.assert_allclose(tree.predict(X.astype(np.float32)), theirs.predict(X), rtol=1e-5)
    plain = Tree(4).fit(X[::2, ::-1], y[::2])
    copied = Tree(4).fit(X[::2, ::-1].copy(), y[::2].copy())
    np.testing.assert_array_equal(plain.predict(X[::2, ::-1]), copied.predict(np.asfortranarray(X[::2, ::-1])))


def test_an_offset_of_y_only_shifts_the_predictions():
    X, y = problem(300)
    np.testing.assert_allclose(Tree(6, min_leaf=5).fit(X, y + 1e6).predict(X) - 1e6,
                               Tree(6, min_leaf=5).fit(X, y).predict(X), atol=1e-8)


def test_random_features():
    X, y = problem(300)
    np.testing.assert_array_equal(Tree(5, features=6, rng=np.random.default_rng(0)).fit(X, y).predict(X),
                                  Tree(5).fit(X, y).predict(X))
    a, b, c = (Tree(5, features=2, rng=np.random.default_rng(seed)).fit(X, y) for seed in (0, 0, 1))
    np.testing.assert_array_equal(a.predict(X), b.predict(X))
    assert (a.predict(X) != c.predict(X)).any()
    rng = np.random.default_rng(0)
    first = [Tree(1, features=1, rng=rng).fit(X, y).feature[0] for _ in range(300)]
    assert np.bincount(first, minlength=6).min() > 20           # each 50 ± 6.5 times
    constant = np.column_stack([np.ones((300, 5)), X[:, 0]])
    assert Tree(1, features=1, rng=rng).fit(constant, y).feature[0] == 5


def test_replace_forgets_and_fit_leaves_its_inputs_alone():
    X, y = problem(60)
    w = np.ones(60)
    before = [a.copy() for a in (X, y, w)]
    tree = Tree(3).fit(X, y, w)
    for a, b in zip(before, (X, y, w), strict=True):
        np.testing.assert_array_equal(a, b)
    assert replace(tree).value is None and replace(tree).depth == 3
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(tree)).predict(X), tree.predict(X))
    learned = tree.predict(X)
    with pytest.raises(ValueError):
        tree.fit(X, y[:-1])
    np.testing.assert_array_equal(tree.predict(X), learned)


def test_text_and_repr():
    X = [[0, 5], [1, 5], [2, 6], [3, 6]]
    assert Tree().fit(X, [1, 1, 2, 3]).text() == "\n".join([
        "x[0] <= 1.5", "    1", "    x[0] <= 2.5", "        2", "        3"])
    assert Tree(1, gini).fit(X, list("aabb")).text() == "x[0] <= 1.5\n    a\n    b"
    assert repr(Tree(2, gini)) == "Tree(depth=2, impurity=gini, min_leaf=1, features=None, rng=None)"


X, y = problem(8)
rng = np.random.default_rng(0)


@pytest.mark.parametrize("error, message, call", [
    (ValueError, "depth must be at least 0, got -1", lambda: Tree(-1)),
    (TypeError, "depth must be a whole number, got 2.5", lambda: Tree(2.5)),
    (TypeError, "impurity must be a function, got 'gini'", lambda: Tree(2, "gini")),
    (ValueError, "min_leaf must be at least 1, got 0", lambda: Tree(min_leaf=0)),
    (ValueError, "features must be at least 1, got 0", lambda: Tree(features=0, rng=rng)),
    (TypeError, "rng must be a numpy.random.Generator, .* got None", lambda: Tree(features=2)),
    (TypeError, "rng must be a numpy.random.Generator, .* got 0", lambda: Tree(features=2, rng=0)),
    (TypeError, "rng must be a numpy.random.Generator, .* got 0", lambda: Tree(rng=0)),
    (ValueError, "features must be between 1 and 6, got 7", lambda: Tree(features=7, rng=rng).fit(X, y)),
    (ValueError, r"X must have 2 axes, got shape \(8,\)", lambda: Tree().fit(X[:, 0], y)),
    (ValueError, "X must not be empty", lambda: Tree().fit(np.empty((0, 3)), [])),
    (ValueError, "X must not hold NaN", lambda: Tree().fit(np.where(X == X[1, 2], np.nan, X), y)),
    (ValueError, "X must be finite, got inf", lambda: Tree().fit(np.where(X == X[1, 2], np.inf, X), y)),
    (TypeError, "X must hold real numbers", lambda: Tree().fit([["a"]], [1])),
    (ValueError, "y must not hold NaN", lambda: Tree().fit(X, np.where(y == y[1], np.nan, y))),
    (TypeError, "y must hold real numbers", lambda: Tree().fit(X, list("abababab"))),
    (ValueError, r"y must have 1 axes, got shape \(8, 1\)", lambda: Tree().fit(X, y[:, None])),
    (ValueError, "y must not hold NaN", lambda: Tree(impurity=gini).fit(X, np.where(y == y[1], np.nan, y))),
    (TypeError, "y must hold labels of one kind", lambda: Tree(impurity=gini).fit(X, [None, 1, *range(6)])),
    (ValueError, "y must hold labels, not measured numbers, got -", lambda: Tree(impurity=gini).fit(X, y)),
    (ValueError, r"impurity must turn shares \(K, m\) into \(m,\)", lambda: Tree(2, np.sum).fit(X, y > 0)),
    (ValueError, "X and y must have the same length, got 8 and 7", lambda: Tree().fit(X, y[:-1])),
    (ValueError, "X and weights must have the same length, got 8 and 3", lambda: Tree().fit(X, y, [1, 2, 3])),
    (ValueError, "weights must be >= 0, got -1.0 at index", lambda: Tree().fit(X, y, [-1] + [1] * 7)),
    (ValueError, "weights must not all be 0", lambda: Tree().fit(X, y, np.zeros(8))),
    (ValueError, "fit first", lambda: Tree().predict(X)),
    (ValueError, "fit first", lambda: Tree().text()),
    (ValueError, "fit first", lambda: Tree().n_leaves),
    (ValueError, r"X must have 6 features, .* got shape \(8, 5", lambda: Tree().fit(X, y).predict(X[:, 1:])),
    (ValueError, "predict_proba needs a tree for labels", lambda: Tree().fit(X, y).predict_proba(X)),
])
def test_bad_input(error, message, call):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("impurity, classes", [(gini, 2), (gini, 3), (variance, None)])
def test_of_mirrored_features_the_first_is_taken(impurity, classes, weighted):
    """They split the rows alike, so not even rounding may tell them apart: the tree would depend on the processor."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x, w = rng.normal(size=(60, 3)), rng.uniform(0.1, 1, 60) if weighted else None
        y = rng.normal(size=60) if classes is None else rng.integers(0, classes, 60)
        tree = Tree(impurity=impurity).fit(np.hstack([x, -x]), y, w)
        assert tree.feature.max() < 3
