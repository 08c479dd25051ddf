"""Convolution and pooling over 1, 2 or 3 spatial dimensions, and their gradients.

As in every deep-learning library, `conv` is the cross-correlation: the kernel is not flipped.

Shapes: x (N, C, *spatial), w (F, C, *kernel), b (F,), y (N, F, *out), with `output_size` along each spatial
axis. stride, padding and dilation are whole numbers, one for all spatial axes or a tuple with one for each.
`conv_loops` and `conv_backward_loops` are the definition; `conv` and `conv_backward` do the same, fast.

Errors: shapes that do not fit together, a kernel larger than the padded input, an empty array, a NaN, and a
stride, padding or dilation out of range raise ValueError.
"""

from math import prod
from operator import add, mul

import numpy as np

from byhand import _check

BLOCK = 2**18       # numbers in work at once: about what a core's own cache holds


def output_size(n, k, stride=1, padding=0, dilation=1):
    """⌊(n + 2·padding − dilation·(k − 1) − 1) / stride⌋ + 1: how often a kernel of k fits along n."""
    _check.count("n", n)
    _check.count("k", k)
    _check.count("stride", stride)
    _check.count("padding", padding, 0)
    _check.count("dilation", dilation)
    return _out(n, k, stride, padding, dilation)


def _out(n, k, stride, padding, dilation):
    reach = dilation * (k - 1) + 1
    if reach > n + 2 * padding:
        raise ValueError(f"the kernel must fit the padded input, got a reach of {reach} in {n + 2 * padding}")
    return (n + 2 * padding - reach) // stride + 1


def conv_loops(x, w, b=None, *, stride=1, padding=0, dilation=1):
    """y[n,f,o] = b[f] + Σ_c Σ_k w[f,c,k] · x[n,c, o·stride + k·dilation − padding], where x is 0 outside."""
    x, w, b, s, p, d, out = _fit(x, w, b, stride, padding, dilation)
    x = np.pad(x, ((0, 0), (0, 0), *((q, q) for q in p)))
    y = np.zeros((len(x), len(w), *out), np.result_type(x, w))
    for n, f, *o in np.ndindex(y.shape):
        y[n, f, *o] = 0 if b is None else b[f]
        for c, *k in np.ndindex(w.shape[1:]):
            i = [o[a] * s[a] + k[a] * d[a] for a in range(len(s))]
            y[n, f, *o] += w[f, c, *k] * x[n, c, *i]
    return y


def conv_backward_loops(dy, x, w, *, stride=1, padding=0, dilation=1):
    """Each product w·x of `conv_loops`, differentiated by each of its factors: dw gets dy·x, dx gets dy·w."""
    x, w, _, s, p, d, out = _fit(x, w, None, stride, padding, dilation)
    dy = _check.shaped("dy", dy, (len(x), len(w), *out))
    x = np.pad(x, ((0, 0), (0, 0), *((q, q) for q in p)))
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for n, f, *o in np.ndindex(dy.shape):
        for c, *k in np.ndindex(w.shape[1:]):
            i = [o[a] * s[a] + k[a] * d[a] for a in range(len(s))]
            dw[f, c, *k] += dy[n, f, *o] * x[n, c, *i]
            dx[n, c, *i] += dy[n, f, *o] * w[f, c, *k]
    return dx[:, :, *(slice(q, -q or None) for q in p)], dw, dy.sum((0, *range(2, dy.ndim)))


def conv(x, w, b=None, *, stride=1, padding=0, dilation=1):
    """`conv_loops`, fast: windows are copied along all spatial axes but the first, channels last.

    A shift along the first axis is then a slice of that copy, and one matrix product for each row of the
    kernel adds up to y. The batch goes through in blocks that stay in the cache.
    """
    x, w, b, s, p, d, out = _fit(x, w, b, stride, padding, dilation)
    (f, c, *kernel), (high, *size), area = w.shape, x.shape[2:], prod(out[1:])
    taps = np.ascontiguousarray(w.transpose(*range(2, w.ndim), 1, 0)).reshape(kernel[0], -1, f)
    y = np.empty((len(x), f, *out), np.result_type(x, w))
    step = _block(len(x), area * (high * taps.shape[1] + 2 * out[0] * f))
    grid = np.zeros((step, high, *(n + 2 * q for n, q in zip(size, p[1:], strict=True)), c), y.dtype)
    inside = grid[:, :, *map(slice, p[1:], map(add, p[1:], size))]
    total = np.empty((step, out[0], area, f), y.dtype)
    for block, columns in _columns(x, inside, grid, out[1:], kernel[1:], s[1:], d[1:]):
        n = len(columns)
        total[:n] = 0 if b is None else b
        for k, tap in enumerate(taps):
            seen, by = _rows(high, out[0], k * d[0] - p[0], s[0])
            total[:n, by] += _times(columns[:, seen], tap)
        y[block] = _channels_first(total[:n].reshape(n, *out, f))
    return y


def conv_backward(dy, x, w, *, stride=1, padding=0, dilation=1, dx=True):
    """The gradients (dx, dw, db) of Σ dy · conv(x, w, b), as `conv_backward_loops` has them, fast.

    Both are convolutions again: dx that of dy, spread out by the stride, with the kernel flipped, and dw that
    of x with dy. The same windows, copied from dy, serve both. `dx=False` spares the first, and None is returned.
    """
    x, w, _, s, p, d, out = _fit(x, w, None, stride, padding, dilation)
    dy = _check.shaped("dy", dy, (len(x), len(w), *out))
    (f, c, *kernel), (high, *size), area = w.shape, x.shape[2:], prod(x.shape[3:])
    flip = (slice(None, None, -1),) * len(size)
    taps = np.ascontiguousarray(w.transpose(*range(2, w.ndim), 0, 1)[:, *flip]).reshape(kernel[0], -1, c)
    dtype = np.result_type(x, w, dy)
    dtaps = np.zeros((kernel[0], c, taps.shape[1]), dtype)
    step = _block(len(x), area * (out[0] * (taps.shape[1] + f + c) + high * c) + dtaps[0].size)
    reach = [e * (k - 1) for e, k in zip(d[1:], kernel[1:], strict=True)]
    room = (n + 2 * q + r for n, q, r in zip(size, p[1:], reach, strict=True))
    grid = np.zeros((step, out[0], *room, f), dtype)
    spread = grid[:, :, *(slice(r, r + t * o, t) for r, t, o in zip(reach, s[1:], out[1:], strict=True))]
    gradient, total = (np.empty(x.shape, dtype), np.empty((step, high, area, c), dtype)) if dx else (None, None)
    for block, columns in _columns(dy, spread, grid[:, :, *(slice(q, None) for q in p[1:])],
                                   size, kernel[1:], (1,) * len(size), d[1:]):
        n = len(columns)
        if dx:
            total[:n] = 0
        for k, tap in enumerate(taps):
            seen, by = _rows(high, out[0], k * d[0] - p[0], s[0])
            if dx:
                total[:n, seen] += _times(columns[:, by], tap)
            dtaps[k] += _contract(x[block].reshape(n, c, high, area)[:, :, seen], columns[:, by])
        if dx:
            gradient[block] = _channels_first(total[:n].reshape(n, high, *size, c))
    dw = dtaps.reshape(kernel[0], c, *kernel[1:], f)[:, :, *flip].transpose(-1, 1, 0, *range(2, w.ndim - 1))
    db = (dy.reshape(-1, prod(out)) @ np.ones(prod(out), dy.dtype)).reshape(-1, f).sum(0)
    return gradient, dw, db


def _columns(a, inside, grid, size, kernel, stride, dilation):
    """Yields blocks of samples and their windows (n, rows, prod(size), prod(kernel) · C).

    Each block of a is put, channels last, `inside` the grid (step, rows, *rest, C), and windows are
    copied from there along the axes of rest. All blocks use the same memory.
    """
    n, row, *rest, one = grid.strides
    windows = np.lib.stride_tricks.as_strided(
        grid, (*grid.shape[:2], *size, *kernel, grid.shape[-1]),
        (n, row, *map(mul, rest, stride), *map(mul, rest, dilation), one))
    copy = np.empty(windows.shape, grid.dtype)
    flat = copy.reshape(*copy.shape[:2], prod(size), -1)
    for start in range(0, len(a), len(grid)):
        block = slice(start, start + len(grid))
        n = len(a[block])
        inside[:n] = a[block].transpose(0, *range(2, a.ndim), 1)
        copy[:n] = windows[:n]
        yield block, flat[:n]


def _channels_first(a):
    return a.transpose(0, a.ndim - 1, *range(1, a.ndim - 1))


def _rows(high, out, offset, stride):
    """The input rows that one row of the kernel sees, and the output rows by which it sees them.

    Output row o sees the input row o · stride + offset, where there is one of the `high`.
    """
    first, last = max(0, -(offset // stride)), min(out - 1, (high - 1 - offset) // stride)
    if first > last:
        return slice(0), slice(0)
    return slice(first * stride + offset, last * stride + offset + 1, stride), slice(first, last + 1)


def _together(rows, work):
    """How many rows to multiply at once: OpenBLAS is fastest below 10⁶ multiplications."""
    return max((r for r in range(1, rows + 1) if rows % r == 0 and r * work <= 1e6), default=1)


def _times(columns, tap):
    """columns (n, rows, area, width) times tap (width, f)."""
    n, rows, area, width = columns.shape
    r = _together(rows, area * tap.size) if columns.strides[1] == area * columns.strides[2] else 1
    return (columns.reshape(n, rows // r, r * area, width) @ tap).reshape(n, rows, area, tap.shape[1])


def _contract(x, columns):
    """x (n, c, rows, area) times columns (n, rows, area, width), summed over n, rows and area."""
    n, rows, area, width = columns.shape
    r = _together(rows, area * width * x.shape[1])
    x = x.reshape(n, x.shape[1], rows // r, r * area).swapaxes(1, 2)
    return (x @ columns.reshape(n, rows // r, r * area, width)).sum((0, 1))


def _block(n, size):
    """How many of n samples, each of `size` numbers, to take at once: all blocks but the last are of one length."""
    return -(-n // -(-n * size // BLOCK))


def _fit(x, w, b, stride, padding, dilation):
    """The arguments of a convolution as arrays and tuples, checked, and the spatial shape of its result."""
    x, w = _check.floats("x", x), _check.floats("w", w)
    dims = x.ndim - 2
    if dims not in (1, 2, 3):
        raise ValueError(f"x must have shape (N, C, *spatial) with 1, 2 or 3 spatial axes, got {x.shape}")
    if w.ndim != x.ndim or w.shape[1] != x.shape[1]:
        raise ValueError(f"w must have shape (F, {x.shape[1]}, *kernel), with {dims} spatial axes, "
                         f"to fit x {x.shape}, got {w.shape}")
    if b is not None and (b := _check.floats("b", b)).shape != w.shape[:1]:
        raise ValueError(f"b must have shape {w.shape[:1]} to fit w {w.shape}, got {b.shape}")
    s, d = _check.counts("stride", stride, dims), _check.counts("dilation", dilation, dims)
    p = _check.counts("padding", padding, dims, low=0)
    out = tuple(map(_out, x.shape[2:], w.shape[2:], s, p, d))
    return x, w, b, s, p, d, out
