"""The layers of a net for images and other signals in space: convolution, pooling, and their end, `Flatten`.

Shapes: x (N, C, *spatial), with 1, 2 or 3 spatial axes. What `layers` says of forward, backward and errors
holds here too; but these layers take one net at a time, so theta must have no leading axis.
"""

from dataclasses import KW_ONLY, dataclass, field
from math import prod

import numpy as np

from byhand import _check
from byhand.conv import conv, conv_backward
from byhand.layers import Layer, normal
from byhand.pool import max_pool, max_pool_backward, mean_pool, mean_pool_backward


@dataclass(eq=False)
class Conv(Layer):
    """y = `conv(x, w, b)`, with w (c_out, c_in, *kernel) and b (c_out,).

    `kernel` has one number for each spatial axis; a single number k means (k, k). w and b start as those of
    `Linear` do, with n_in = c_in · prod(kernel).
    """

    c_in: int
    c_out: int
    kernel: int | tuple
    rng: np.random.Generator = field(repr=False)
    _: KW_ONLY
    stride: int | tuple = 1
    padding: int | tuple = 0
    dilation: int | tuple = 1
    scale: float | None = None
    w: np.ndarray = field(init=False, repr=False)
    b: np.ndarray = field(init=False, repr=False)

    parameters = ("w", "b")

    def __post_init__(self):
        _check.count("c_in", self.c_in)
        _check.count("c_out", self.c_out)
        dims = len(self.kernel) if isinstance(self.kernel, (tuple, list)) else 2
        if dims not in (1, 2, 3):
            raise ValueError(f"kernel must have 1, 2 or 3 axes, got {self.kernel!r}")
        kernel = _check.counts("kernel", self.kernel, dims)
        _check.counts("stride", self.stride, dims)
        _check.counts("padding", self.padding, dims, low=0)
        _check.counts("dilation", self.dilation, dims)
        self.w = normal(self.rng, self.scale, self.c_in * prod(kernel), (self.c_out, self.c_in, *kernel))
        self.b = np.zeros(self.c_out)

    def forward(self, x, train=True):
        x = np.asarray(x)
        if self.b.ndim > 1:
            raise ValueError(f"{self!r} takes one net at a time, got {self.b.shape[:-1]} in theta")
        if x.ndim != self.w.ndim or x.shape[1] != self.c_in:
            raise ValueError(f"x must have shape (N, {self.c_in}) and {self.w.ndim - 2} spatial axes "
                             f"for {self!r}, got {x.shape}")
        y = conv(x, self.w, self.b, **self._how())
        if train:
            self.remembered = y.shape, x, self.w
        return y

    def backward(self, dy, dx=True):
        dy, x, w = self._recall(dy)
        dx, self.dw, self.db = conv_backward(dy, x, w, **self._how(), dx=dx)
        return dx

    def _how(self):
        return {"stride": self.stride, "padding": self.padding, "dilation": self.dilation}


@dataclass(eq=False)
class Flatten(Layer):
    """Lays each sample out as one row: (N, C, *spatial) becomes (N, C · prod(spatial))."""

    def forward(self, x, train=True):
        x = np.asarray(x)
        if x.ndim < 2:
            raise ValueError(f"x must have shape (N, …) for Flatten(), got {x.shape}")
        y = x.reshape(len(x), -1)
        if train:
            self.remembered = y.shape, x.shape
        return y

    def backward(self, dy):
        dy, shape = self._recall(dy)
        return dy.reshape(shape)


@dataclass(eq=False)
class MaxPool(Layer):
    """y = `max_pool(x, size, stride)`: the largest number of each window."""

    size: int | tuple
    stride: int | tuple | None = None

    def __post_init__(self):
        _check.counts("size", self.size, np.size(self.size))
        if self.stride is not None:
            _check.counts("stride", self.stride, np.size(self.stride))

    def forward(self, x, train=True):
        y = max_pool(x, self.size, self.stride)
        if train:
            self.remembered = y.shape, x
        return y

    def backward(self, dy):
        return max_pool_backward(*self._recall(dy), self.size, self.stride)


@dataclass(eq=False)
class MeanPool(Layer):
    """y = `mean_pool(x, size, stride)`: the mean of each window."""

    size: int | tuple
    stride: int | tuple | None = None

    __post_init__ = MaxPool.__post_init__

    def forward(self, x, train=True):
        y = mean_pool(x, self.size, self.stride)
        if train:
            self.remembered = y.shape, x
        return y

    def backward(self, dy):
        return mean_pool_backward(*self._recall(dy), self.size, self.stride)
