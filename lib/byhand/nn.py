"""Layers that go forward and back, a net of them whose parameters are one flat vector, and two losses.

Shapes: a batch is x (N, n_in), or (N, C, *spatial) where a layer is said to take images. `theta` and `grad`
are vectors (P,). They may have leading axes, (S, P): then S nets train at once, each layer's weights have
that axis too, x is (N, n_in) for all or (S, N, n_in) for each, and a loss has one value per net, (S,).

The dtype is that of x and theta together: `net.theta = net.theta.astype(np.float32)` makes a net of float32.

Errors: a size, rate or scale out of range, an input whose shape does not fit, an empty array, a NaN, and
`backward` before `forward` raise ValueError. `Net` looks for the NaN, at its two ends; a layer does not.
"""

from dataclasses import dataclass, field

import numpy as np

from byhand import _check


class Layer:
    """What every layer has: `forward` remembers what `backward` needs, `backward` changes no weight."""

    parameters = ()
    remembered = None

    def _recall(self, dy):
        """What `forward` remembered; refuses a `dy` that does not have the shape of its result."""
        if self.remembered is None:
            raise ValueError(f"{self!r} must go forward before it goes backward")
        shape, *rest = self.remembered
        if dy.shape != shape:
            raise ValueError(f"dy must have the shape {shape} that forward returned, got {dy.shape}")
        return rest


@dataclass(eq=False)
class Linear(Layer):
    """y = x w + b, with w (n_in, n_out) and b (n_out,).

    w is drawn from a normal distribution with mean 0 and standard deviation √(2 / n_in), which keeps the
    size of the signal through layers of ReLU (He et al., 2015), or `scale` where it is given; b is zero.
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
        _check.generator("rng", self.rng)
        self.w = self.rng.normal(0, _scale(self.scale, self.n_in), (self.n_in, self.n_out))
        self.b = np.zeros(self.n_out)

    def forward(self, x, train=True):
        x, lead = np.asarray(x), self.w.shape[:-2]
        if x.ndim < 2 or x.shape[-1] != self.n_in or x.shape[:-2] not in ((), lead):
            raise ValueError(f"x must have shape (N, {self.n_in}){f' or {lead} before it' * bool(lead)}, got {x.shape}")
        y = x @ self.w + self.b[..., None, :]
        if train:
            self.remembered = y.shape, x, self.w
        return y

    def backward(self, dy):
        x, w = self._recall(dy)
        self.dw, self.db = x.swapaxes(-1, -2) @ dy, dy.sum(-2)
        return dy @ w.swapaxes(-1, -2)


@dataclass(eq=False)
class ReLU(Layer):
    """y = max(x, 0). Its slope at 0 is taken as 0 (Nair & Hinton, 2010)."""

    def forward(self, x, train=True):
        y = np.maximum(x, 0)
        if train:
            self.remembered = y.shape, y
        return y

    def backward(self, dy):
        (y,) = self._recall(dy)
        return dy * (y > 0)


@dataclass(eq=False)
class Sigmoid(Layer):
    """y = 1 / (1 + e⁻ˣ), and dy/dx = y (1 − y)."""

    def forward(self, x, train=True):
        e = np.exp(-np.abs(x))                      # never above 1, so nothing overflows
        y = np.where(np.asarray(x) < 0, e, 1) / (1 + e)
        if train:
            self.remembered = y.shape, y
        return y

    def backward(self, dy):
        (y,) = self._recall(dy)
        return dy * y * (1 - y)


@dataclass(eq=False)
class Tanh(Layer):
    """y = tanh x, and dy/dx = 1 − y²."""

    def forward(self, x, train=True):
        y = np.tanh(x)
        if train:
            self.remembered = y.shape, y
        return y

    def backward(self, dy):
        (y,) = self._recall(dy)
        return dy * (1 - y * y)


class Net:
    """Layers in a row: `Net(Linear(2, 32, rng), ReLU(), Linear(32, 2, rng))`.

    `forward(x)` trains: it remembers what `backward(dy)` needs. `net(x)` evaluates and remembers nothing.
    `backward` fills `grad`, the gradient with respect to `theta`, and returns the one with respect to x.
    """

    def __init__(self, *layers):
        if not layers:
            raise ValueError("layers must not be empty, got Net()")
        for i, layer in enumerate(layers):
            if not isinstance(layer, Layer):
                raise TypeError(f"layers must be layers such as ReLU(), got {layer!r:.60} at index {i}")
            if any(layer is other for other in layers[:i]):
                raise ValueError(f"layers must all differ, got the same {layer!r} again at index {i}")
        self.layers = layers
        self._places, self._shape, self._grad, start = [], None, None, 0
        for layer in layers:
            for name in layer.parameters:
                array = getattr(layer, name)
                self._places.append((layer, name, slice(start, start + array.size), array.shape))
                start += array.size
        arrays = [getattr(layer, name).ravel() for layer, name, *_ in self._places]
        self.theta = np.concatenate(arrays or [[]])

    def __repr__(self):
        return f"Net({', '.join(map(repr, self.layers))})"

    @property
    def theta(self):
        """All parameters as one vector, read-only: set it to a new one, which is copied.

        So a vector read earlier keeps its values, whatever happens to the net.
        """
        return self._theta

    @theta.setter
    def theta(self, theta):
        size = self._places[-1][2].stop if self._places else 0
        theta = np.array(theta)
        if theta.dtype.kind != "f":
            theta = theta.astype(float) if theta.dtype.kind in "iu" else _check.array("theta", theta)
        if theta.ndim < 1 or theta.shape[-1] != size:
            raise ValueError(f"theta must have {size} numbers on its last axis, got shape {theta.shape}")
        if size:
            _no_nan("theta", theta)
        theta.flags.writeable = False
        for layer, name, place, shape in self._places:
            setattr(layer, name, theta[..., place].reshape(theta.shape[:-1] + shape))
        self._theta = theta

    @property
    def grad(self):
        """The gradient of the loss with respect to `theta`, as the last `backward` left it."""
        if self._grad is None:
            raise ValueError("net.grad is not known yet: go forward and backward first")
        return self._grad

    def __call__(self, x):
        return self.forward(x, train=False)

    def forward(self, x, train=True):
        x = _no_nan("x", x)
        for layer in self.layers:
            x = layer.forward(x, train)
        if train:
            self._shape = x.shape
        return x

    def backward(self, dy):
        dy = _no_nan("dy", dy)
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        lead = self._theta.shape[:-1]
        if self._places:
            self._grad = np.concatenate(
                [getattr(layer, "d" + name).reshape(*lead, -1) for layer, name, *_ in self._places], axis=-1)
        return dy


def softmax_cross_entropy(logits, targets):
    """The mean over the batch of −Σₖ qₖ log pₖ with p = softmax(logits), and its gradient (p − q) / N.

    logits (N, K); targets either labels, whole numbers (N,), or the probabilities q, (N, K).
    Returns (loss, dlogits). The largest logit is subtracted first, so that no exponential overflows.
    """
    logits = _no_nan("logits", logits, finite=True)
    if logits.ndim < 2:
        raise ValueError(f"logits must have shape (N, K), got {logits.shape}")
    q = _probabilities(np.asarray(targets), logits.shape)
    shifted = logits - logits.max(-1, keepdims=True)
    e = np.exp(shifted)
    total = e.sum(-1, keepdims=True)
    loss = (q * (np.log(total) - shifted)).sum((-2, -1)) / logits.shape[-2]
    return loss, (e / total - q) / logits.shape[-2]


def squared_error(prediction, target, nets=None):
    """The mean over all elements of (prediction − target)², and its gradient 2 (prediction − target) / n.

    Returns (loss, dprediction). The first `nets` axes count nets, each with its own mean; by default those
    that `prediction` has more than `target`.
    """
    prediction, target = _no_nan("prediction", prediction), _no_nan("target", target)
    extra = max(prediction.ndim - target.ndim, 0)
    nets = extra if nets is None else _check.count("nets", nets, 0, prediction.ndim - 1)
    if target.shape not in (prediction.shape, prediction.shape[nets:]):
        raise ValueError(
            f"prediction and target must have the same shape, got {prediction.shape} and {target.shape}")
    difference = prediction - target
    n = np.prod(prediction.shape[nets:], dtype=int).item()
    return (difference * difference).sum(tuple(range(nets, prediction.ndim))) / n, difference * (2 / n)


def _scale(scale, fan_in):
    """The standard deviation of a layer's first weights."""
    return (2 / fan_in) ** 0.5 if scale is None else _check.number("scale", scale, 0)


def _no_nan(name, x, finite=False):
    """`x` as an array of floats. A dot product is the cheap look-out: only a finite x has a finite one."""
    x = np.asarray(x)
    if x.dtype.kind != "f":
        x = _check.array(name, x).astype(float)
    if x.size == 0 or not np.vdot(x, x) < np.inf:
        _check.array(name, x)
        if finite:
            _check.number(name, x)
    return x


def _probabilities(targets, shape):
    """Targets as probabilities (N, K): labels become rows of one 1, probabilities are checked."""
    n, k = shape[-2:]
    if targets.dtype.kind in "iub" and targets.shape in ((n,), shape[:-1]):
        q = targets[..., None] == np.arange(k)
        if np.count_nonzero(q) != targets.size:
            wrong = targets[~q.any(-1)][0]
            raise ValueError(f"targets must be labels between 0 and {k - 1}, got {wrong}")
        return q
    if targets.shape not in ((n, k), shape):
        raise ValueError(f"targets must be labels ({n},) or probabilities ({n}, {k}) for logits {shape}, "
                         f"got shape {targets.shape}")
    _check.number("targets", targets, 0, 1)
    if (off := np.abs(targets.sum(-1) - 1) > 1e-4).any():
        raise ValueError(f"targets must sum to 1 in each row, got {targets.sum(-1)[off][0]}")
    return targets
