"""Gradient methods: each keeps what it remembers, and `step` hands back the new parameters.

Shapes: the parameters `x` and their gradient `g` have one shape, whatever it is; hyperparameters
broadcast against it, so an array of learning rates runs a whole grid of trajectories at once: rates (R, 1)
against parameters (P,) give (R, P). All arithmetic is elementwise, g² and √v too. `step` changes neither
`x` nor `g`, and keeps the dtype of `x`. `dataclasses.replace(opt)` is the same method, nothing remembered.

Errors: a negative or infinite hyperparameter, and in `step` an empty array, two shapes that differ, a shape
other than in the steps before, or a NaN, raise ValueError and leave what was remembered untouched.
"""

from dataclasses import dataclass, field

import numpy as np

from byhand import _check


@dataclass(eq=False)
class GradientDescent:
    """x ← x − ηg. One step against the gradient (Cauchy, 1847). `lr` is η."""

    lr: float

    def __post_init__(self):
        self.lr = _rate("lr", self.lr)

    def step(self, x, g):
        x, g, lr = _ready(x, g, None, self.lr)
        return x - lr * g


@dataclass(eq=False)
class Momentum:
    """v ← βv + g,  x ← x − ηv. The velocity v sums past gradients, each β times weaker a step later.

    The heavy ball of Polyak (1964), in the form of `torch.optim.SGD(momentum=β)`: η multiplies the whole
    velocity. Sutskever et al. (2013) put η inside, v ← βv − ηg; for a constant η the two agree.
    PyTorch's `dampening`, v ← βv + (1 − d)g, is 0 here as it is there by default.
    """

    lr: float
    beta: float = 0.9
    v: np.ndarray | float = field(init=False, repr=False, default=0.0)

    def __post_init__(self):
        self.lr, self.beta = _rate("lr", self.lr), _rate("beta", self.beta)

    def step(self, x, g):
        x, g, lr, beta = _ready(x, g, self.v, self.lr, self.beta)
        self.v = beta * self.v + g
        return x - lr * self.v


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
        x, g, lr, beta = _ready(x, g, self.v, self.lr, self.beta)
        self.v = beta * self.v + g
        return x - lr * (g + beta * self.v)


@dataclass(eq=False)
class Adagrad:
    """G ← G + g²,  x ← x − ηg / (√G + ε). Where gradients were large, the rate η/√G is small.

    Duchi, Hazan and Singer (2011), their diagonal form: G starts at 0 and ε stands outside the root, as in
    `torch.optim.Adagrad` (whose default ε is ours). `optax.adagrad` starts at 0.1 and has ε inside, √(G + ε).
    """

    lr: float
    eps: float = 1e-10
    G: np.ndarray | float = field(init=False, repr=False, default=0.0)

    def __post_init__(self):
        self.lr, self.eps = _rate("lr", self.lr), _rate("eps", self.eps)

    def step(self, x, g):
        x, g, lr, eps = _ready(x, g, self.G, self.lr, self.eps)
        self.G = self.G + g * g
        return x - lr * g / (np.sqrt(self.G) + eps)


@dataclass(eq=False)
class Adadelta:
    """v ← ρv + (1−ρ)g²,  Δ = √((u+ε)/(v+ε)) g,  u ← ρu + (1−ρ)Δ²,  x ← x − Δ. No learning rate to choose.

    Zeiler (2012): v and u start at 0 and ε stands inside both roots, so ε sets the size of the first steps.
    `torch.optim.Adadelta` and `optax.adadelta` are the same with a learning rate of 1 in front of Δ and
    ρ = 0.9 by default; ours are the values of the paper's experiments.
    """

    rho: float = 0.95
    eps: float = 1e-6
    v: np.ndarray | float = field(init=False, repr=False, default=0.0)
    u: np.ndarray | float = field(init=False, repr=False, default=0.0)

    def __post_init__(self):
        self.rho, self.eps = _rate("rho", self.rho, high=1), _rate("eps", self.eps, open_low=True)

    def step(self, x, g):
        x, g, rho, rest, eps = _ready(x, g, self.v, self.rho, 1 - self.rho, self.eps)
        self.v = rho * self.v + rest * g * g
        delta = np.sqrt((self.u + eps) / (self.v + eps)) * g
        self.u = rho * self.u + rest * delta * delta
        return x - delta


@dataclass(eq=False)
class RMSprop:
    """v ← ρv + (1−ρ)g²,  x ← x − ηg / (√v + ε). Adagrad that forgets: v is a moving average, not a sum.

    Hinton, Srivastava and Swersky (2012, lecture 6e). v starts at 0, uncorrected; ε stands outside the root,
    as in `torch.optim.RMSprop` (ρ is its `alpha`). `optax.rmsprop` has √(v + ε) unless `eps_in_sqrt=False`.
    """

    lr: float
    rho: float = 0.9
    eps: float = 1e-8
    v: np.ndarray | float = field(init=False, repr=False, default=0.0)

    def __post_init__(self):
        self.lr, self.eps = _rate("lr", self.lr), _rate("eps", self.eps)
        self.rho = _rate("rho", self.rho, high=1)

    def step(self, x, g):
        x, g, lr, rho, rest, eps = _ready(x, g, self.v, self.lr, self.rho, 1 - self.rho, self.eps)
        self.v = rho * self.v + rest * g * g
        return x - lr * g / (np.sqrt(self.v) + eps)


@dataclass(eq=False)
class Adam:
    """m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  x ← x − η m̂ / (√v̂ + ε),  m̂ = m/(1−β₁ᵗ),  v̂ = v/(1−β₂ᵗ).

    Kingma and Ba (2015), algorithm 1; m and v start at 0, and t counts the steps from 1. ε stands outside the
    root of the corrected v̂, as in `torch.optim.Adam` and `optax.adam` (with its `eps_root=0`).
    """

    lr: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    m: np.ndarray | float = field(init=False, repr=False, default=0.0)
    v: np.ndarray | float = field(init=False, repr=False, default=0.0)
    t: int = field(init=False, repr=False, default=0)

    def __post_init__(self):
        self.lr, self.eps = _rate("lr", self.lr), _rate("eps", self.eps)
        self.beta1, self.beta2 = _rate("beta1", self.beta1, high=1), _rate("beta2", self.beta2, high=1)

    def step(self, x, g):
        t, beta1, beta2 = self.t + 1, self.beta1, self.beta2
        # m̂ and √v̂ are m and √v over a number each. Put into η and ε, these cost no pass over the parameters.
        root = (1 - beta2**t) ** 0.5
        lr, eps = self.lr * root / (1 - beta1**t), self.eps * root
        x, g, lr, beta1, rest1, beta2, rest2, eps = _ready(
            x, g, self.v, lr, beta1, 1 - beta1, beta2, 1 - beta2, eps)
        self.t = t
        self.m = beta1 * self.m + rest1 * g
        self.v = beta2 * self.v + rest2 * g * g
        return x - lr * self.m / (np.sqrt(self.v) + eps)


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

    Yields `steps` + 1 pairs (x, x − ηβv). The second of each is what `descend(Nesterov(lr, beta), …)` yields.
    """
    _check.function("grad", grad)
    _check.count("steps", steps, 0)
    _check.number("lr", lr, 0)
    _check.number("beta", beta, 0)
    x = np.array(_check.array("x", x), dtype=float)
    v = np.zeros_like(x)
    yield x, x.copy()
    for _ in range(steps):
        v = beta * v + grad(x - lr * beta * v)
        x = x - lr * v
        yield x, x - lr * beta * v


def _rate(name, v, high=np.inf, *, open_low=False):
    _check.number(name, v, 0, high, open_low=open_low, open_high=True)
    return np.array(v) if isinstance(v, (list, tuple)) else v


def _ready(x, g, remembered, *rates):
    """x, g and the rates as arrays of the dtype of x: a float64 rate would turn float32 into float64."""
    if not (type(x) is type(g) is np.ndarray and x.dtype == g.dtype and x.dtype.kind == "f"):
        x, g = _check.array("x", x), _check.array("g", g)
        dtype = x.dtype if x.dtype.kind == "f" else float
        x, g = x.astype(dtype), g.astype(dtype)
    if x.shape != g.shape:
        raise ValueError(f"x and g must have the same shape, got {x.shape} and {g.shape}")
    # The dot product is the cheap look-out for a NaN: it sees any, and does not warn of overflow.
    if x.size == 0 or (suspect := np.vdot(x, g)) != suspect:
        _check.array("x", x)
        _check.array("g", g)
    # At its second step a grid is larger than what it remembers of the first.
    if type(remembered) is np.ndarray and remembered.shape != x.shape != _together(remembered, x):
        raise ValueError(f"x must have shape {remembered.shape}, as in the steps before, got {x.shape}")
    rates = [np.asarray(rate, x.dtype) for rate in rates]
    for rate in rates:
        if rate.ndim and _together(rate, x) is None:
            raise ValueError(f"hyperparameters must broadcast against x {x.shape}, got shape {rate.shape}")
    return x, g, *rates


def _together(a, b):
    """The shape to which both broadcast, if any."""
    try:
        return np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        return None
