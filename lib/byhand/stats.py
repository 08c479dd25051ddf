"""Averages, spread, and what may be concluded from a difference over paired seeds.

Shapes: time is the first axis of x (T, …), and averages over time keep the others; seeds are one axis of
length n. Whole numbers and booleans count as float64; a float32 stays one.

Errors: an empty array, a NaN, a count or a rate outside its range raise ValueError and name the value seen.
"""

from dataclasses import dataclass
from math import cos, floor, log10, pi, sin, sqrt, tan

import numpy as np

from byhand import _check


def moving_average(x, window):
    """The mean of each k = `window` successive values, T − k + 1 of them: yₜ = (xₜ + … + xₜ₊ₖ₋₁)/k."""
    x = _check.finite("x", x)
    _check.count("window", window, 1, _length("x", x))
    return np.lib.stride_tricks.sliding_window_view(x, window, axis=0).mean(axis=-1)


def cumulative_average(x):
    """The mean of everything so far: yₜ = (x₁ + … + xₜ)/t."""
    x = _check.finite("x", x)
    t = np.arange(1, _length("x", x) + 1).reshape(-1, *[1] * (x.ndim - 1))
    return (np.cumsum(x, axis=0, dtype=float) / t).astype(x.dtype)


def exponential_average(x, beta, *, correct=True):
    """mₜ = βmₜ₋₁ + (1 − β)xₜ from m₀ = 0, and with `correct` mₜ/(1 − βᵗ).

    The weights of mₜ sum up to 1 − βᵗ, so that it starts too near to 0: dividing makes it a mean (Kingma
    and Ba, 2015, §3). `beta` is in [0, 1) and broadcasts against one xₜ: an array of k rates turns a
    series (T,) into (T, k).
    """
    x = _check.finite("x", x)
    _length("x", x)
    beta = np.asarray(_check.number("beta", beta, 0, 1, open_high=True), dtype=float)
    try:
        np.broadcast_shapes(beta.shape, x.shape[1:])
    except ValueError as error:
        shapes = f"{beta.shape} and {x.shape[1:]}"
        raise ValueError(f"beta must broadcast against one xₜ, got shapes {shapes}") from error
    m, averages = 0.0, []
    for t, xt in enumerate(x.astype(float), start=1):
        m = beta * m + (1 - beta) * xt
        averages.append(m / (1 - beta**t) if correct else m)
    return np.array(averages, dtype=x.dtype)


def variance(x, ddof=1, axis=None):
    """s² = Σ(x − x̄)²/(n − ddof), over all of `x` or along `axis`.

    With ddof=1 its expectation is σ²: x̄ lies nearer to the sample than µ does, by σ²/n on average
    (Bessel's correction). With ddof=0 it is the mean square of the sample itself, biased to (n − 1)/n σ².
    """
    x = _check.finite("x", x)
    mean = x.mean(axis=axis, keepdims=True)
    n = x.size // mean.size
    _check.scalar("ddof", ddof, 0)
    if ddof >= n:
        raise ValueError(f"ddof must be less than n={n}, got {ddof}")
    return np.square(x - mean).sum(axis=axis) / (n - float(ddof))


@dataclass(frozen=True)
class Effect:
    """A mean difference over n pairs, its standard error, and its confidence interval from `low` to `high`.

    `str(effect)` reads −0.45 ± 0.03, with as many digits as the standard error supports: one, or two
    where it starts with a 1. A format says otherwise: f"{effect:.3f}", or f"{effect:+.1%}".
    """

    mean: float
    se: float
    n: int
    low: float
    high: float

    def __format__(self, spec):
        spec = spec or self._digits()
        return f"{self.mean:{spec}} ± {self.se:{spec.removeprefix('+')}}".replace("-", "−")

    def __str__(self):
        return format(self)

    def _digits(self):
        if self.se <= 1e-12 * abs(self.mean):
            return "g"
        size = floor(log10(self.se))
        return f".{max(0, -size + (self.se < 2 * 10.0**size))}f"


def paired_effect(a, b, confidence=0.95):
    """The effect of `a` over `b`, two results of each of n ≥ 2 seeds, from their differences d = a − b:

        mean d̄,  se = s/√n with s² = Σ(d − d̄)²/(n − 1),  interval d̄ ± t·se

    where t holds `confidence` of Student's distribution with n − 1 degrees of freedom (Student, 1908).
    What the two results of a seed have in common (the data, the start) cancels in d: pairing is what
    makes a small effect visible over few seeds.
    """
    a, b = _check.finite("a", a, ndim=1), _check.finite("b", b, ndim=1)
    _check.same_length("a", a, "b", b)
    if len(a) < 2:
        raise ValueError(f"a and b must hold at least 2 pairs, got {len(a)}: one has no spread")
    t = student_t(confidence, len(a) - 1)
    d = a.astype(float) - b
    mean, se = float(d.mean()), float(d.std(ddof=1)) / sqrt(len(d))
    return Effect(mean, se, len(d), mean - t * se, mean + t * se)


def best_of_others(losses):
    """Of k settings tried on n ≥ 2 seeds, (n, k): for each seed the one with the lowest mean over the others, (n,).

    A setting measured on the seed that it was chosen on looks better than it is. So each seed gets the choice
    of the others, as in leave-one-out cross-validation, and none is spent on choosing alone.
    """
    losses = _check.array("losses", losses, ndim=2)
    if len(losses) < 2:
        raise ValueError(f"losses must hold at least 2 seeds, got {len(losses)}: one has no others")
    return np.array([np.delete(losses, seed, axis=0).mean(axis=0).argmin() for seed in range(len(losses))])


def student_t(confidence, df):
    """The t for which P(|T| ≤ t) = `confidence`, T Student's with `df` degrees of freedom.

    By bisection of θ = arctan(t/√df), in which the probability is a finite sum (Abramowitz and Stegun,
    1964, 26.7.3–4): sin θ Σ cᵢ cos²ⁱ θ for an even df, (θ + sin θ cos θ Σ cᵢ cos²ⁱ θ)·2/π for an odd one.
    """
    confidence = _check.scalar("confidence", confidence, 0, 1, open_low=True, open_high=True)
    odd = _check.count("df", df) % 2
    k = np.arange(2 + odd, df - 1, 2)
    c = np.concatenate([[1.0], np.cumprod((k - 1) / k)])
    if df == 1:
        c[:] = 0
    low, high = 0.0, pi / 2
    for _ in range(60):
        theta = (low + high) / 2
        p = sin(theta) * (c @ cos(theta) ** (2 * np.arange(len(c))))
        if odd:
            p = (theta + cos(theta) * p) * 2 / pi
        low, high = (theta, high) if p < confidence else (low, theta)
    return sqrt(df) * tan(low)


@dataclass(frozen=True, eq=False, repr=False)
class Simpson:
    """The `rates` (2, groups) of options A and B, and `pooled` (2,) over the groups. It prints as a table."""

    successes: np.ndarray
    trials: np.ndarray
    rates: np.ndarray
    pooled: np.ndarray
    reversed: bool

    def __repr__(self):
        rows = [["", *(f"group {g + 1}" for g in range(self.rates.shape[1])), "pooled"]]
        for name, s, t in zip("AB", self.successes, self.trials, strict=True):
            pairs = [*zip(s, t, strict=True), (s.sum(), t.sum())]
            rows.append([name, *(f"{i}/{n} ({i / n:.1%})" for i, n in pairs)])
        both = [*self.rates.T, self.pooled]
        rows.append(["higher", *("=" if a == b else "A" if a > b else "B" for a, b in both)])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join("  ".join(map(str.rjust, row, widths)) for row in rows)


def simpson(successes, trials):
    """Counts (2, groups) of two options A and B as a table of rates, by group and pooled.

    It is `reversed` where one option has the higher rate in every group and the lower one in the pool:
    possible where the groups differ in difficulty and the options in how often each group meets them
    (Simpson, 1951).
    """
    s, n = _whole("successes", successes), _whole("trials", trials)
    _check.same_shape("successes", s, "trials", n)
    if len(s) != 2:
        raise ValueError(f"successes must have 2 rows, one for each option, got shape {s.shape}")
    _check.number("trials", n, 1)
    _check.number("successes", s, 0)
    if (s > n).any():
        i = tuple(int(i) for i in np.argwhere(s > n)[0])
        raise ValueError(f"successes must not exceed trials, got {s[i]} of {n[i]} at index {i}")
    rates, pooled = s / n, s.sum(axis=1) / n.sum(axis=1)
    lead, lead_pooled = np.sign(rates[0] - rates[1]), np.sign(pooled[0] - pooled[1])
    flipped = bool(lead_pooled != 0 and (lead == -lead_pooled).all())
    return Simpson(s, n, rates, pooled, flipped)


def cartesian_product(*factors):
    """Every tuple with one element of each factor, in order: A × B = {(a, b) | a ∈ A, b ∈ B}."""
    tuples = [()]
    for i, factor in enumerate(factors):
        factor = _items(f"factor {i}", factor)
        tuples = [(*t, x) for t in tuples for x in factor]
    return tuples


def permutations(items, r=None):
    """Every ordered choice of `r` of the n items (of all by default): n!/(n − r)! tuples, none if r > n."""
    items = _items("items", items)
    r = len(items) if r is None else _check.count("r", r, 0)
    if r == 0:
        return [()]
    others = [items[:i] + items[i + 1:] for i in range(len(items))]
    return [(x, *rest) for x, left in zip(items, others, strict=True) for rest in permutations(left, r - 1)]


def combinations(items, r):
    """Every choice of `r` of the n items whatever their order: n!/(r!(n − r)!) tuples, none if r > n."""
    items = _items("items", items)
    if _check.count("r", r, 0) == 0:
        return [()]
    return [(x, *rest) for i, x in enumerate(items) for rest in combinations(items[i + 1:], r - 1)]


def _length(name, x):
    """The number of time steps."""
    if x.ndim == 0:
        raise ValueError(f"{name} must have a time axis, got the single number {x}")
    return len(x)


def _whole(name, x):
    x = _check.array(name, x, ndim=2)
    if x.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold whole numbers, got {x.dtype}")
    return x.astype(np.int64)


def _items(name, items):
    try:
        return list(items)
    except TypeError as error:
        raise TypeError(f"{name} must be a sequence, got {items!r:.60}") from error
