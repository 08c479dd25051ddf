"""The layers of a net: each goes `forward`, remembering what it needs to go `backward`.

Shapes: a batch is x (N, n), or (N, C, *spatial) for images. `forward(x)` returns y; `backward(dy)`, with dy
shaped as y, returns dx and leaves the gradients of the layer's parameters beside them: `dw` beside `w`. It
changes no weight. `forward(x, train=False)` evaluates, and remembers nothing. Layers with parameters may be told
`backward(dy, dx=False)` when nobody needs dx, and may then spare the work.

Where weights have a leading axis, as in a `Net` whose theta is (S, P), S layers work at once: x is then
(N, n), the same for all, or (S, N, n). Convolution and pooling take one net at a time.

Errors: a size, rate or scale out of range, an input whose shape does not fit, and `backward` before `forward`
raise ValueError. Whether numbers are NaN is looked at by `Net`, once for all of its layers.
"""

from dataclasses import dataclass, field

import numpy as np

from byhand import _check


class Layer:
    """What all layers share: the names of their parameters, and what `forward` remembered."""

    parameters = ()
    remembered = None

    def _recall(self, dy):
        """dy as an array, and what `forward` remembered of the shape of y, and of the rest."""
        if self.remembered is None:
            raise ValueError(f"{self!r} must go forward, in training, before it goes backward")
        dy, (shape, *what) = np.asarray(dy), self.remembered
        if dy.shape != shape:
            raise ValueError(f"dy must have the shape {shape} of what forward returned, got {dy.shape}")
        return dy, *what


@dataclass(eq=False)
class Linear(Layer):
    """y = x w + b, with w (n_in, n_out) and b (n_out,).

    w starts normal with mean 0 and standard deviation √(2 / n_in), which keeps the size of a signal through
    layers of ReLU (He et al., 2015), or with standard deviation `scale`. b starts at zero.
    """

    n_in: int
    n_out: int
    rng: np.random.Generator = field(repr=False)
    scale: float | None = None
    w: np.ndarray = field(init=False, repr=False)
    b: np.ndarray = field(init=False, repr=False)

    parameters = ("w", "b")

    def __post_init__(self):
        _check.count("n_in", self.n_in)
        _check.count("n_out", self.n_out)
        self.w = normal(self.rng, self.scale, self.n_in, (self.n_in, self.n_out))
        self.b = np.zeros(self.n_out)

    def forward(self, x, train=True):
        x, lead = np.asarray(x), self.w.shape[:-2]
        if x.ndim < 2 or x.shape[-1] != self.n_in or x.shape[:-2] not in ((), lead):
            raise ValueError(f"x must have shape {_wanted(lead, self.n_in)} for {self!r}, got {x.shape}")
        y = x @ self.w + self.b[..., None, :]
        if train:
            self.remembered = y.shape, x, self.w
        return y

    def backward(self, dy, dx=True):
        dy, x, w = self._recall(dy)
        self.dw, self.db = x.swapaxes(-1, -2) @ dy, np.add.reduce(dy, -2)
        return dy @ w.swapaxes(-1, -2) if dx else None


@dataclass(eq=False)
class ReLU(Layer):
    """y = max(x, 0) (Nair & Hinton, 2010). The slope at 0 is taken as 0."""

    def forward(self, x, train=True):
        y = np.maximum(x, 0)
        if train:
            self.remembered = y.shape, y
        return y

    def backward(self, dy):
        dy, y = self._recall(dy)
        return dy * (y > 0)


@dataclass(eq=False)
class Sigmoid(Layer):
    """y = 1 / (1 + e⁻ˣ), with dy/dx = y (1 − y)."""

    def forward(self, x, train=True):
        e = np.exp(-np.abs(x))                      # at most 1: nothing overflows
        y = np.where(np.less(x, 0), e, e.dtype.type(1)) / (1 + e)
        if train:
            self.remembered = y.shape, y
        return y

    def backward(self, dy):
        dy, y = self._recall(dy)
        return dy * y * (1 - y)


@dataclass(eq=False)
class Tanh(Layer):
    """y = tanh x, with dy/dx = 1 − y²."""

    def forward(self, x, train=True):
        y = np.tanh(x)
        if train:
            self.remembered = y.shape, y
        return y

    def backward(self, dy):
        dy, y = self._recall(dy)
        return dy * (1 - y * y)


@dataclass(eq=False)
class Dropout(Layer):
    """In training each number is 0 with probability `rate`, and divided by 1 − rate otherwise.

    So its mean stays what it is in evaluation, where y = x (Srivastava et al., 2014; this "inverted" form is
    that of PyTorch).
    """

    rate: float
    rng: np.random.Generator = field(repr=False)

    def __post_init__(self):
        self.rate = _check.scalar("rate", self.rate, 0, 1, open_high=True)
        _check.generator("rng", self.rng)

    def forward(self, x, train=True):
        x = _check.floats("x", x)
        if not train:
            return x
        kept = self.rng.random(x.shape, dtype=np.float32) >= self.rate
        self.remembered = x.shape, kept
        return x * kept / (1 - self.rate)

    def backward(self, dy):
        dy, kept = self._recall(dy)
        return dy * kept / (1 - self.rate)


@dataclass(eq=False)
class BatchNorm(Layer):
    """y = gamma · (x − mean) / √(variance + eps) + beta, for each of n features (Ioffe & Szegedy, 2015).

    In training mean and variance are those of the batch: over N for x (N, n), over N and space for x
    (N, n, *spatial). Evaluation takes the running ones: running ← (1 − momentum) running + momentum · batch.
    As in PyTorch the batch is divided by its variance with divisor m, and the running variance gets the
    one with divisor m − 1. The running statistics are no part of a net's theta.
    """

    n: int
    momentum: float = 0.1
    eps: float = 1e-5
    gamma: np.ndarray = field(init=False, repr=False)
    beta: np.ndarray = field(init=False, repr=False)
    running_mean: np.ndarray = field(init=False, repr=False)
    running_var: np.ndarray = field(init=False, repr=False)

    parameters = ("gamma", "beta")

    def __post_init__(self):
        _check.count("n", self.n)
        self.momentum = _check.scalar("momentum", self.momentum, 0, 1)
        self.eps = _check.scalar("eps", self.eps, 0, open_low=True)
        self.gamma, self.beta = np.ones(self.n), np.zeros(self.n)
        self.running_mean, self.running_var = np.zeros(self.n), np.ones(self.n)

    def forward(self, x, train=True):
        x = _check.floats("x", x)
        axes, along = self._layout(x)
        if not train:
            mean, var = self.running_mean[along].astype(x.dtype), self.running_var[along].astype(x.dtype)
            return self.gamma[along] * ((x - mean) / np.sqrt(var + self.eps)) + self.beta[along]
        m = np.prod([x.shape[a] for a in axes]).item()
        if m < 2:
            raise ValueError(f"x must hold 2 or more numbers of each feature to train, got shape {x.shape}")
        mean = x.mean(axes, keepdims=True)
        var = np.square(x - mean).mean(axes, keepdims=True)
        old, new = 1 - self.momentum, self.momentum
        self.running_mean = old * self.running_mean + new * mean.squeeze(axes)
        self.running_var = old * self.running_var + new * m / (m - 1) * var.squeeze(axes)
        scale = 1 / np.sqrt(var + self.eps)
        z = (x - mean) * scale
        y = self.gamma[along] * z + self.beta[along]
        self.remembered = y.shape, z, scale, self.gamma[along], axes
        return y

    def backward(self, dy, dx=True):
        dy, z, scale, gamma, axes = self._recall(dy)
        self.dgamma, self.dbeta = (dy * z).sum(axes), dy.sum(axes)
        dz = dy * gamma
        return scale * (dz - dz.mean(axes, keepdims=True) - z * (dz * z).mean(axes, keepdims=True))

    def _layout(self, x):
        """The axes of x that hold the numbers of one feature, and the index that lays a vector along x."""
        lead = self.gamma.shape[:-1]
        if x.ndim < 2 or x.shape[-1 if lead else 1] != self.n or (lead and x.shape[:-2] not in ((), lead)):
            wanted = _wanted(lead, self.n) if lead else f"(N, {self.n}, *spatial)"
            raise ValueError(f"x must have shape {wanted} for {self!r}, got {x.shape}")
        if self.running_mean.shape not in (self.gamma.shape, self.gamma.shape[-1:]):
            raise ValueError(f"running_mean must have the shape {self.gamma.shape} of gamma, "
                             f"got {self.running_mean.shape}: begin with a fresh BatchNorm")
        if lead:
            return (-2,), (..., None, slice(None))
        return (0, *range(2, x.ndim)), (slice(None), *[None] * (x.ndim - 2))


def _wanted(lead, n):
    """The shape of a batch of n features, for one net or for those that the leading axes count."""
    return f"(N, {n})" + (f" or ({', '.join(map(str, lead))}, N, {n})" if lead else "")


def normal(rng, scale, fan_in, shape):
    """First weights: normal, with standard deviation `scale`, or √(2 / fan_in) where it is None."""
    _check.generator("rng", rng)
    scale = (2 / fan_in) ** 0.5 if scale is None else _check.scalar("scale", scale, 0)
    return rng.normal(0, scale, shape)
