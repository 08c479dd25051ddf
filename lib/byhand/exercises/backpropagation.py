"""Exercises of the lesson on the gradient of a convolution."""

import numpy as np

from byhand.conv import conv_backward
from byhand.exercises import Exercise


def _signal(rng):
    k, places = rng.integers(2, 5), rng.integers(3, 6)
    return rng.normal(size=places), rng.normal(size=places + k - 1), rng.normal(size=k)


def _image(rng):
    k, height, width = (int(n) for n in rng.integers((3, 2, 2), (5, 4, 4)))
    more_rows, more_columns = rng.integers(0, 2, 2)             # that no window sees
    x = rng.normal(size=(2 * (height - 1) + k + more_rows, 2 * (width - 1) + k + more_columns))
    return rng.normal(size=(height, width)), x, rng.normal(size=(k, k)), 2


def _conv_1d_backward(dy, x, w):
    return np.convolve(dy, w), np.correlate(x, dy, "valid")


def _overwritten(dy, x, w):
    dx = np.zeros(len(x))
    for i, delta in enumerate(dy):
        dx[i : i + len(w)] = delta * w
    return dx, np.correlate(x, dy, "valid")


def _conv_2d_backward(dy, x, w, stride):
    dx, dw, _ = conv_backward(dy[None, None], x[None, None], w[None, None], stride=stride)
    return dx[0, 0], dw[0, 0]


def _conv_2d_by_windows(dy, x, w, step, *, add=True):
    k, dx, dw = len(w), np.zeros_like(x), np.zeros_like(w)
    for i, j in np.ndindex(dy.shape):
        window = slice(i * step, i * step + k), slice(j * step, j * step + k)
        dw += dy[i, j] * x[window]
        dx[window] = dx[window] * add + dy[i, j] * w
    return dx, dw


def _without_last(dy, x, w, stride):
    dx, dw = _conv_2d_backward(dy, x, w, stride)
    seen = [stride * (n - 1) + len(w) for n in dy.shape]
    return dx[: seen[0], : seen[1]], dw


def _diagonal_sums(products):
    m, n = products.shape
    return [np.trace(products, j) for j in range(n - m + 1)]


def _products(rng):
    m, k = (int(n) for n in rng.integers((3, 2), (6, 5)))
    return (np.outer(rng.normal(size=m), rng.normal(size=m + k - 1)),)


CONV_1D_BACKWARD = Exercise(
    "conv_1d_backward", ("dx", "dw"), _signal, _conv_1d_backward, {
        "the kernel is the wrong way round in dx: δ₁ reaches x₁ by w₁, x₂ by w₂, x₃ by w₃": lambda dy, x, w: (
            np.convolve(dy, w[::-1]), np.correlate(x, dy, "valid")),
        "dw is the wrong way round: w₁ met the first input of each window": lambda dy, x, w: (
            np.convolve(dy, w), np.correlate(x, dy, "valid")[::-1]),
        "what reaches an input from one window overwrites what came from another: add it": _overwritten,
        "dw is averaged over the places; each place adds its own": lambda dy, x, w: (
            np.convolve(dy, w), np.correlate(x, dy, "valid") / len(dy)),
        "dw counts the first place only; the kernel was used at all of them": lambda dy, x, w: (
            np.convolve(dy, w), dy[0] * x[: len(w)]),
        "dx and dw are exchanged": lambda dy, x, w: _conv_1d_backward(dy, x, w)[::-1],
    })

CONV_2D_BACKWARD = Exercise(
    "conv_2d_backward", ("dx", "dw"), _image, _conv_2d_backward, {
        "the stride is missing: the window of output (i, j) starts at row i · stride and column j · stride":
            lambda dy, x, w, stride: _conv_2d_by_windows(dy, x, w, 1),
        "the kernel is the wrong way round in dx": lambda dy, x, w, stride: (
            _conv_2d_backward(dy, x, w[::-1, ::-1], stride)[0], _conv_2d_backward(dy, x, w, stride)[1]),
        "what reaches a pixel from one window overwrites what came from another: add it":
            lambda dy, x, w, stride: _conv_2d_by_windows(dy, x, w, stride, add=False),
        "dw is averaged over the places; each place adds its own": lambda dy, x, w, stride: (
            _conv_2d_backward(dy, x, w, stride)[0], _conv_2d_backward(dy, x, w, stride)[1] / dy.size),
        "dx ends with the last window: a pixel that no window sees has the gradient 0, but it has one": _without_last,
    })

DIAGONAL_SUMS = Exercise(
    "diagonal_sums", ("dw",), _products, _diagonal_sums, {
        "the diagonals run the wrong way: δ₁ met x₁ in w₁, and δ₂ met x₂": lambda products: _diagonal_sums(
            products[::-1]),
        "the sums are in reverse order: w₁ is on the main diagonal": lambda products: _diagonal_sums(products)[::-1],
        "the products are averaged; each place adds its own": lambda products: np.divide(
            _diagonal_sums(products), len(products)),
        "whole columns are added up: only the products on a diagonal belong to one weight":
            lambda products: products.sum(0)[: products.shape[1] - len(products) + 1],
    })
