"""Pooling over 1, 2 or 3 spatial dimensions: the largest number of each window, or the mean; and gradients.

Shapes: x (N, C, *spatial), y (N, C, *out). `size` and `stride` are whole numbers, one for all spatial axes or
a tuple with one for each. By default the stride is the size, so that windows tile x; what is left over at the
far border, smaller than a window, is not seen.

Errors: a window larger than x, shapes that do not fit, an empty array, a NaN, and a size or stride below 1
raise ValueError.
"""

import numpy as np

from byhand import _check
from byhand.conv import output_size


def max_pool(x, size, stride=None):
    """y[n,c,o] = max over k of x[n,c, o·stride + k]."""
    x, _, offsets = _windows(x, size, stride)
    return np.stack([x[at] for at in offsets]).max(0)


def max_pool_backward(dy, x, size, stride=None):
    """dx: all of dy goes to the largest number of its window, to the first of equal ones (as in PyTorch)."""
    x, shape, offsets = _windows(x, size, stride)
    dy, windows = _check.shaped("dy", dy, shape), np.stack([x[at] for at in offsets])
    hits = windows == windows.max(0)
    dx, free = np.zeros(x.shape, np.result_type(x, dy)), np.ones(shape, bool)
    for at, hit in zip(offsets, hits, strict=True):
        dx[at] += dy * (hit & free)
        free &= ~hit
    return dx


def mean_pool(x, size, stride=None):
    """y[n,c,o] = mean over k of x[n,c, o·stride + k]."""
    x, _, offsets = _windows(x, size, stride)
    return np.stack([x[at] for at in offsets]).mean(0)


def mean_pool_backward(dy, x, size, stride=None):
    """dx: each number of a window gets an equal share of its dy. Of x only the shape counts."""
    x, shape, offsets = _windows(x, size, stride)
    share = _check.shaped("dy", dy, shape) / len(offsets)
    dx = np.zeros(x.shape, np.result_type(x, share))
    for at in offsets:
        dx[at] += share
    return dx


def _windows(x, size, stride):
    """x, the shape of the result, and for each place k in a window an index: x[…, o·stride + k] for all o."""
    x = _check.floats("x", x)
    dims = x.ndim - 2
    if dims not in (1, 2, 3):
        raise ValueError(f"x must have shape (N, C, *spatial) with 1, 2 or 3 spatial axes, got {x.shape}")
    size = _check.counts("size", size, dims)
    stride = size if stride is None else _check.counts("stride", stride, dims)
    out = tuple(map(output_size, x.shape[2:], size, stride))
    offsets = [(..., *(slice(k, k + s * (o - 1) + 1, s) for k, s, o in zip(at, stride, out, strict=True)))
               for at in np.ndindex(size)]
    return x, (*x.shape[:2], *out), offsets
