"""Exercises of the lesson on a small convnet."""

from itertools import pairwise
from math import prod

import numpy as np

from byhand.exercises import Exercise


def _layers(rng):
    count = rng.integers(2, 5)
    return rng.integers(2, 6, count).tolist(), rng.integers(1, 4, count).tolist()


def _receptive_field(kernels, strides):
    return 1 + sum((k - 1) * prod(strides[:i]) for i, k in enumerate(kernels))


def _net(rng):
    channels = rng.integers(2, 9, rng.integers(3, 5)).tolist()
    return channels, int(rng.choice([3, 5])), int(2 * rng.integers(3, 9)), int(rng.integers(2, 11))


def _parameters(channels, k, side, classes, *, bias=1, pool=2, deep=True):
    convolutions = sum(f * ((c if deep else 1) * k * k + bias) for c, f in pairwise(channels))
    return convolutions + (channels[-1] * (side // pool) ** 2 + bias) * classes


def _maps(rng):
    n, c, h, w = (int(a) for a in rng.integers((2, 2, 2, 2), (4, 4, 5, 5)))
    return rng.normal(size=(n, c, h, w)), rng.uniform(0.5, 2, c), rng.normal(size=c), rng.uniform(0.1, 1)


def _normalized(x, gamma, beta, eps, axes=(0, 2, 3), ddof=0):
    z = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True, ddof=ddof) + eps)
    return gamma[:, None, None] * z + beta[:, None, None]


RECEPTIVE_FIELD = Exercise(
    "receptive_field", ("the side",), _layers, _receptive_field, {
        "the strides are missing: after a stride of 2 a step in the map is two pixels of the image":
            lambda kernels, strides: 1 + sum(k - 1 for k in kernels),
        "a layer's own stride counts only for the layers after it":
            lambda kernels, strides: 1 + sum((k - 1) * prod(strides[: i + 1]) for i, k in enumerate(kernels)),
        "each kernel adds k − 1 to what was seen before, not k": lambda kernels, strides: sum(
            k * prod(strides[:i]) for i, k in enumerate(kernels)),
        "the pixel itself is not counted: start from 1":
            lambda kernels, strides: _receptive_field(kernels, strides) - 1,
        "the sides are multiplied; neighbouring windows overlap, so they add up":
            lambda kernels, strides: prod(kernels),
    })

COUNT_PARAMETERS = Exercise(
    "count_parameters", ("the number",), _net, _parameters, {
        "the biases are missing: one for each output channel and each class":
            lambda channels, k, side, classes: _parameters(channels, k, side, classes, bias=0),
        "the pooling is missing: it halves both sides before the last layer":
            lambda channels, k, side, classes: _parameters(channels, k, side, classes, pool=1),
        "the pooling halves both sides, so it leaves a quarter of the places": lambda channels, k, side, classes: sum(
            f * (c * k * k + 1) for c, f in pairwise(channels)) + (
                channels[-1] * side * side // 2 + 1) * classes,
        "a kernel is as deep as its input: it has a k × k matrix for each channel that comes in":
            lambda channels, k, side, classes: _parameters(channels, k, side, classes, deep=False),
        "the last layer sees every place of every channel, not one number a channel":
            lambda channels, k, side, classes: _parameters(channels, k, 2, classes),
    })

BATCH_NORM_MAPS = Exercise(
    "batch_norm_maps", ("y",), _maps, _normalized, {
        "the statistics are taken for each pixel; a channel has one mean and one variance, over samples and places":
            lambda x, gamma, beta, eps: _normalized(x, gamma, beta, eps, (0,)),
        "the statistics are taken for each sample; they go over the whole batch":
            lambda x, gamma, beta, eps: _normalized(x, gamma, beta, eps, (2, 3)),
        "the statistics mix the channels; each channel has its own":
            lambda x, gamma, beta, eps: _normalized(x, gamma, beta, eps, (0, 1, 2, 3)),
        "the variance is divided by m − 1; in training batch norm divides by m":
            lambda x, gamma, beta, eps: _normalized(x, gamma, beta, eps, ddof=1),
        "ε stands outside the root; it belongs to the variance": lambda x, gamma, beta, eps: (
            gamma[:, None, None] * (x - x.mean((0, 2, 3), keepdims=True)) / (x.std((0, 2, 3), keepdims=True) + eps)
            + beta[:, None, None]),
    })
