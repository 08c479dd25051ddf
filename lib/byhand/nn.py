"""A net of layers whose parameters are one flat vector, and the losses it is trained with.

Shapes: a batch is x (N, n_in), or (N, C, *spatial) where the first layer takes images. `theta` and `grad`
are vectors (P,). They may have leading axes: with theta (S, P) S nets train at once. Then x is (N, n_in), the
same for all, or (S, N, n_in), the output is (S, N, n_out), and a loss has one value for each net, (S,).

A net computes in the dtype of its theta: after `net.theta = net.theta.astype(np.float32)`, in float32. A loss
and its gradient have the dtype of what the net returned.

Errors: shapes that do not fit, an empty array, a NaN, and `backward` before `forward` raise ValueError.
"""

from math import prod

import numpy as np

from byhand import _check
from byhand.layers import BatchNorm, Dropout, Layer, Linear, ReLU, Sigmoid, Tanh
from byhand.spatial import Conv, Flatten, MaxPool, MeanPool

__all__ = ["BatchNorm", "Conv", "Dropout", "Flatten", "Layer", "Linear", "MaxPool", "MeanPool", "Net", "ReLU",
           "Sigmoid", "Tanh", "accuracy", "softmax_cross_entropy", "squared_error"]


class Net:
    """Layers in a row: `Net(Linear(2, 32, rng), ReLU(), Linear(32, 2, rng))`.

    `forward(x)` trains: each layer remembers what `backward(dy)` needs, which fills `grad`, the gradient with
    respect to `theta`, and returns the one with respect to x; `backward(dy, dx=False)` spares the latter and
    returns None. `net(x)` evaluates, and remembers nothing.
    """

    def __init__(self, *layers):
        if not layers:
            raise ValueError("layers must not be empty, got Net()")
        self.layers, self._parts, self._grad, self._lead, start = layers, [], None, (), 0
        for i, layer in enumerate(layers):
            if not isinstance(layer, Layer):
                raise TypeError(f"layers must be layers, such as ReLU(), got {layer!r:.60} at index {i}")
            if any(layer is other for other in layers[:i]):
                raise ValueError(f"layers must be different objects, got {layer!r} again at index {i}")
            for name in layer.parameters:
                shape = getattr(layer, name).shape
                self._parts.append((layer, name, slice(start, start + prod(shape)), shape))
                start += prod(shape)
        self._first = self._parts[0][0] if self._parts else None
        self.theta = np.concatenate([getattr(layer, name).ravel() for layer, name, *_ in self._parts] or [[]])

    def __repr__(self):
        return f"Net({', '.join(map(repr, self.layers))})"

    @property
    def theta(self):
        """All parameters in one vector, read-only. To change them set a new one, which is copied.

        So a vector read earlier keeps its values, whatever becomes of the net.
        """
        return self._theta

    @theta.setter
    def theta(self, theta):
        size = self._parts[-1][2].stop if self._parts else 0
        theta = (_check.floats("theta", theta) if size else np.asarray(theta)).copy()
        if theta.shape[-1:] != (size,):
            raise ValueError(f"theta must have shape ({size},), or (S, {size}) for S nets, got {theta.shape}")
        theta.setflags(write=False)
        lead = theta.shape[:-1]
        for layer, name, part, shape in self._parts:
            setattr(layer, name, theta[..., part].reshape(lead + shape))
        self._theta = theta

    @property
    def grad(self):
        """The gradient with respect to `theta`, from the last `backward`."""
        if self._grad is None:
            raise ValueError("net.grad must be filled first: call net.forward(x), then net.backward(dy)")
        return self._grad

    def __call__(self, x):
        return self.forward(x, train=False)

    def forward(self, x, train=True):
        x = _check.floats("x", x).astype(self._theta.dtype, copy=False)
        for layer in self.layers:
            x = layer.forward(x, train)
        if train:
            self._lead = self._theta.shape[:-1]
        return x

    def backward(self, dy, dx=True):
        dy = _check.floats("dy", dy).astype(self._theta.dtype, copy=False)
        for layer in reversed(self.layers):
            if layer is self._first and not dx:
                layer.backward(dy, dx=False)
                break
            dy = layer.backward(dy)
        grads = [getattr(layer, "d" + name) for layer, name, *_ in self._parts] or [self._theta]
        if self._lead:
            grads = [g.reshape(*self._lead, -1) for g in grads]
        self._grad = np.concatenate(grads, axis=-1 if self._lead else None)
        return dy if dx else None


def softmax_cross_entropy(logits, targets):
    """The mean over the batch of −Σₖ qₖ log pₖ with p = softmax(logits), and its gradient (p − q) / N.

    logits (N, K); targets are labels, whole numbers (N,), or soft labels, the probabilities q (N, K).
    Returns (loss, dlogits). The largest logit is subtracted first, so that no exponential overflows.
    """
    logits = np.asarray(logits)
    if logits.dtype.kind != "f" or not np.vdot(logits, logits) < np.inf or logits.size == 0:
        logits = _check.finite("logits", logits)
    if logits.ndim < 2:
        raise ValueError(f"logits must have shape (N, K), got {logits.shape}")
    q, n = _probabilities(targets, logits), logits.shape[-2]
    shifted = logits - np.maximum.reduce(logits, -1, keepdims=True)
    e = np.exp(shifted)
    total = np.add.reduce(e, -1, keepdims=True)
    loss = (q * (np.log(total) - shifted)).sum((-2, -1)) / n
    return loss, (e / total - q) / n


def squared_error(prediction, target, nets=None):
    """The mean over all elements of (prediction − target)², and its gradient 2 (prediction − target) / n.

    Returns (loss, dprediction). The first `nets` axes count nets, each with a mean of its own; by default
    they are those that `prediction` has more than a `target` (N, n_out).
    """
    prediction = _check.floats("prediction", prediction)
    target = _check.floats("target", target).astype(prediction.dtype, copy=False)
    more = max(prediction.ndim - max(target.ndim, 2), 0)
    nets = more if nets is None else _check.count("nets", nets, 0, prediction.ndim)
    if target.shape not in (prediction.shape, prediction.shape[nets:]):
        raise ValueError(
            f"prediction and target must have the same shape, got {prediction.shape} and {target.shape}")
    difference, n = prediction - target, prod(prediction.shape[nets:])
    return np.square(difference).sum(tuple(range(nets, prediction.ndim))) / n, difference * (2 / n)


def accuracy(logits, labels):
    """The share of the rows of logits (N, K) whose largest number stands at the label; labels (N,)."""
    logits, labels = _check.array("logits", logits), _check.array("labels", labels)
    if labels.shape not in (logits.shape[-2:-1], logits.shape[:-1]):
        raise ValueError(f"labels must have shape {logits.shape[:-1]}, as logits have it, got {labels.shape}")
    return (logits.argmax(-1) == labels).mean(-1)


def _probabilities(targets, logits):
    """Targets as probabilities (N, K): labels become rows of True at the label, probabilities are checked."""
    targets = targets if isinstance(targets, np.ndarray) else _check.array("targets", targets)
    n, k = logits.shape[-2:]
    if targets.dtype.kind in "iub" and targets.shape in ((n,), logits.shape[:-1]):
        q = targets[..., None] == np.arange(k)
        if np.count_nonzero(q) != targets.size:
            raise ValueError(f"targets must be labels from 0 to {k - 1}, got {targets[~q.any(-1)][0]}")
        return q.astype(logits.dtype)
    if targets.shape not in ((n, k), logits.shape):
        raise ValueError(f"targets must be whole numbers ({n},) or probabilities ({n}, {k}) to fit logits "
                         f"{logits.shape}, got {targets.dtype} {targets.shape}")
    _check.number("targets", targets, 0)
    if (wrong := np.abs(targets.sum(-1) - 1) > 1e-4).any():
        raise ValueError(f"targets must sum to 1 in each row, got {targets.sum(-1)[wrong][0]}")
    return targets.astype(logits.dtype)
