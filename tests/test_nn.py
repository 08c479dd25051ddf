import copy
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from byhand.gradcheck import numerical_gradient, relative_error
from byhand.nn import (
    BatchNorm,
    Conv,
    Dropout,
    Flatten,
    Linear,
    MaxPool,
    MeanPool,
    Net,
    ReLU,
    Sigmoid,
    Tanh,
    accuracy,
    softmax_cross_entropy,
    squared_error,
)
from byhand.optim import Momentum
from scipy import special

TORCH = np.load(Path(__file__).parent / "references" / "nn.npz")

# Every layer, alone and in company: what builds it from an rng, and the shape of a batch. A new layer joins here.
LAYERS = {
    "linear": (lambda rng: [Linear(3, 4, rng)], (5, 3)),
    "relu": (lambda rng: [ReLU()], (5, 3)),
    "sigmoid": (lambda rng: [Sigmoid()], (5, 3)),
    "tanh": (lambda rng: [Tanh()], (5, 3)),
    "dropout": (lambda rng: [Dropout(0.4, rng)], (5, 3)),
    "batch norm of features": (lambda rng: [BatchNorm(3)], (5, 3)),
    "batch norm of signals": (lambda rng: [BatchNorm(2)], (3, 2, 4)),
    "batch norm of images": (lambda rng: [BatchNorm(2)], (3, 2, 2, 3)),
    "conv of signals": (lambda rng: [Conv(2, 3, (2,), rng, stride=2, padding=1)], (2, 2, 6)),
    "conv of images": (lambda rng: [Conv(2, 3, 2, rng, dilation=2)], (2, 2, 4, 5)),
    "conv of volumes": (lambda rng: [Conv(1, 2, (2, 1, 2), rng, padding=(0, 1, 1))], (2, 1, 3, 2, 3)),
    "flatten": (lambda rng: [Flatten()], (2, 3, 2, 2)),
    "max pool": (lambda rng: [MaxPool(2)], (2, 2, 4, 5)),
    "mean pool": (lambda rng: [MeanPool((2, 3), stride=2)], (2, 2, 4, 5)),
    "mlp": (lambda rng: [Linear(3, 6, rng), BatchNorm(6), Tanh(), Dropout(0.2, rng), Linear(6, 2, rng)], (7, 3)),
    "convnet": (lambda rng: [Conv(1, 2, 3, rng, padding=1), BatchNorm(2), ReLU(), MaxPool(2),
                             Conv(2, 3, 2, rng), Sigmoid(), Flatten(), Linear(3, 2, rng)], (3, 1, 4, 4)),
}
each = pytest.mark.parametrize("layers, shape", LAYERS.values(), ids=LAYERS)


def build(layers, dtype=float):
    """A net that is the same at every call, with weights off their starting values."""
    net = Net(*layers(np.random.default_rng(0)))
    net.theta = (net.theta + np.random.default_rng(1).normal(0, 0.3, net.theta.shape)).astype(dtype)
    return net


def batch(shape, dtype=float, seed=2):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def from_torch(group):
    return {name.split("/")[1]: TORCH[name] for name in TORCH.files if name.startswith(group + "/")}


@each
def test_gradients_pass_finite_differences(layers, shape):
    net, x = build(layers), batch(shape)
    y = net.forward(x)
    dy = batch(y.shape, seed=3)
    dx = net.backward(dy)

    def through(theta, x):
        again = build(layers)
        again.theta = theta
        return np.sum(dy * again.forward(x))

    assert dx.shape == x.shape
    assert relative_error(dx, numerical_gradient(lambda x: through(net.theta, x), x)) < 1e-6
    assert net.grad.shape == net.theta.shape
    if net.theta.size:
        assert relative_error(net.grad, numerical_gradient(lambda theta: through(theta, x), net.theta)) < 1e-6


@each
def test_a_net_may_spare_the_gradient_of_its_input(layers, shape):
    net, x = build(layers), batch(shape)
    dy = batch(net.forward(x).shape)
    net.backward(dy)
    grad = net.grad
    assert net.backward(dy, dx=False) is None
    np.testing.assert_array_equal(net.grad, grad)


@each
def test_float32_stays_float32_everywhere(layers, shape):
    net, x = build(layers, np.float32), batch(shape, np.float32)
    y = net.forward(x)
    dx = net.backward(y)
    evaluated = net(x)
    assert {a.dtype for a in (y, dx, net.grad, net.theta, evaluated)} == {np.dtype(np.float32)}
    for loss, target in (squared_error, batch(y.shape)), (squared_error, 0 * y.astype(int)):
        assert {a.dtype for a in loss(y, target)} == {np.dtype(np.float32)}
    if net.theta.size:
        net.theta = Momentum(0.1).step(net.theta, net.grad)
    assert net.theta.dtype == net(x).dtype == np.float32
    np.testing.assert_allclose(y, build(layers).forward(batch(shape)), rtol=1e-3, atol=1e-4)


def test_numpy_scalars_as_hyperparameters_do_not_promote():
    net = Net(BatchNorm(3, momentum=np.float64(0.1), eps=np.float64(1e-5)), Dropout(np.float64(0.5), RNG))
    net.theta = net.theta.astype(np.float32)
    y = net.forward(batch((5, 3), np.float32))
    assert y.dtype == net.backward(y).dtype == net.grad.dtype == net(y).dtype == np.float32


@each
def test_going_forward_and_back_changes_no_weight_and_no_input(layers, shape):
    net, x = build(layers), batch(shape)
    theta, x_before = net.theta.copy(), x.copy()
    y = net.forward(x)
    y_before, dy = y.copy(), batch(y.shape)
    dy_before = dy.copy()
    first = net.backward(dy), net.grad
    second = net.backward(dy), net.grad
    for a, b in [(net.theta, theta), (x, x_before), (y, y_before), (dy, dy_before), *zip(first, second, strict=True)]:
        np.testing.assert_array_equal(a, b)


@each
def test_evaluation_remembers_nothing_and_repeats(layers, shape):
    net, x = build(layers), batch(shape)
    np.testing.assert_array_equal(net(x), net(x))
    with pytest.raises(ValueError, match="must go forward, in training, before it goes backward"):
        net.backward(net(x))
    with pytest.raises(ValueError, match="must be filled first"):
        _ = net.grad
    y = net.forward(x)
    dx = net.backward(y)
    net(2 * x)
    np.testing.assert_array_equal(net.backward(y), dx)


@each
def test_a_net_survives_copying_and_pickling_and_reads_as_the_call(layers, shape):
    net, x = build(layers), batch(shape)
    net.forward(x)
    for other in copy.deepcopy(net), pickle.loads(pickle.dumps(net)):
        np.testing.assert_array_equal(other(x), net(x))
        other.theta = other.theta * 0
        assert np.any(net.theta) or not net.theta.size
    for layer in net.layers:
        assert repr(layer).startswith(type(layer).__name__ + "(")
        fresh = replace(layer)
        assert repr(fresh) == repr(layer)
        assert fresh.remembered is None
    assert repr(net) == f"Net({', '.join(map(repr, net.layers))})"


@pytest.mark.parametrize("group", ["norm_features", "norm_images"])
def test_batch_norm_is_that_of_pytorch(group):
    t, layer = from_torch(group), BatchNorm(3)
    net = Net(layer)
    net.theta = np.concatenate([t["gamma"], t["beta"]])
    for step in range(2):
        y = net.forward(t[f"x_{step}"])
        dx = net.backward(t[f"dy_{step}"])
        grad = np.concatenate([t[f"dgamma_{step}"], t[f"dbeta_{step}"]])
        for got, name in (y, "y"), (dx, "dx"), (layer.running_mean, "running_mean"), (layer.running_var, "running_var"):
            np.testing.assert_allclose(got, t[f"{name}_{step}"], rtol=1e-10, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(net.grad, grad, rtol=1e-10)
    np.testing.assert_allclose(net(t["x_1"]), t["evaluated"], rtol=1e-10)


def test_batch_norm_standardizes_whatever_scale_its_input_has():
    x = np.random.default_rng(0).normal(1000, 50, (200, 4, 3))
    y = Net(BatchNorm(4)).forward(x)
    np.testing.assert_allclose(y.mean((0, 2)), 0, atol=1e-10)
    np.testing.assert_allclose(y.std((0, 2)), 1, rtol=1e-6)
    constant = Net(BatchNorm(2))
    assert not constant.forward(np.full((3, 2), 7.0)).any()
    assert not constant.backward(np.ones((3, 2))).any()


@pytest.mark.parametrize("loss, targets, name", [
    (softmax_cross_entropy, "labels", "label"), (softmax_cross_entropy, "soft", "soft"),
    (squared_error, "target", "square")])
def test_losses_are_those_of_pytorch_and_pass_finite_differences(loss, targets, name):
    t = from_torch("losses")
    value, gradient = loss(t["logits"], t[targets])
    assert value == pytest.approx(t[f"{name}_loss"], rel=1e-12)
    np.testing.assert_allclose(gradient, t[f"{name}_grad"], rtol=1e-10, atol=1e-15)
    numerical = numerical_gradient(lambda z: loss(z, t[targets])[0], t["logits"])
    assert relative_error(gradient, numerical) < 1e-6


def test_labels_are_soft_labels_that_are_certain():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
    expected = softmax_cross_entropy(logits, labels)
    for certain in (np.eye(4)[labels], np.eye(4, dtype=int)[labels], labels.tolist(), labels.astype(np.uint8)):
        for got, want in zip(softmax_cross_entropy(logits, certain), expected, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-12)
    assert expected[0] == pytest.approx(-special.log_softmax(logits, 1)[np.arange(6), labels].mean())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_is_stable_for_large_logits(dtype):
    logits = np.array([[1000, -1000, 0], [-1000, 1000, 1000]], dtype)
    loss, gradient = softmax_cross_entropy(logits, [0, 2])
    assert loss.dtype == gradient.dtype == dtype
    assert loss == pytest.approx(np.log(2) / 2)
    np.testing.assert_allclose(gradient, [[0, 0, 0], [0, 0.25, -0.25]], atol=1e-7)
    assert softmax_cross_entropy(logits, [1, 0])[0] == pytest.approx(2000, rel=1e-3)
    assert softmax_cross_entropy(np.full((2, 3), 1e30, dtype), [0, 1])[0] == pytest.approx(np.log(3))


def test_sigmoid_is_exact_far_out():
    x = np.array([[-700.0, -30.0, -1.0, 0.0, 30.0, 1e4]])
    np.testing.assert_allclose(Sigmoid().forward(x), special.expit(x), rtol=1e-14)


def test_accuracy_counts_the_largest():
    logits = np.array([[2, 1, 0], [0, 1, 2], [0, 5, 1]])
    assert accuracy(logits, [0, 2, 0]) == pytest.approx(2 / 3)
    assert accuracy(np.stack([logits, -logits]), [0, 2, 0]).tolist() == pytest.approx([2 / 3, 1 / 3])
    with pytest.raises(ValueError, match=r"labels must have shape \(3,\), .* got \(2,\)"):
        accuracy(logits, [0, 1])


def bundle(rng, make, seeds=3):
    nets = [make(rng) for _ in range(seeds)]
    together = make(rng)
    together.theta = np.stack([net.theta for net in nets])
    return nets, together


@pytest.mark.parametrize("own_batches", [False, True])
@pytest.mark.parametrize("loss", [softmax_cross_entropy, squared_error])
def test_many_nets_at_once_are_those_nets_one_by_one(loss, own_batches):
    rng = np.random.default_rng(0)
    nets, together = bundle(rng, lambda rng: Net(
        Linear(4, 5, rng), BatchNorm(5), ReLU(), Linear(5, 6, rng), Sigmoid(), Dropout(0, rng),
        Linear(6, 3, rng), Tanh()))
    x = rng.normal(size=(3, 7, 4) if own_batches else (7, 4))
    target = rng.integers(0, 3, 7) if loss is softmax_cross_entropy else rng.normal(size=(7, 3))
    opt, rates = Momentum(np.array([[0.1], [0.2], [0.3]])), [0.1, 0.2, 0.3]
    alone = [Momentum(rate) for rate in rates]
    for _ in range(3):
        losses, dy = loss(together.forward(x), target)
        assert losses.shape == (3,)
        dx = together.backward(dy)
        assert together.grad.shape == together.theta.shape
        for s, net in enumerate(nets):
            mine = x[s] if own_batches else x
            value, d = loss(net.forward(mine), target)
            assert value == pytest.approx(losses[s], rel=1e-12)
            np.testing.assert_allclose(net.backward(d), dx[s], rtol=1e-8, atol=1e-14)
            np.testing.assert_allclose(net.grad, together.grad[s], rtol=1e-8, atol=1e-14)
            net.theta = alone[s].step(net.theta, net.grad)
        together.theta = opt.step(together.theta, together.grad)
    for s, net in enumerate(nets):
        np.testing.assert_allclose(net.theta, together.theta[s], rtol=1e-8)
        np.testing.assert_allclose(net(mine), together(mine)[s], rtol=1e-8)


def test_many_nets_may_have_targets_of_their_own():
    rng = np.random.default_rng(0)
    prediction, target = rng.normal(size=(2, 4, 5, 3))
    loss, gradient = squared_error(prediction, target, nets=1)
    for s in range(4):
        one, d = squared_error(prediction[s], target[s])
        assert loss[s] == pytest.approx(one)
        np.testing.assert_allclose(gradient[s], d)
    assert squared_error(prediction, target)[0] == pytest.approx(np.mean((prediction - target) ** 2))
    labels = rng.integers(0, 3, (4, 5))
    loss, gradient = softmax_cross_entropy(prediction, labels)
    for s in range(4):
        assert loss[s] == pytest.approx(softmax_cross_entropy(prediction[s], labels[s])[0])


def test_theta_read_earlier_never_changes():
    rng = np.random.default_rng(0)
    net, opt, x = Net(Linear(3, 2, rng)), Momentum(0.1), rng.normal(size=(5, 3))
    best, kept = net.theta, net.theta.copy()
    mine = best.copy()
    net.theta = mine
    seen = net.theta
    for _ in range(3):
        net.backward(net.forward(x))
        net.theta = opt.step(net.theta, net.grad)
        mine += 1
        layer = net.layers[0]
        assert np.shares_memory(layer.w, net.theta)
        assert np.shares_memory(layer.b, net.theta)
        np.testing.assert_array_equal(np.concatenate([layer.w.ravel(), layer.b]), net.theta)
    assert not np.allclose(net.theta, kept)
    np.testing.assert_array_equal(best, kept)
    np.testing.assert_array_equal(seen, kept)
    with pytest.raises(ValueError, match="read-only"):
        net.theta[0] = 1


def test_a_gradient_belongs_to_the_weights_that_went_forward():
    rng = np.random.default_rng(0)
    net, x = Net(Linear(3, 4, rng), Tanh(), Linear(4, 2, rng)), rng.normal(size=(5, 3))
    y = net.forward(x)
    dx, grad = net.backward(y), net.grad
    net.forward(x)
    net.theta = np.stack([2 * net.theta, 3 * net.theta])
    np.testing.assert_array_equal(net.backward(y), dx)
    np.testing.assert_array_equal(net.grad, grad)


def test_weights_start_as_he_says():
    rng = np.random.default_rng(0)
    assert Linear(50, 4000, rng).w.std() == pytest.approx((2 / 50) ** 0.5, rel=0.02)
    assert Conv(5, 400, (3, 3), rng).w.std() == pytest.approx((2 / 45) ** 0.5, rel=0.02)
    assert Linear(50, 4000, rng, scale=0.01).w.std() == pytest.approx(0.01, rel=0.02)
    assert not Linear(50, 40, rng).b.any()
    assert Conv(2, 3, 5, rng).w.shape == (3, 2, 5, 5)


def test_dropout_keeps_the_mean_and_divides_what_it_keeps():
    x = np.ones((400, 100))
    y = Dropout(0.25, np.random.default_rng(0)).forward(x)
    assert set(np.unique(y)) == {0, 1 / 0.75}
    assert np.mean(y == 0) == pytest.approx(0.25, abs=0.01)
    np.testing.assert_array_equal(Dropout(0.25, np.random.default_rng(0)).forward(x, train=False), x)


def test_a_net_learns_what_no_line_separates():
    rng = np.random.default_rng(0)
    X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    net, opt = Net(Linear(2, 16, rng), ReLU(), Linear(16, 2, rng)), Momentum(0.1)
    for _ in range(300):
        loss, gradient = softmax_cross_entropy(net.forward(X), y)
        net.backward(gradient)
        net.theta = opt.step(net.theta, net.grad)
    assert accuracy(net(X), y) == 1
    assert loss < 0.05


RNG = np.random.default_rng(0)
NET = Net(Linear(3, 2, RNG))
TWO = Net(Linear(3, 2, RNG), BatchNorm(2))
TWO.theta = np.stack([TWO.theta, TWO.theta])
Z = np.zeros((4, 3))


def gone_forward():
    net = Net(Linear(3, 2, np.random.default_rng(0)))
    net.forward(np.ones((4, 3)))
    return net


def of_images(theta=None):
    net = Net(Conv(2, 3, 2, np.random.default_rng(0)), Flatten())
    net.theta = net.theta if theta is None else np.stack([net.theta, net.theta])
    return net


def norm_of_two():
    layer = BatchNorm(2)
    net = Net(layer)
    net.theta = np.ones((3, 4))
    net.forward(np.random.default_rng(0).normal(size=(3, 5, 2)))
    net.theta = np.ones(4)
    return net


@pytest.mark.parametrize("error, message, call", [
    (ValueError, "n_in must be at least 1, got 0", lambda: Linear(0, 2, RNG)),
    (TypeError, "n_out must be a whole number, got 2.5", lambda: Linear(1, 2.5, RNG)),
    (TypeError, "rng must be a numpy.random.Generator, .* got 0", lambda: Linear(1, 2, 0)),
    (ValueError, "scale must be >= 0, got -1", lambda: Linear(1, 2, RNG, scale=-1)),
    (ValueError, "rate must be >= 0 and < 1, got 1", lambda: Dropout(1, RNG)),
    (ValueError, "rate must be >= 0 and < 1, got -0.1", lambda: Dropout(-0.1, RNG)),
    (TypeError, "rng must be a numpy.random.Generator", lambda: Dropout(0.5, None)),
    (ValueError, "n must be at least 1, got 0", lambda: BatchNorm(0)),
    (ValueError, "momentum must be >= 0 and <= 1, got 2", lambda: BatchNorm(3, momentum=2)),
    (ValueError, "eps must be > 0, got 0", lambda: BatchNorm(3, eps=0)),
    (ValueError, "c_in must be at least 1, got 0", lambda: Conv(0, 1, 3, RNG)),
    (ValueError, "kernel must be at least 1, got 0", lambda: Conv(1, 1, (3, 0), RNG)),
    (ValueError, r"stride must be one number, or 2, .* got \(1, 1, 1\)", lambda: Conv(1, 1, 3, RNG, stride=(1, 1, 1))),
    (ValueError, "padding must be at least 0, got -1", lambda: Conv(1, 1, 3, RNG, padding=-1)),
    (ValueError, r"kernel must have 1, 2 or 3 axes, got \(3, 3, 3, 3\)", lambda: Conv(1, 1, (3, 3, 3, 3), RNG)),
    (ValueError, r"kernel must have 1, 2 or 3 axes, got \(\)", lambda: Conv(1, 1, (), RNG)),
    (ValueError, "size must be at least 1, got 0", lambda: MaxPool(0)),
    (TypeError, "size must be a whole number, got None", lambda: MeanPool(None)),
    (TypeError, "stride must be a whole number, got 'a'", lambda: MeanPool(2, "a")),
    (ValueError, r"layers must not be empty, got Net\(\)", lambda: Net()),
    (TypeError, "layers must be layers, such as ReLU.* at index 1", lambda: Net(ReLU(), ReLU)),
    (ValueError, r"layers must be different objects, got ReLU\(\) again at index 1", lambda: Net(*[ReLU()] * 2)),
    (ValueError, r"theta must have shape \(8,\), or \(S, 8\) for S nets, got \(7,\)",
     lambda: setattr(NET, "theta", np.ones(7))),
    (ValueError, r"theta must have shape \(8,\), .* got \(\)", lambda: setattr(NET, "theta", 1.0)),
    (ValueError, r"theta must not hold NaN, got nan at index \(0,\)",
     lambda: setattr(NET, "theta", np.full(8, np.nan))),
    (TypeError, r"theta must hold real numbers, got array\('abc'", lambda: setattr(NET, "theta", "abc")),
    (ValueError, r"x must have shape \(N, 3\) for Linear.* got \(4, 2\)", lambda: NET(np.ones((4, 2)))),
    (ValueError, r"x must have shape \(N, 3\) for Linear.* got \(3,\)", lambda: NET(np.ones(3))),
    (ValueError, r"x must have shape \(N, 3\) for Linear.* got \(2, 4, 3\)", lambda: NET(np.ones((2, 4, 3)))),
    (ValueError, r"x must have shape \(N, 3\) or \(2, N, 3\) for Linear.* got \(3, 4, 3\)",
     lambda: TWO(np.ones((3, 4, 3)))),
    (ValueError, r"x must not be empty, got shape \(0, 3\)", lambda: NET(np.ones((0, 3)))),
    (ValueError, r"x must not hold NaN, got nan at index \(0, 0\)", lambda: NET(np.full((4, 3), np.nan))),
    (TypeError, r"x must hold real numbers, got array\('abc'", lambda: NET("abc")),
    (ValueError, r"x must have shape \(N, 2\) and 2 spatial axes for Conv.* got \(4, 3, 5, 5\)",
     lambda: of_images()(np.ones((4, 3, 5, 5)))),
    (ValueError, r"Conv.* takes one net at a time, got \(2,\) in theta", lambda: of_images(2)(np.ones((4, 2, 5, 5)))),
    (ValueError, r"x must have shape \(N, 2, \*spatial\) for BatchNorm.* got \(4, 3\)",
     lambda: Net(BatchNorm(2))(np.ones((4, 3)))),
    (ValueError, r"x must hold 2 or more numbers of each feature", lambda: Net(BatchNorm(2)).forward(np.ones((1, 2)))),
    (ValueError, r"running_mean must have the shape \(2,\) of gamma, got \(3, 2\)",
     lambda: norm_of_two()(np.ones((5, 2)))),
    (ValueError, "must go forward, in training, before it goes backward", lambda: NET.backward(np.ones((4, 2)))),
    (ValueError, r"dy must have the shape \(4, 2\) .* got \(4, 3\)", lambda: gone_forward().backward(np.ones((4, 3)))),
    (ValueError, "dy must not hold NaN", lambda: gone_forward().backward(np.full((4, 2), np.nan))),
    (ValueError, "net.grad must be filled first", lambda: NET.grad),
    (ValueError, r"logits must have shape \(N, K\), got \(3,\)", lambda: softmax_cross_entropy(np.ones(3), [1])),
    (ValueError, "logits must not hold NaN", lambda: softmax_cross_entropy(Z + np.nan, [0, 1, 2, 0])),
    (ValueError, "logits must be finite, got inf", lambda: softmax_cross_entropy(Z + np.inf, [0, 1, 2, 0])),
    (ValueError, "logits must not be empty", lambda: softmax_cross_entropy(Z[:0], [])),
    (ValueError, "targets must be labels from 0 to 2, got 3", lambda: softmax_cross_entropy(Z, [0, 1, 2, 3])),
    (ValueError, "targets must be labels from 0 to 2, got -1", lambda: softmax_cross_entropy(Z, [0, 1, -1, 3])),
    (ValueError, r"targets must be whole numbers \(4,\) or probabilities \(4, 3\) .* got float64 \(4,\)",
     lambda: softmax_cross_entropy(Z, np.array([0, 1, 2, 0.0]))),
    (ValueError, r"targets must be whole numbers \(4,\) .* got int64 \(3,\)",
     lambda: softmax_cross_entropy(Z, [0, 1, 2])),
    (ValueError, "targets must sum to 1 in each row, got 1.5", lambda: softmax_cross_entropy(Z, Z + 0.5)),
    (ValueError, "targets must be >= 0, got -1", lambda: softmax_cross_entropy(Z, np.tile([-1, 1, 1], (4, 1)))),
    (ValueError, r"prediction and target must have the same shape, got \(4, 1\) and \(4,\)",
     lambda: squared_error(Z[:, :1], Z[:, 0])),
    (ValueError, r"same shape, got \(3, 3\) and \(3,\)", lambda: squared_error(Z[:3], Z[:3, 0])),
    (ValueError, "targets must be a rectangular array", lambda: softmax_cross_entropy(Z[:2], [[1], [2, 3]])),
    (ValueError, r"got \(4, 3\) and \(1, 4, 3\)", lambda: squared_error(Z, Z[None])),
    (ValueError, "prediction must not be empty", lambda: squared_error(Z[:0], Z[:0])),
    (ValueError, "target must not hold NaN", lambda: squared_error(Z, Z + np.nan)),
    (ValueError, "nets must be between 0 and 2, got 3", lambda: squared_error(Z, Z, nets=3)),
])
def test_bad_input_is_named(error, message, call):
    theta = NET.theta
    with pytest.raises(error, match=message):
        call()
    assert NET.theta is theta
