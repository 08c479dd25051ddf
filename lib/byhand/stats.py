"""Averages, spread, and what may be concluded from a difference over paired seeds.

Shapes: an average over time keeps the shape of `x` (T, …) and runs along its first axis; seeds are one
axis of length n. Whole numbers and booleans count as float64; a float32 stays one.

Errors: an empty array, a NaN, a count or a rate outside its range raise ValueError and name the value seen.
"""

from dataclasses import dataclass
from math import cos, floor, log10, pi, sin, sqrt, tan

import numpy as np

from byhand import _check


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
        return f"{self.mean:{spec or self._digits()}} ± {self.se:{spec or self._digits()}}".replace("-", "−")

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
    a, b = _finite("a", a, ndim=1), _finite("b", b, ndim=1)
    _check.same_length("a", a, "b", b)
    if len(a) < 2:
        raise ValueError(f"a and b must hold at least 2 pairs, got {len(a)}: one has no spread")
    t = student_t(confidence, len(a) - 1)
    d = a.astype(float) - b
    mean, se = float(d.mean()), float(d.std(ddof=1)) / sqrt(len(d))
    return Effect(mean, se, len(d), mean - t * se, mean + t * se)


def student_t(confidence, df):
    """The t for which P(|T| ≤ t) = `confidence`, T Student's with `df` degrees of freedom.

    By bisection of θ = arctan(t/√df), in which the probability is a finite sum (Abramowitz and Stegun,
    1964, 26.7.3–4): sin θ Σ cᵢ cos²ⁱ θ for an even df, (θ + sin θ cos θ Σ cᵢ cos²ⁱ θ)·2/π for an odd one.
    """
    _check.number("confidence", confidence, 0, 1, open_low=True, open_high=True)
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


def _finite(name, x, ndim=None):
    """`x` as an array of finite floats."""
    x = _check.array(name, x, ndim=ndim)
    x = x if x.dtype.kind == "f" else x.astype(float)
    return _check.number(name, x)
