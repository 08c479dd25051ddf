from hashlib import sha256
from importlib.resources import files

import numpy as np
import pytest
from byhand import data
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import datasets

BUNDLED = {
    data.digits: (datasets.load_digits, 16),
    data.breast_cancer: (datasets.load_breast_cancer, 1),
    data.diabetes: (datasets.load_diabetes, 1),
}
GENERATORS = {
    data.friedman1: (10, {}),
    data.friedman2: (4, {}),
    data.friedman3: (4, {}),
    data.polynomial: (1, {"coefficients": [1, 0, -2.0]}),
    data.two_moons: (2, {}),
}


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("load", BUNDLED)
def test_bundled_equals_scikit_learn(load):
    peer, divisor = BUNDLED[load]
    X, y = load()
    np.testing.assert_allclose(X * divisor, peer().data, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(y, peer().target)
    assert X.dtype == float and y.dtype == (float if load is data.diabetes else int)


def test_diabetes_in_its_own_units_equals_scikit_learn():
    np.testing.assert_array_equal(data.diabetes(scaled=False).X, datasets.load_diabetes(scaled=False).data)


@pytest.mark.parametrize("load", BUNDLED)
def test_what_a_reader_does_to_the_arrays_stays_with_them(load):
    X, y = load()
    before = X.copy(), y.copy()
    X[:], y[:] = 7, 7
    np.testing.assert_array_equal(load().X, before[0])
    np.testing.assert_array_equal(load().y, before[1])


@pytest.mark.parametrize("name", data.SHA256)
def test_checksums_hold_and_the_readme_tells_them(name):
    bundled = files("byhand") / "bundled"
    seen = sha256((bundled / f"{name}.npz").read_bytes()).hexdigest()
    assert seen == data.SHA256[name]
    readme = (bundled / "README.md").read_text()
    assert seen in readme and f"`{name}.npz`" in readme


def test_a_changed_file_is_refused(monkeypatch):
    monkeypatch.setitem(data.SHA256, "digits", "0" * 64)
    with pytest.raises(ValueError, match=r"digits\.npz must have SHA-256 0{64}, got dff739"):
        data.digits()


@pytest.mark.parametrize("generate", GENERATORS)
@given(n=st.integers(2, 40), seed=st.integers(0, 9))
@settings(deadline=None, max_examples=15)
def test_generators_shapes_and_seeds(generate, n, seed):
    d, extra = GENERATORS[generate]
    X, y = generate(n, rng=np.random.default_rng(seed), **extra)
    assert X.shape == (n, d) and y.shape == (n,)
    again = generate(n, rng=np.random.default_rng(seed), **extra)
    np.testing.assert_array_equal(X, again.X)
    np.testing.assert_array_equal(y, again.y)


@pytest.mark.parametrize("generate", [g for g in GENERATORS if g is not data.two_moons])
def test_noise_moves_the_targets_by_what_it_says_and_leaves_the_inputs(generate):
    extra = GENERATORS[generate][1]
    clean, loud = (generate(20_000, noise=noise, rng=np.random.default_rng(1), **extra) for noise in (0, 3.0))
    np.testing.assert_array_equal(clean.X, loud.X)
    assert np.std(loud.y - clean.y) == pytest.approx(3.0, rel=0.03)
    assert np.mean(loud.y - clean.y) == pytest.approx(0, abs=0.1)


def test_friedman1_is_that_of_scikit_learn_on_its_inputs():
    X, y = datasets.make_friedman1(50, random_state=0)
    fixed = FixedInputs(X)
    np.testing.assert_allclose(data.friedman1(50, 0, fixed).y, y)


@pytest.mark.parametrize("ours, peer", [(data.friedman2, datasets.make_friedman2),
                                        (data.friedman3, datasets.make_friedman3)])
def test_friedman2_and_3_are_those_of_scikit_learn_on_their_inputs(ours, peer):
    X, y = peer(50, random_state=0)
    np.testing.assert_allclose(ours(50, 0, FixedInputs(X)).y, y)


class FixedInputs(np.random.Generator):
    """Hands out the inputs it was given in place of uniform ones."""

    def __init__(self, X):
        super().__init__(np.random.PCG64(0))
        self.X = X

    def uniform(self, low, high, size):
        assert size == self.X.shape
        assert (self.X >= low).all() and (self.X <= high).all()
        return self.X


@pytest.mark.parametrize("generate, ratio", [(data.friedman2, 3), (data.friedman3, 3), (data.friedman1, 4.9)])
def test_default_noise_is_that_of_breiman_1996(generate, ratio, rng):
    """Noise of variance 1 for the first; signal to noise 3:1, in round figures, for the others."""
    clean, loud = (generate(50_000, rng=np.random.default_rng(2), **k) for k in ({"noise": 0}, {}))
    assert np.std(clean.y) / np.std(loud.y - clean.y) == pytest.approx(ratio, rel=0.07)


def test_friedman_inputs_fill_their_ranges(rng):
    low, high = np.array([0, 40 * np.pi, 0, 1]), np.array([100, 560 * np.pi, 1, 11])
    for generate in data.friedman2, data.friedman3:
        unit = (generate(5000, rng=rng).X - low) / (high - low)
        assert ((unit >= 0) & (unit <= 1)).all() and np.allclose(unit.mean(axis=0), 0.5, atol=0.03)


def test_polynomial_without_noise(rng):
    X, y = data.polynomial(30, [1, 2, 0, -3], 0, rng)
    x = X[:, 0]
    np.testing.assert_allclose(y, 1 + 2 * x - 3 * x**3)
    assert (np.abs(x) <= 1).all()


@pytest.mark.parametrize("n", [2, 3, 10, 11])
def test_two_moons_without_noise_are_those_of_scikit_learn(n, rng):
    X, y = data.two_moons(n, 0, rng)
    peer_X, peer_y = datasets.make_moons(n, shuffle=False)
    peer_order = np.lexsort((peer_X[:, 0].round(12), peer_X[:, 1].round(12), peer_y))
    order = np.lexsort((X[:, 0].round(12), X[:, 1].round(12), y))
    np.testing.assert_allclose(X[order], peer_X[peer_order], atol=1e-12)
    np.testing.assert_array_equal(y[order], peer_y[peer_order])


@given(n=st.integers(1, 50), size=st.integers(1, 60), seed=st.integers(0, 5))
@settings(deadline=None, max_examples=40)
def test_batches_hand_out_every_row_once(n, size, seed):
    X, y = np.arange(2.0 * n).reshape(n, 2), np.arange(n)
    parts = list(data.batches(X, y, size, np.random.default_rng(seed)))
    assert [len(b) for _, b in parts] == [size] * (n // size) + [n % size] * (n % size > 0)
    seen = np.concatenate([b for _, b in parts])
    np.testing.assert_array_equal(np.sort(seen), y)
    np.testing.assert_array_equal(np.concatenate([a for a, _ in parts]), X[seen])


def test_batches_shuffle_each_epoch_anew_and_keep_dtype_and_soft_labels(rng):
    X, y = np.zeros((40, 1, 4, 4), np.float32), np.eye(40, dtype=np.float32)
    first, second = (np.concatenate([b for _, b in data.batches(X, y, 7, rng)]) for _ in range(2))
    assert not np.array_equal(first, second) and not np.array_equal(first, y)
    a, b = next(data.batches(X, y, 7, rng))
    assert a.shape == (7, 1, 4, 4) and a.dtype == b.dtype == np.float32
    a[:] = 1
    assert not X.any()


BAD = [
    (lambda rng: data.friedman1(0, rng=rng), ValueError, "n must be at least 1, got 0"),
    (lambda rng: data.friedman1(2.0, rng=rng), TypeError, r"n must be a whole number, got 2\.0"),
    (lambda rng: data.friedman2(5, -1, rng), ValueError, "noise must be >= 0, got -1"),
    (lambda rng: data.friedman3(5, np.nan, rng), ValueError, "noise must be >= 0, got nan"),
    (lambda rng: data.friedman1(5), TypeError, "rng must be a numpy.random.Generator.* got None"),
    (lambda rng: data.friedman1(5, 1, 0), TypeError, "rng must be a numpy.random.Generator.* got 0"),
    (lambda rng: data.polynomial(5, [], 1, rng), ValueError, "coefficients must not be empty"),
    (lambda rng: data.polynomial(5, 3.0, 1, rng), ValueError, "coefficients must have 1 axes"),
    (lambda rng: data.polynomial(5, [1, np.inf], 1, rng), ValueError, "coefficients must be finite, got inf"),
    (lambda rng: data.polynomial(5, [1], [1, 2], rng), TypeError, r"noise must be one number, got \[1, 2\]"),
    (lambda rng: data.two_moons(1, 0, rng), ValueError, "n must be at least 2, got 1"),
    (lambda rng: data.two_moons(4, "loud", rng), TypeError, "noise must be a number, got 'loud'"),
    (lambda rng: data.batches([[1.0]], [1, 2], 1, rng), ValueError, "same length, got 1 and 2"),
    (lambda rng: data.batches([[1.0]], [1], 0, rng), ValueError, "size must be at least 1, got 0"),
    (lambda rng: data.batches([[1.0]], [1], 1, 0), TypeError, "rng must be"),
    (lambda rng: data.batches([], [], 1, rng), ValueError, "X must not be empty"),
    (lambda rng: data.batches(3.0, [1], 1, rng), ValueError, "X must have rows, got the single value 3"),
]


@pytest.mark.parametrize("call, error, message", BAD)
def test_bad_input(call, error, message, rng):
    with pytest.raises(error, match=message):
        call(rng)
