"""Gradient methods: each keeps what it remembers, and `step` hands back the new parameters.

Shapes: the parameters `x` and their gradient `g` have one shape, whatever it is; hyperparameters
broadcast against it, so an array of learning rates runs a whole grid of trajectories at once.
`step` changes neither `x` nor `g`, and keeps their dtype. `dataclasses.replace(opt)` is the same
method with nothing remembered.

Errors: a negative or infinite hyperparameter, and in `step` an empty array, two shapes that differ, or a
NaN, raise ValueError and leave what was remembered untouched.
"""

from dataclasses import dataclass, field

import numpy as np

from byhand import _check


@dataclass(eq=False)
class GradientDescent:
    """x ← x − ηg. One step against the gradient (Cauchy, 1847). `lr` is η."""

    lr: float

    def __post_init__(self):
        _check.number("lr", self.lr, 0)

    def step(self, x, g):
        x, g = _pair(x, g)
        return x - self.lr * g


@dataclass(eq=False)
class Momentum:
    """v ← βv + g,  x ← x − ηv. The velocity v sums past gradients, each β times weaker a step later.

    The heavy ball of Polyak (1964), in the form of `torch.optim.SGD(momentum=β)`: η multiplies the whole
    velocity. Sutskever et al. (2013) put η inside, v ← βv − ηg; for a constant η the two agree.
    """

    lr: float
    beta: float = 0.9
    v: np.ndarray | float = field(init=False, repr=False, default=0.0)

    def __post_init__(self):
        _check.number("lr", self.lr, 0)
        _check.number("beta", self.beta, 0)

    def step(self, x, g):
        x, g = _pair(x, g)
        self.v = self.beta * self.v + g
        return x - self.lr * self.v


@dataclass(eq=False)
class Nesterov:
    """v ← βv + g,  x ← x − η(g + βv). Momentum whose gradient is taken where the velocity is about to lead.

    Nesterov (1983), with the look-ahead point itself as the variable: `x` is where the gradient is taken,
    as in `torch.optim.SGD(nesterov=True)`. `look_ahead` is the same method in its other variable.
    """

    lr: float
    beta: float = 0.9
    v: np.ndarray | float = field(init=False, repr=False, default=0.0)

    __post_init__ = Momentum.__post_init__

    def step(self, x, g):
        x, g = _pair(x, g)
        self.v = self.beta * self.v + g
        return x - self.lr * (g + self.beta * self.v)


def descend(opt, grad, x, steps):
    """Yields `steps` + 1 points: the start `x`, then where each step of `opt` along `grad(x)` arrives."""
    _check.function("grad", grad)
    _check.count("steps", steps, 0)
    x = np.array(_check.array("x", x), dtype=np.result_type(np.asarray(x), np.float32))
    yield x
    for _ in range(steps):
        x = opt.step(x, grad(x))
        yield x


def look_ahead(grad, x, steps, lr, beta):
    """Nesterov's method as it is told: first move by the velocity, take the gradient there, then correct.

        v ← βv + grad(x − ηβv),  x ← x − ηv

    Yields `steps` + 1 pairs (x, x − ηβv). The second of each pair is what `descend(Nesterov(lr, beta), …)` yields.
    """
    _check.function("grad", grad)
    _check.count("steps", steps, 0)
    _check.number("lr", lr, 0)
    _check.number("beta", beta, 0)
    x = np.array(_check.array("x", x), dtype=float)
    v = np.zeros_like(x)
    yield x, x
    for _ in range(steps):
        v = beta * v + grad(x - lr * beta * v)
        x = x - lr * v
        yield x, x - lr * beta * v


def _pair(x, g):
    """The two as arrays, or one error. The dot product is the cheap look-out for a NaN: it sees any."""
    x, g = np.asarray(x), np.asarray(g)
    if x.shape != g.shape:
        raise ValueError(f"x and g must have the same shape, got {x.shape} and {g.shape}")
    if x.size == 0 or (suspect := np.vdot(x, g)) != suspect:
        _check.array("x", x)
        _check.array("g", g)
    return x, g
