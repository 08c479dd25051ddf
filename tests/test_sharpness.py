import itertools

import numpy as np
import pytest
from byhand.landscapes import Quadratic
from byhand.nn import Linear, Net, Tanh, softmax_cross_entropy
from byhand.sharpness import box_sharpness, largest_curvature


def value_and_gradient(f):
    return lambda x: (f(x), f.grad(x))


@pytest.mark.parametrize("curvatures", [(3.0,), (1.0, 30.0), (5.0, 2.0, 0.1)])
def test_a_quadratic_has_known_sharpness(curvatures):
    f = value_and_gradient(Quadratic(curvatures, angle=0.7 if len(curvatures) > 1 else 0.0))
    for seed in range(5):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=len(curvatures))
        box = 0.01 * (abs(x) + 1)
        corners = x + box * np.array(list(itertools.product((-1, 1), repeat=len(x))))
        exact = 100 * (f(corners)[0].max() - f(x)[0]) / (1 + f(x)[0])       # a convex f is largest at a corner
        np.testing.assert_allclose(box_sharpness(f, x, rng, eps=0.01), exact)
        np.testing.assert_allclose(largest_curvature(f, x, rng, steps=100), max(curvatures), rtol=1e-6)


def test_at_a_minimum_the_box_sees_the_curvature():
    f = value_and_gradient(Quadratic((1.0, 30.0)))
    rise = box_sharpness(f, np.zeros(2), np.random.default_rng(0), eps=0.1)
    np.testing.assert_allclose(rise, 100 * 0.5 * (1 + 30) * 0.1**2)


def net_and_loss(rng):
    net = Net(Linear(3, 4, rng), Tanh(), Linear(4, 2, rng))
    X, y = rng.normal(size=(20, 3)), rng.integers(2, size=20)

    def loss_grad(theta):
        net.theta = theta
        value, d = softmax_cross_entropy(net.forward(X), y)
        net.backward(d)
        return value, net.grad

    return net.theta, loss_grad


def test_curvature_is_the_hessians_eigenvalue():
    rng = np.random.default_rng(1)
    theta, loss_grad = net_and_loss(rng)
    sides = [(loss_grad(theta + e)[1], loss_grad(theta - e)[1]) for e in 1e-5 * np.eye(len(theta))]
    hessian = np.array([(right - left) / 2e-5 for right, left in sides])
    eigenvalues = np.linalg.eigvalsh((hessian + hessian.T) / 2)
    found = largest_curvature(loss_grad, theta, rng, steps=400, h=1e-4)
    np.testing.assert_allclose(found, eigenvalues.max(), rtol=1e-5)


@pytest.mark.parametrize("curvatures, largest", [((-5.0, 2.0), 2.0), ((-1.0, 3.0), 3.0), ((-4.0, -1.0), -1.0)])
def test_the_largest_curvature_is_not_the_most_negative_one(curvatures, largest):
    def saddle(x):
        return 0.5 * (x**2 @ curvatures), x * curvatures

    for rng in np.random.default_rng(5).spawn(5):
        np.testing.assert_allclose(largest_curvature(saddle, np.ones(2), rng, steps=200), largest, rtol=1e-6)


def test_many_points_at_once_are_each_measured():
    rng = np.random.default_rng(2)
    theta, loss_grad = net_and_loss(rng)
    many = theta + 0.1 * rng.normal(size=(3, len(theta)))
    for measure, settings in ((box_sharpness, {"steps": 30}), (largest_curvature, {"steps": 200})):
        alone = [measure(loss_grad, one, rng, **settings) for one in many]
        np.testing.assert_allclose(measure(loss_grad, many, rng, **settings), alone, rtol=1e-3)


def test_a_random_search_finds_no_higher_point_in_the_box():
    rng = np.random.default_rng(3)
    theta, loss_grad = net_and_loss(rng)
    here = loss_grad(theta)[0]
    found = here + box_sharpness(loss_grad, theta, rng, eps=0.05) / 100 * (1 + here)
    z = 0.05 * (abs(theta) + 1) * rng.choice([-1, 1], size=(2000, len(theta)))
    assert loss_grad(theta + z)[0].max() <= found


def test_a_flat_function_has_no_sharpness():
    flat = lambda x: (np.float64(2.0), np.zeros_like(x))  # noqa: E731
    rng = np.random.default_rng(4)
    assert box_sharpness(flat, np.ones(3), rng) == 0 == largest_curvature(flat, np.ones(3), rng)


@pytest.mark.parametrize("measure", [box_sharpness, largest_curvature])
def test_bad_input_is_refused(measure):
    f, rng = value_and_gradient(Quadratic((1.0, 2.0))), np.random.default_rng(0)
    with pytest.raises(TypeError, match="loss_grad"):
        measure(3, np.zeros(2), rng)
    with pytest.raises(ValueError, match="x must"):
        measure(f, [np.nan, 1.0], rng)
    with pytest.raises(ValueError, match="steps"):
        measure(f, np.zeros(2), rng, steps=0)
    with pytest.raises(ValueError, match="must be"):
        measure(f, np.zeros(2), rng, **{"eps" if measure is box_sharpness else "h": 0})
