"""Exercises of the lesson on batch normalization."""

import numpy as np

from byhand.exercises import Exercise
from byhand.nn import BatchNorm

EPS = 1e-5


def _batch(rng):
    shape = rng.integers(4, 7), rng.integers(2, 4)
    x = rng.normal(rng.normal(), rng.uniform(0.5, 2), size=shape)
    return x, rng.normal(size=shape), rng.uniform(0.5, 2, size=shape[1]), EPS


def _normalized(x, eps):
    scale = 1 / np.sqrt(x.var(axis=0) + eps)
    return (x - x.mean(axis=0)) * scale, scale


def _backward(x, dy, gamma, eps):
    z, scale = _normalized(x, eps)
    dz = dy * gamma
    return scale * (dz - dz.mean(axis=0) - z * (dz * z).mean(axis=0)), (dy * z).sum(axis=0), dy.sum(axis=0)


def _with_dx(dx):
    """The right gradients, but for dx, which is `dx(scale, z, dz, gamma)`."""
    def wrong(x, dy, gamma, eps):
        z, scale = _normalized(x, eps)
        return dx(scale, z, dy * gamma, gamma), *_backward(x, dy, gamma, eps)[1:]
    return wrong


def _images(rng):
    n, c, h, w = rng.integers(2, 5, size=4)
    x = rng.normal(rng.normal(size=(1, c, 1, 1)), rng.uniform(0.5, 2, size=(1, c, 1, 1)), size=(n, c, h, w + 3))
    return x, EPS


def _over(axes, divisor=0):
    def normalized(x, eps):
        return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, ddof=divisor, keepdims=True) + eps)
    return normalized


def _layer(rng):
    n, k = rng.integers(2, 5, size=2)
    w, b, beta, mean = rng.normal(size=(n, k)), *rng.normal(size=(3, k))
    return w, b, rng.uniform(0.5, 2, size=k), beta, mean, rng.uniform(0.2, 3, size=k), EPS


def _fold(w, b, gamma, beta, mean, var, eps):
    factor = gamma / np.sqrt(var + eps)
    return w * factor, (b - mean) * factor + beta


def _folded(factor, shift):
    """A fold with another `factor(gamma, var, eps)`, and another new bias `shift(b, mean, beta, factor)`."""
    def wrong(w, b, gamma, beta, mean, var, eps):
        f = factor(gamma, var, eps)
        return w * f, shift(b, mean, beta, f)
    return wrong


def _factor(gamma, var, eps):
    return gamma / np.sqrt(var + eps)


def _shift(b, mean, beta, factor):
    return (b - mean) * factor + beta


BATCH_NORM_BACKWARD = Exercise(
    "batch_norm_backward", ("dx", "dgamma", "dbeta"), _batch, _backward, {
        "mean and variance were taken as constants; x moves them too": _with_dx(
            lambda scale, z, dz, gamma: scale * dz),
        "the way through the variance is missing: − z · mean(dz z)": _with_dx(
            lambda scale, z, dz, gamma: scale * (dz - dz.mean(axis=0))),
        "the way through the mean is missing: − mean(dz)": _with_dx(
            lambda scale, z, dz, gamma: scale * (dz - z * (dz * z).mean(axis=0))),
        "γ is missing from dx": _with_dx(
            lambda scale, z, dz, gamma: scale * (dz - dz.mean(axis=0) - z * (dz * z).mean(axis=0)) / gamma),
        "the factor 1/√(σ² + ε) is missing from dx": _with_dx(
            lambda scale, z, dz, gamma: dz - dz.mean(axis=0) - z * (dz * z).mean(axis=0)),
        "sums stand in dx where means belong": _with_dx(
            lambda scale, z, dz, gamma: scale * (dz - dz.sum(axis=0) - z * (dz * z).sum(axis=0))),
        "the variance has divisor B − 1; the layer divides by the one with B": lambda x, dy, gamma, eps: (
            _bessel(x, dy, gamma, eps)),
        "dγ must multiply dy by z, the normalized x, not by x": lambda x, dy, gamma, eps: (
            _backward(x, dy, gamma, eps)[0], (dy * x).sum(axis=0), dy.sum(axis=0)),
        "dγ and dβ are sums over the batch, not means: dy is the gradient of one loss": lambda x, dy, gamma, eps: (
            _backward(x, dy, gamma, eps)[0], (dy * _normalized(x, eps)[0]).mean(axis=0), dy.mean(axis=0)),
    })


def _bessel(x, dy, gamma, eps):
    scale = 1 / np.sqrt(x.var(axis=0, ddof=1) + eps)
    z, dz = (x - x.mean(axis=0)) * scale, dy * gamma
    return scale * (dz - dz.mean(axis=0) - z * (dz * z).mean(axis=0)), (dy * z).sum(axis=0), dy.sum(axis=0)


NORMALIZE_IMAGES = Exercise(
    "normalize_images", ("z",), _images, lambda x, eps: BatchNorm(x.shape[1], eps=eps).forward(x), {
        "each pixel got a mean of its own: a channel has one, over images, rows and columns": _over((0,)),
        "each image got means of its own: that is instance normalization": _over((2, 3)),
        "all channels of an image share one mean: that is layer normalization": _over((1, 2, 3)),
        "all channels share one mean; each has its own": _over((0, 1, 2, 3)),
        "the variance has divisor m − 1; the layer divides by the one with m": _over((0, 2, 3), 1),
        "ε was added outside of the root": lambda x, eps: (x - x.mean((0, 2, 3), keepdims=True)) / (
            x.std((0, 2, 3), keepdims=True) + eps),
    })

FOLD = Exercise(
    "fold", ("w", "b"), _layer, _fold, {
        "the shift β is missing from the new bias": _folded(_factor, lambda b, mean, beta, f: (b - mean) * f),
        "the bias must be scaled too, like all that goes into the norm": _folded(
            _factor, lambda b, mean, beta, f: b - mean * f + beta),
        "the running mean must be scaled too": _folded(_factor, lambda b, mean, beta, f: b * f - mean + beta),
        "the running mean was added; it is taken off": _folded(
            _factor, lambda b, mean, beta, f: (b + mean) * f + beta),
        "divided by the variance; the root is missing": _folded(lambda gamma, var, eps: gamma / (var + eps), _shift),
        "γ is missing": _folded(lambda gamma, var, eps: 1 / np.sqrt(var + eps), _shift),
    })
