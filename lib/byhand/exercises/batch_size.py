"""Exercises of the lesson on batch size, sharp and flat minima."""

import numpy as np

from byhand.exercises import Exercise

GRID = np.linspace(-1, 1, 101)


def _loss_and_place(rng):
    (a, b), c, d = rng.uniform(0.1, 1, 2), rng.uniform(2, 6), rng.uniform(0, 6)

    def f(x):
        return a * (x - 1) ** 2 + b * np.sin(c * x + d) + b
    return f, rng.choice([-1, 1]) * rng.uniform(0.5, 2), rng.uniform(0.2, 1.5)


def _rise(f, x, eps, *, size=lambda x: abs(x) + 1, grid=GRID, divide=lambda here: 1 + here, per_cent=100):
    here = f(x)
    return per_cent * (np.max(f(x + eps * size(x) * grid)) - here) / divide(here)


SHARPNESS = Exercise(
    "sharpness", ("the sharpness",), _loss_and_place, _rise, {
        "the box has the half-width ε; it should be ε(|x| + 1)": lambda f, x, eps: _rise(f, x, eps, size=lambda x: 1),
        "the half-width is ε|x|; the + 1 is missing, so that at x = 0 there is no box": lambda f, x, eps: _rise(
            f, x, eps, size=abs),
        "the half-width is ε(x + 1); it needs |x|": lambda f, x, eps: _rise(f, x, eps, size=lambda x: x + 1),
        "only one side of the box was searched": lambda f, x, eps: _rise(f, x, eps, grid=(GRID + 1) / 2),
        "only the two ends of the box were tried; the largest value may lie inside": lambda f, x, eps: _rise(
            f, x, eps, grid=np.array([-1.0, 1.0])),
        "the rise is not divided by 1 + f(x)": lambda f, x, eps: _rise(f, x, eps, divide=lambda here: 1),
        "the rise is divided by f(x); the 1 is missing, and a loss near 0 would make any minimum sharp":
            lambda f, x, eps: _rise(f, x, eps, divide=lambda here: here),
        "the rise is a fraction, not per cent": lambda f, x, eps: _rise(f, x, eps, per_cent=1),
        "f(x) was not subtracted": lambda f, x, eps: 100 * np.max(f(x + eps * (abs(x) + 1) * GRID)) / (1 + f(x)),
        "the range in the box was taken; the rise starts from f(x), not from the least value": lambda f, x, eps: (
            100 * np.ptp(f(x + eps * (abs(x) + 1) * GRID)) / (1 + f(x))),
    })


def _two_layers(rng):
    d, hidden, k = rng.integers(2, 5, 3)
    return (rng.normal(size=(d, hidden)), rng.normal(size=hidden), rng.normal(size=(hidden, k)), rng.normal(size=k),
            rng.uniform(0.2, 5))


RESCALE = Exercise(
    "rescale", ("W1", "b1", "W2", "b2"), _two_layers,
    lambda W1, b1, W2, b2, alpha: (W1 * alpha, b1 * alpha, W2 / alpha, b2), {
        "b1 kept its size; the hidden units see xW1 + b1, and both must grow by α": lambda W1, b1, W2, b2, alpha: (
            W1 * alpha, b1, W2 / alpha, b2),
        "b2 was divided too; it is added after W2 has undone the α": lambda W1, b1, W2, b2, alpha: (
            W1 * alpha, b1 * alpha, W2 / alpha, b2 / alpha),
        "W2 was multiplied as well; it has to undo the α of the first layer": lambda W1, b1, W2, b2, alpha: (
            W1 * alpha, b1 * alpha, W2 * alpha, b2),
        "W2 was left as it was; the outputs grow by α": lambda W1, b1, W2, b2, alpha: (W1 * alpha, b1 * alpha, W2, b2),
        "the two layers are exchanged: the first is to grow by α": lambda W1, b1, W2, b2, alpha: (
            W1 / alpha, b1 / alpha, W2 * alpha, b2),
        "W2 was divided by α²; the first layer grew only by α": lambda W1, b1, W2, b2, alpha: (
            W1 * alpha, b1 * alpha, W2 / alpha**2, b2),
    })


def _warm_up(t, lr, k, steps):
    return lr * (1 + (k - 1) * min(t / steps, 1))


WARM_UP = Exercise(
    "warm_up", ("the rate",),
    lambda rng: (int(rng.integers(0, 40)), rng.uniform(0.01, 0.2), int(rng.integers(2, 40)), int(rng.integers(5, 20))),
    _warm_up, {
        "the rise does not stop: after the last step of the warm-up the rate stays at kη": lambda t, lr, k, steps: (
            lr * (1 + (k - 1) * t / steps)),
        "it starts at 0; the small batch's rate η is where it starts": lambda t, lr, k, steps: (
            lr * k * min(t / steps, 1)),
        "it ends at (k + 1)η; the rise is from η to kη, so it is (k − 1)η high": lambda t, lr, k, steps: (
            lr * (1 + k * min(t / steps, 1))),
        "it ends at √k η; this rule is linear in k": lambda t, lr, k, steps: (
            lr * (1 + (k**0.5 - 1) * min(t / steps, 1))),
        "the rate is kη from the first step: there is no warm-up": lambda t, lr, k, steps: lr * k,
        "the rise is geometric; it should be the same amount each step": lambda t, lr, k, steps: (
            lr * k ** min(t / steps, 1)),
    })
