import re

import numpy as np
import pytest
from byhand.data import batches
from byhand.nn import Linear, Net, ReLU, Tanh, softmax_cross_entropy, squared_error
from byhand.optim import Adam, GradientDescent, Momentum, Nesterov
from byhand.training import epochs
from hypothesis import given, settings
from hypothesis import strategies as st

DATA = np.random.default_rng(0)
X, Y, LABELS = DATA.normal(size=(23, 4)), DATA.normal(size=(23, 3)), DATA.integers(3, size=23)
METHODS = [GradientDescent, lambda lr: Momentum(lr, 0.9), lambda lr: Nesterov(lr, 0.9), lambda lr: Adam(lr, 0.9, 0.99)]


def make(nets=None, dtype=float):
    rng = np.random.default_rng(5)
    net = Net(Linear(4, 6, rng), Tanh(), Linear(6, 5, rng), ReLU(), Linear(5, 3, rng))
    net.theta = (net.theta if nets is None else np.tile(net.theta, (nets, 1))).astype(dtype)
    return net


def train(method, rates, *, loss=squared_error, Y=Y, dtype=float, count=4):
    net = make(None if np.ndim(rates) == 0 else len(rates), dtype)
    rates = np.asarray(rates)[..., None] if np.ndim(rates) else rates
    seen = list(epochs(net, method(rates), loss, X.astype(dtype), Y.astype(dtype) if Y.dtype.kind == "f" else Y,
                       count=count, size=7, rng=np.random.default_rng(1)))
    return np.array(seen), net.theta


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("loss, targets", [(squared_error, Y), (softmax_cross_entropy, LABELS)])
def test_it_is_the_loop_written_by_hand(method, loss, targets):
    seen, theta = train(method, 0.05, loss=loss, Y=targets)
    net, opt, rng = make(), method(0.05), np.random.default_rng(1)
    for epoch in range(4):
        losses = []
        for xb, yb in batches(X, targets, 7, rng):
            value, gradient = loss(net.forward(xb), yb)
            net.backward(gradient)
            net.theta = opt.step(net.theta, net.grad)
            losses += [value] * len(xb)
        assert seen[epoch] == pytest.approx(np.mean(losses), rel=1e-12)
    np.testing.assert_array_equal(theta, net.theta)
    assert seen[-1] < seen[0]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("loss, targets", [(squared_error, Y), (softmax_cross_entropy, LABELS)])
@pytest.mark.parametrize("method", METHODS)
def test_a_bundle_is_its_nets_one_by_one(method, loss, targets, dtype):
    rates = [0.001, 0.02, 0.1]
    seen, theta = train(method, rates, loss=loss, Y=targets, dtype=dtype)
    assert seen.shape == (4, 3) and theta.dtype == dtype
    for i, rate in enumerate(rates):
        alone, alone_theta = train(method, rate, loss=loss, Y=targets, dtype=dtype)
        np.testing.assert_allclose(seen[:, i], alone, rtol=1e-12 if dtype is np.float64 else 1e-5)
        np.testing.assert_allclose(theta[i], alone_theta, rtol=1e-9 if dtype is np.float64 else 1e-3, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("loss, targets", [(squared_error, Y), (softmax_cross_entropy, LABELS)])
@pytest.mark.parametrize("method", METHODS)
def test_a_diverging_net_leaves_the_others_as_they_are(method, loss, targets, dtype):
    good, expected = train(method, [0.01, 0.1], loss=loss, Y=targets, dtype=dtype)
    huge = float(np.finfo(dtype).max) / 2
    for bad in (1e5, 1e20, huge):
        seen, theta = train(method, [bad, 0.01, bad / 10, 0.1, huge], loss=loss, Y=targets, dtype=dtype)
        np.testing.assert_array_equal(seen[:, [1, 3]], good)
        np.testing.assert_array_equal(theta[[1, 3]], expected)
        assert np.isinf(seen[-1, 4]) and not theta[4].any() and np.isfinite(theta).all()


def test_a_gradient_that_overflows_behind_a_small_loss():
    rng = np.random.default_rng(5)
    net = Net(Linear(4, 6, rng), Linear(6, 5, rng), Linear(5, 3, rng))
    start = net.theta
    # Its output is 0, so that its loss is small, but not its slope.
    huge = np.repeat([0, 1e300, 0, 1e300, 0], [4 * 6 + 6, 6 * 5, 5, 5 * 3, 3])
    runs, given = [], {"count": 2, "size": 23}
    for theta in (np.stack([start, huge]), start):
        net.theta = theta
        runs.append(list(epochs(net, Momentum(0.1), squared_error, X, Y, rng=np.random.default_rng(1), **given)))
    (first, second), alone = np.transpose(runs[0]), runs[1]
    np.testing.assert_array_equal(first, alone)
    assert np.isinf(second).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_no_number(bad):
    def loss(output, target):
        value, gradient = squared_error(output, target)
        return value, np.concatenate([gradient[:1], gradient[1:] * bad])

    seen, theta = train(Momentum, [0.1, 0.2], loss=loss)
    assert np.isinf(seen[:, 1]).all() and seen[-1, 0] < seen[0, 0] and theta[0].any() and not theta[1].any()


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(0, 1e300), min_size=1, max_size=4))
def test_whatever_the_rates_a_loss_is_told_for_each(rates):
    seen, theta = train(lambda lr: Momentum(lr, 0.95), rates, count=2)
    assert seen.shape == (2, len(rates)) and not np.isnan(seen).any() and np.isfinite(theta).all()
    assert np.isinf(seen[1, np.isinf(seen[0])]).all(), "what has diverged does not come back"


@pytest.mark.parametrize("rate", [1e3, 1e300])
def test_one_net_may_diverge_too(rate):
    seen, theta = train(GradientDescent, rate)
    assert seen.shape == (4,) and np.isinf(seen[-1]) and not theta.any()


def test_a_loss_is_one_plain_number_for_one_net():
    (loss,) = epochs(make(), GradientDescent(0.1), squared_error, X, Y, count=1, size=23, rng=np.random.default_rng(0))
    assert isinstance(loss, float) and loss == pytest.approx(squared_error(make()(X), Y)[0])


def test_the_net_is_trained_between_the_epochs():
    net = make()
    run = epochs(net, GradientDescent(0.1), squared_error, X.tolist(), Y.tolist(), count=2, size=5,
                 rng=np.random.default_rng(0))
    before = net.theta
    next(run)
    middle = net.theta
    next(run)
    assert (before != middle).any() and (middle != net.theta).any()
    assert next(run, "done") == "done"


def test_a_loss_may_be_a_python_float():
    def loss(output, target):
        value, gradient = squared_error(output, target)
        return float(value), gradient

    seen, theta = train(GradientDescent, 0.1, loss=loss)
    expected, expected_theta = train(GradientDescent, 0.1)
    np.testing.assert_array_equal(seen, expected)
    np.testing.assert_array_equal(theta, expected_theta)


def test_inputs_are_left_as_they_were():
    x, y = X.copy(), Y.copy()
    list(epochs(make(), Momentum(0.1), squared_error, x, y, count=2, size=5, rng=np.random.default_rng(0)))
    assert (x == X).all() and (y == Y).all()


NAN = np.where(np.arange(4) == 2, np.nan, X)


@pytest.mark.parametrize("changes, error, message", [
    ({"count": 0}, ValueError, "count must be at least 1, got 0"),
    ({"count": 1.5}, TypeError, "count must be a whole number, got 1.5"),
    ({"size": 0}, ValueError, "size must be at least 1, got 0"),
    ({"size": "all"}, TypeError, "size must be a whole number, got 'all'"),
    ({"rng": 0}, TypeError, "rng must be a numpy.random.Generator, as from np.random.default_rng(0), got 0"),
    ({"net": None}, TypeError, "net must have a method forward, got None"),
    ({"opt": 0.1}, TypeError, "opt must have a method step, got 0.1"),
    ({"loss": "squared_error"}, TypeError, "loss must be a function, got 'squared_error'"),
    ({"loss": lambda y, t: 1.0}, TypeError, "loss must return a pair, values () and a gradient, got 1.0"),
    ({"loss": lambda y, t: ((y - t) ** 2, y - t)}, TypeError, "loss must return a pair, values () and a gradient, got"),
    ({"X": []}, ValueError, "X must not be empty, got shape (0,)"),
    ({"X": X[:5]}, ValueError, "X and y must have the same length, got 5 and 23"),
    ({"X": X[:, :3]}, ValueError, "x must have shape"),
    ({"X": NAN}, ValueError, "X must not hold NaN, got nan at index (0, 2)"),
    ({"X": np.where(X > 2, np.inf, X)}, ValueError, "X must be finite, got inf at index"),
    ({"X": "data"}, TypeError, "X must hold real numbers"),
    ({"Y": []}, ValueError, "y must not be empty, got shape (0,)"),
    ({"Y": Y[:, :2]}, ValueError, "prediction and target must have the same shape"),
    ({"Y": np.where(np.arange(3) == 2, np.nan, Y)}, ValueError, "y must not hold NaN, got nan at index (0, 2)"),
])
def test_bad_input(changes, error, message):
    net, before = make(), make().theta
    given = {"net": net, "opt": Momentum(0.1), "loss": squared_error, "X": X, "Y": Y, "count": 2, "size": 5,
             "rng": np.random.default_rng(0)} | changes
    first = [given.pop(name) for name in ("net", "opt", "loss", "X", "Y")]
    with pytest.raises(error, match=re.escape(message)):
        list(epochs(*first, **given))
    np.testing.assert_array_equal(net.theta, before)
