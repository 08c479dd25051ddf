"""What keeps a model from fitting the noise: stopping early, penalties, noise, soft labels, more data.

Shapes: `theta` has any shape, `x` is (N, …), `labels` are whole numbers (N,) from 0, soft labels are (N, K)
with rows that sum to 1, as `softmax_cross_entropy` takes them. Inputs are not changed, and dtypes are kept.

More data out of the data is in `augment`, and can be imported from here too.

Errors: an empty array, a NaN, shapes that do not fit, and a number out of its range raise ValueError; the
wrong type raises TypeError.
"""

from dataclasses import dataclass, field, is_dataclass, replace

import numpy as np

from byhand import _check
from byhand.augment import (
    cutmix,
    cutout,
    flip,
    mixup,
    random_flip,
    random_rotate,
    random_shift,
    rotate,
    shift,
)

__all__ = ["DecoupledDecay", "EarlyStopping", "cutmix", "cutout", "flip", "input_noise", "l1_penalty",
           "l2_penalty", "label_smoothing", "mixup", "one_hot", "random_flip", "random_rotate",
           "random_shift", "rotate", "shift", "soft_threshold", "weight_noise"]


@dataclass(eq=False)
class EarlyStopping:
    """Stop when the validation loss has not improved `patience` times in a row; go back to the best `theta`.

        stopping = EarlyStopping(patience=5)
        while not stopping.update(validation_loss, net.theta): ...   # train one more epoch
        net.theta = stopping.best_theta

    For S nets at once the losses are (S,) and theta (S, P): each net stops by itself, and `update` is True
    when all have. `best_step` counts the updates from 0. Prechelt (1998), Early Stopping — But When?
    """

    patience: int
    best_loss: float | np.ndarray = field(init=False, repr=False, default=np.inf)
    best_step: int | np.ndarray = field(init=False, repr=False, default=0)
    updates: int = field(init=False, repr=False, default=0)
    _best: np.ndarray | None = field(init=False, repr=False, default=None)

    def __post_init__(self):
        _check.count("patience", self.patience)

    def update(self, loss, theta):
        """Takes note of one more validation loss; True when it is time to stop."""
        loss, theta = _check.array("loss", loss), _check.array("theta", theta)
        if loss.shape != theta.shape[: loss.ndim]:
            raise ValueError(f"theta must begin with the axes of loss {loss.shape}, got {theta.shape}")
        best = theta if self._best is None else self._best
        _check.same_shape("theta", theta, "the theta before", best)
        if self.updates:
            _check.same_shape("loss", loss, "the loss before", np.asarray(self.best_loss))
        better = (loss < self.best_loss) & (self.updates - self.best_step <= self.patience)
        self._best = np.where(np.reshape(better, loss.shape + (1,) * (theta.ndim - loss.ndim)), theta, best)
        self.best_loss = _plain(np.where(better, loss, self.best_loss))
        self.best_step = _plain(np.where(better, self.updates, self.best_step))
        self.updates += 1
        return bool(np.all(self.updates - self.best_step > self.patience))

    @property
    def best_theta(self):
        """The parameters of the best loss, a copy."""
        if self._best is None:
            raise ValueError("best_theta is not known yet: update first")
        return self._best.copy()


@dataclass(eq=False)
class DecoupledDecay:
    """x ← step(x, g) − ηλx. Weight decay beside a gradient method, not inside its gradient.

    AdamW where `opt` is Adam: Loshchilov and Hutter (2019), in the form of `torch.optim.AdamW`, η included.
    For plain gradient descent it is the L2 penalty; for Adam, which divides gradients by their size, it is
    not. `opt` is copied, with nothing remembered; it needs a learning rate `lr`, and `decay` is λ.
    """

    opt: object
    decay: float

    def __post_init__(self):
        if isinstance(self.opt, type) or not (is_dataclass(self.opt) and hasattr(self.opt, "lr")):
            raise TypeError(f"opt must be a gradient method with a learning rate, got {self.opt!r:.60}")
        self.opt = replace(self.opt)
        _check.number("decay", self.decay, 0)

    def step(self, x, g):
        new = self.opt.step(x, g)
        return new - np.asarray(np.multiply(self.opt.lr, self.decay), new.dtype) * np.asarray(x, new.dtype)


def l2_penalty(theta, strength):
    """(½λ Σθ², λθ): the penalty and its gradient, to be added to those of the loss. `strength` is λ.

    Weight decay, where the step is plain gradient descent. An array of strengths broadcasts to theta: 0
    leaves a parameter alone, such as a bias. Hoerl and Kennard (1970), Krogh and Hertz (1992).
    """
    theta, strength = _penalized(theta, strength)
    return float(np.sum(strength * theta * theta) / 2), strength * theta


def l1_penalty(theta, strength):
    """(λ Σ|θ|, λ sign θ): the penalty and its (sub)gradient, 0 at θ = 0. Tibshirani (1996).

    Steps along it make parameters small, but not 0; `soft_threshold` does.
    """
    theta, strength = _penalized(theta, strength)
    return float(np.sum(strength * np.abs(theta))), strength * np.sign(theta)


def soft_threshold(theta, amount):
    """sign(θ) · max(|θ| − a, 0): the z that minimizes ½(z − θ)² + a|z|.

    The proximal step of the L1 penalty: first a step of size η along the gradient of the loss alone, then
    this with a = ηλ (Daubechies, Defrise and De Mol, 2004).
    """
    theta, amount = _penalized(theta, amount, "amount")
    return np.sign(theta) * np.maximum(np.abs(theta) - amount, 0)


def input_noise(x, scale, rng):
    """x + ε, ε normal with standard deviation `scale`, a number or an array such as one for each feature.

    With new noise for each batch it acts as a penalty on the slope of the model (Bishop, 1995).
    """
    return _noisy("x", x, scale, rng)


def weight_noise(theta, scale, rng):
    """θ + ε, ε normal with standard deviation `scale`. Take the gradient there, but the step from θ itself.

    What still fits with noise on its weights sits in a flat minimum (An, 1996; Graves, 2011).
    """
    return _noisy("theta", theta, scale, rng)


def one_hot(labels, classes):
    """Labels (N,) as rows (N, K): 1 at the label, 0 elsewhere."""
    return label_smoothing(labels, classes, 0)


def label_smoothing(labels, classes, smoothing):
    """q = (1 − s) · onehot + s/K: labels (N,) as soft labels (N, K) that leave room for doubt.

    Szegedy et al. (2016), as in `torch.nn.functional.cross_entropy(label_smoothing=s)`.
    """
    labels, classes = _check.array("labels", labels, ndim=1), _check.count("classes", classes)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels must be whole numbers, got {labels!r:.60}")
    if (wrong := labels[(labels < 0) | (labels >= classes)]).size:
        raise ValueError(f"labels must be between 0 and {classes - 1}, got {wrong[0]}")
    s = _check.scalar("smoothing", smoothing, 0, 1)
    return (1 - s) * np.eye(classes)[labels] + s / classes


def _plain(a):
    return a.item() if a.ndim == 0 else a


def _noisy(name, x, scale, rng):
    x = _check.floats(name, x)
    scale = _fitting("scale", scale, x)
    return x + scale * _check.generator("rng", rng).standard_normal(x.shape).astype(x.dtype)


def _penalized(theta, strength, name="strength"):
    theta = _check.floats("theta", theta)
    return theta, _fitting(name, strength, theta)


def _fitting(name, v, x):
    """`v`, at least 0, in the dtype of x; refuses a shape that does not broadcast to that of x."""
    v = np.asarray(_check.number(name, v, 0), x.dtype)
    try:
        np.broadcast_to(v, x.shape)
    except ValueError:
        raise ValueError(f"{name} must broadcast to shape {x.shape}, got {v.shape}") from None
    return v
