"""Exercises of the lesson on norm penalties."""

import numpy as np

from byhand.exercises import Exercise
from byhand.linear import ridge
from byhand.optim import Adam
from byhand.regularize import DecoupledDecay, soft_threshold


def _regression(rng):
    X = rng.normal(size=(int(rng.integers(6, 10)), 3)) * [3.0, 1.0, 0.3]
    return X, rng.normal(size=len(X)), rng.uniform(0.3, 3)


def _ridge(X, y, strength):
    return ridge(X, y, strength, intercept=False)[0]


def _filtered(weigh):
    """V diag(weigh(s, λ)) Uᵀy."""
    def ridge_by_svd(X, y, strength):
        U, s, Vt = np.linalg.svd(X, full_matrices=False)
        return Vt.T @ (weigh(s, strength) * (U.T @ y))
    return ridge_by_svd


def _soft(theta, amount):
    return soft_threshold(theta, amount)


def _adam(rng):
    x, m, g = rng.normal(size=(3, rng.integers(2, 5)))
    v, t = rng.uniform(0.5, 2, size=len(x)), int(rng.integers(2, 9))
    return x, m, v, t, g, rng.uniform(0.01, 0.1), rng.uniform(0.2, 0.9)


def _step(x, m, v, t, g, lr):
    opt = Adam(lr)
    opt.m, opt.v, opt.t = m, v, t - 1
    return opt.step(x, g), opt.m, opt.v


def _adamw(x, m, v, t, g, lr, decay):
    method = DecoupledDecay(Adam(lr), decay)
    method.opt.m, method.opt.v, method.opt.t = m, v, t - 1
    return method.step(x, g), method.opt.m, method.opt.v


def _shrunk(pull):
    """Adam's step, and then `pull(x, new, lr, decay)` taken off."""
    def step(x, m, v, t, g, lr, decay):
        new, m, v = _step(x, m, v, t, g, lr)
        return new - pull(x, new, lr, decay), m, v
    return step


RIDGE = Exercise(
    "ridge", ("w",), _regression, _ridge, {
        "the singular values must be squared below: s/(s² + λ), not s/(s + λ)": _filtered(lambda s, a: s / (s + a)),
        "this is 1/(s² + λ); a factor s is missing above": _filtered(lambda s, a: 1 / (s**2 + a)),
        "this is the share that is kept, s²/(s² + λ); divide it by s": _filtered(lambda s, a: s**2 / (s**2 + a)),
        "λ is added as it is, not squared": _filtered(lambda s, a: s / (s**2 + a**2)),
        "this is least squares: λ has no effect": _filtered(lambda s, a: 1 / s),
        "λ is multiplied by n; here the loss is a sum over the rows, not a mean": lambda X, y, strength: (
            _ridge(X, y, strength * len(X))),
    })

SOFT_THRESHOLD = Exercise(
    "soft_threshold", ("theta",), lambda rng: (rng.normal(size=8), rng.uniform(0.3, 1)), _soft, {
        "this is hard thresholding: what is not set to 0 must shrink by the amount too": lambda theta, amount: (
            np.where(np.abs(theta) > amount, theta, 0)),
        "small parameters change their sign; cut |θ| − a off at 0": lambda theta, amount: (
            np.sign(theta) * (np.abs(theta) - amount)),
        "negative parameters are lost: shrink |θ| and put the sign back": lambda theta, amount: (
            np.maximum(theta - amount, 0)),
        "the sign is lost: put it back": lambda theta, amount: np.maximum(np.abs(theta) - amount, 0),
        "all shrink by one factor: that is what an L2 penalty does": lambda theta, amount: theta / (1 + amount),
        "parameters are clipped to ±a: that is what soft thresholding takes off": lambda theta, amount: (
            np.clip(theta, -amount, amount)),
    })

ADAMW_STEP = Exercise(
    "adamw_step", ("x", "m", "v"), _adam, _adamw, {
        "the decay is in the gradient, where Adam divides it away; take it off x": lambda x, m, v, t, g, lr, decay: (
            _step(x, m, v, t, g + decay * x, lr)),
        "the learning rate is missing: the decay is ηλx": _shrunk(lambda x, new, lr, decay: decay * x),
        "the decay was taken of the new x; it is that of the x before the step": _shrunk(
            lambda x, new, lr, decay: lr * decay * new),
        "the sign is wrong: the decay makes x smaller": _shrunk(lambda x, new, lr, decay: -lr * decay * x),
        "this is Adam: the decay has no effect": _shrunk(lambda x, new, lr, decay: 0),
        "the decay is that of an L1 penalty: it must be in proportion to x": _shrunk(
            lambda x, new, lr, decay: lr * decay * np.sign(x)),
    })
