"""Exercises of the lesson on convolution."""

import numpy as np

from byhand.conv import output_size
from byhand.exercises import Exercise


def _signal(rng):
    k = rng.integers(2, 5)
    return rng.normal(size=rng.integers(k + 2, 9)), rng.normal(size=k)


def _sizes(rng):
    k, padding, dilation = rng.integers(2, 6), rng.integers(1, 4), rng.integers(2, 4)
    reach = dilation * (k - 1) + 1
    return tuple(map(int, (reach + rng.integers(1, 20), k, rng.integers(2, 5), padding, dilation)))


def _tied_matrix(w, n):
    W = np.zeros((n - len(w) + 1, n))
    for i, row in enumerate(W):
        row[i : i + len(w)] = w
    return W


def _vertical_edges(height, width):
    kernel = np.zeros((height, width))
    kernel[:, 0], kernel[:, -1] = -1 / height, 1 / height
    return kernel


CONV_1D = Exercise(
    "conv_1d", ("o",), _signal, lambda x, w: np.correlate(x, w, "valid"), {
        "the kernel is flipped: the first weight belongs to the first input of the window":
            lambda x, w: np.convolve(x, w, "valid"),
        "the last window is missing: a kernel of k fits n − k + 1 times": lambda x, w: np.correlate(x, w, "valid")[:-1],
        "the window reaches outside: only windows that lie inside the input count":
            lambda x, w: np.correlate(x, w, "full"),
        "the windows do not overlap: move the kernel by one each time, not by its length":
            lambda x, w: np.correlate(x, w, "valid")[:: len(w)],
        "the windows are averaged; each input has its own weight in the window":
            lambda x, w: np.correlate(x, np.full(len(w), w.mean()), "valid"),
    })

OUTPUT_SIZE = Exercise(
    "output_size", ("the size",), _sizes, lambda n, k, stride, padding, dilation: output_size(
        n, k, stride, padding, dilation), {
        "the first window is not counted: add 1 after the division": lambda n, k, stride, padding, dilation: (
            n + 2 * padding - dilation * (k - 1) - 1) // stride,
        "the padding stands on one side only; it is added at both ends": lambda n, k, stride, padding, dilation: (
            n + padding - dilation * (k - 1) - 1) // stride + 1,
        "the dilation is missing: the kernel reaches over dilation · (k − 1) + 1 places":
            lambda n, k, stride, padding, dilation: (n + 2 * padding - k) // stride + 1,
        "the kernel reaches too far: between its k weights there are k − 1 gaps, not k":
            lambda n, k, stride, padding, dilation: (n + 2 * padding - dilation * k) // stride + 1,
        "it is rounded up: a window that does not fit whole is left out": lambda n, k, stride, padding, dilation: -(
            -(n + 2 * padding - dilation * (k - 1) - 1) // stride) + 1,
        "the size must be a whole number: use // in place of /": lambda n, k, stride, padding, dilation: (
            n + 2 * padding - dilation * (k - 1) - 1) / stride + 1,
    })

TIED_MATRIX = Exercise(
    "tied_matrix", ("W",), lambda rng: (rng.normal(size=rng.integers(2, 5)), int(rng.integers(6, 9))), _tied_matrix, {
        "the kernel is flipped: each row reads w from left to right": lambda w, n: _tied_matrix(w[::-1], n),
        "rows and columns are exchanged: a row belongs to an output": lambda w, n: _tied_matrix(w, n).T,
        "the kernel does not move: each row starts one column further right": lambda w, n: np.tile(
            _tied_matrix(w, n)[0], (n - len(w) + 1, 1)),
        "there is a row too few: a kernel of k fits n − k + 1 times": lambda w, n: _tied_matrix(w, n)[:-1],
    })

VERTICAL_EDGES = Exercise(
    "vertical_edges", ("the kernel",), lambda rng: tuple(map(int, rng.integers(2, 6, 2))), _vertical_edges, {
        "the sign is reversed: the kernel is not flipped, so the right column gets the plus":
            lambda height, width: -_vertical_edges(height, width),
        "this finds horizontal edges: it compares the bottom row with the top row":
            lambda height, width: _vertical_edges(width, height).T,
        "the columns are added up, not averaged: divide by the height": lambda height, width: height * _vertical_edges(
            height, width),
        "a flat image does not give 0: one column must be subtracted from the other": lambda height, width: abs(
            _vertical_edges(height, width)),
    })
