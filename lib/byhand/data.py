"""Data to learn from: three small real sets bundled with the package, five generators, and mini-batches.

Shapes: inputs `X` are (n, d), one row an example; targets `y` are (n,). The bundled sets and the
generators hand back `Data(X, y)`, so `X, y = digits()`; every call makes fresh arrays.
Where the bundled sets come from, and under what licence, is told in bundled/README.md.

Errors: a bundled file that is missing or changed raises OSError or ValueError; a negative noise, a count
below its least or a missing `rng` raises ValueError or TypeError.
"""

from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from typing import NamedTuple

import numpy as np

from byhand import _check

SHA256 = {
    "digits": "dff739c317c3d7a561cd1d11ae22ab4ac7f0557489c9e3935e97bec510d05737",
    "breast_cancer": "2d33062f6526bda9b4206710faca4a1d0ac70b2e26930e43891fb3ff01f369c7",
    "diabetes": "2f776bc1550e4b8c416e14e9028687c9a083e39a27c7226640d4403f3282f75e",
}


class Data(NamedTuple):
    """Inputs X (n, d) and targets y (n,)."""

    X: np.ndarray
    y: np.ndarray


def digits():
    """1,797 handwritten digits: X (1797, 64) in [0, 1], an 8 × 8 image row by row; y the digit, 0 to 9.

    Alpaydin and Kaynak (1998), the test set of UCI's "Optical Recognition of Handwritten Digits".
    A pixel counts the inked dots of a 4 × 4 block, here divided by 16. As images: `X.reshape(-1, 1, 8, 8)`.
    """
    X, y = _bundled("digits")
    return Data(X / 16.0, y.astype(int))


def breast_cancer():
    """569 tumours: X (569, 30), the shapes of cell nuclei; y is 0 if malignant (212), 1 if benign (357).

    Wolberg, Mangasarian and Street (1995), UCI's "Breast Cancer Wisconsin (Diagnostic)". Ten measures are
    taken: radius, texture, perimeter, area, smoothness, compactness, concavity, concave points, symmetry and
    fractal dimension. Columns 0–9 hold the mean of each, 10–19 its standard error, 20–29 its worst.
    """
    X, y = _bundled("breast_cancer")
    return Data(X, y.astype(int))


def diabetes(scaled=True):
    """442 patients: X (442, 10); y (442,), how far the disease went in the year after, from 25 to 346.

    Efron, Hastie, Johnstone and Tibshirani (2004). Columns: age, sex, body mass index, blood pressure, and
    six blood serums (tc, ldl, hdl, tch, ltg, glu). As in scikit-learn, each column has mean 0 and sum of
    squares 1. Every row went into that, later test rows too: `scaled=False` gives the units measured.
    """
    X, y = _bundled("diabetes")
    if scaled:
        X = X - X.mean(axis=0)
        X /= np.linalg.norm(X, axis=0)
    return Data(X, y.astype(float))


def friedman1(n, noise=1.0, rng=None):
    """y = 10 sin(πx₁x₂) + 20(x₃ − ½)² + 10x₄ + 5x₅ + ε, with x₁ … x₁₀ uniform in [0, 1]; five do not matter.

    ε is normal with standard deviation `noise`. Friedman (1991); Breiman (1996) has the same three.
    """
    X = _uniform(n, [0] * 10, [1] * 10, rng)
    x1, x2, x3, x4, x5 = X.T[:5]
    return _noisy(X, 10 * np.sin(np.pi * x1 * x2) + 20 * (x3 - 0.5) ** 2 + 10 * x4 + 5 * x5, noise, rng)


def friedman2(n, noise=125.0, rng=None):
    """y = √(x₁² + (x₂x₃ − 1/(x₂x₄))²) + ε: the impedance of an alternating-current circuit.

    x₁ in [0, 100], x₂ in [40π, 560π], x₃ in [0, 1], x₄ in [1, 11], all uniform. ε is normal with standard
    deviation `noise`; the default is a third of the signal's. Friedman (1991), Breiman (1996).
    """
    X = _uniform(n, *_CIRCUIT, rng)
    x1, x2, x3, x4 = X.T
    return _noisy(X, np.hypot(x1, x2 * x3 - 1 / (x2 * x4)), noise, rng)


def friedman3(n, noise=0.1, rng=None):
    """y = arctan((x₂x₃ − 1/(x₂x₄)) / x₁) + ε: the phase in the circuit of `friedman2`, from the same inputs.

    ε is normal with standard deviation `noise`; the default is a third of the signal's. Friedman (1991),
    Breiman (1996).
    """
    X = _uniform(n, *_CIRCUIT, rng)
    x1, x2, x3, x4 = X.T
    return _noisy(X, np.arctan((x2 * x3 - 1 / (x2 * x4)) / x1), noise, rng)


def polynomial(n, coefficients, noise=0.1, rng=None):
    """y = c₀ + c₁x + c₂x² + … + ε, x uniform in [−1, 1] and ε normal with deviation `noise`. X is (n, 1)."""
    c = _check.array("coefficients", coefficients, ndim=1)
    _check.number("coefficients", c)
    X = _uniform(n, [-1], [1], rng)
    return _noisy(X, np.polynomial.polynomial.polyval(X[:, 0], c), noise, rng)


def two_moons(n, noise=0.1, rng=None):
    """Two interleaved half circles of radius 1: X (n, 2), y 0 on the upper (⌊n/2⌋ points), 1 on the lower.

    The points are evenly spaced and in shuffled order, each coordinate moved by normal noise of deviation
    `noise`: scikit-learn's `make_moons`.
    """
    _check.count("n", n, 2)
    _check.scalar("noise", noise, 0)
    _check.generator("rng", rng)
    upper, lower = np.linspace(0, np.pi, n // 2), np.linspace(0, np.pi, n - n // 2)
    X = np.concatenate([np.column_stack([np.cos(upper), np.sin(upper)]),
                        np.column_stack([1 - np.cos(lower), 0.5 - np.sin(lower)])])
    order = rng.permutation(n)
    return Data(X[order] + rng.normal(0, noise, X.shape), (order >= n // 2).astype(int))


def batches(X, y, size, rng):
    """Yields the mini-batches (X, y) of one epoch: rows shuffled, `size` at a time, the last maybe less."""
    X, y = _check.rows("X", X), _check.rows("y", y)
    _check.same_length("X", X, "y", y)
    _check.count("size", size)
    order = _check.generator("rng", rng).permutation(len(y))
    parts = (order[start : start + size] for start in range(0, len(order), size))
    return ((X[part], y[part]) for part in parts)


_CIRCUIT = [0, 40 * np.pi, 0, 1], [100, 560 * np.pi, 1, 11]


def _bundled(name):
    file = files("byhand") / "bundled" / f"{name}.npz"
    content = file.read_bytes()
    if (seen := sha256(content).hexdigest()) != SHA256[name]:
        raise ValueError(f"{file} must have SHA-256 {SHA256[name]}, got {seen}: install byhand again")
    with np.load(BytesIO(content)) as arrays:
        return arrays["X"], arrays["y"]


def _uniform(n, low, high, rng):
    return _check.generator("rng", rng).uniform(low, high, (_check.count("n", n), len(low)))


def _noisy(X, signal, noise, rng):
    return Data(X, signal + rng.normal(0, _check.scalar("noise", noise, 0), len(signal)))
