"""Linear models, and polynomial features for them; the closed forms of `byhand.ridge` come along.

Shapes: X (n, p), and x (n,) or (n, 1) for polynomials; y (n,), or (n, m) for m targets at once;
coefficients w (p,) or (p, m) and intercept b, which is never penalized. Labels are (n,), of K classes.

Errors: wrong axes, an empty array, a NaN or an infinity, lengths that differ, a negative penalty and a
`predict` before `fit` raise ValueError; wrong types raise TypeError. A failed `fit` changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.polynomial.polynomial import polyvander

from byhand import _check
from byhand.ridge import cross_validate_ridge, decompose, leave_one_out, minimum_norm, ridge

__all__ = [
    "LogisticRegression", "Polynomial", "Ridge", "cross_validate_ridge", "leave_one_out", "minimum_norm",
    "polynomial_features", "ridge",
]


def polynomial_features(x, degree, basis=polyvander):
    """The columns 1, x, x², …, x^degree of each x: (n,), or one column (n, 1), becomes (n, degree + 1).

    `basis(x, degree)` makes them: `numpy.polynomial.legendre.legvander` spans the same polynomials with
    columns that are nearly orthogonal for x spread over [−1, 1], so that rounding does less harm.
    """
    x = _check.finite("x", x, ndim=(1, 2))
    if x.ndim == 2 and x.shape[1] != 1:
        raise ValueError(f"x must have one column, got shape {x.shape}")
    _check.count("degree", degree, 0)
    return _check.function("basis", basis)(x.ravel(), degree)


@dataclass(eq=False)
class Ridge:
    """w, b = argmin ‖y − b − Xw‖² + λ‖w‖², with λ the `penalty`; 0 is least squares. See `ridge`."""

    penalty: float = 1.0
    intercept: bool = True
    w: np.ndarray | None = field(init=False, repr=False, default=None)
    b: np.ndarray | None = field(init=False, repr=False, default=None)

    def __post_init__(self):
        _check.scalar("penalty", self.penalty, 0)

    def fit(self, X, y):
        self.w, self.b = ridge(X, y, self.penalty, intercept=self.intercept)
        return self

    def predict(self, X):
        return _affine(self, X)


@dataclass(eq=False, repr=False)
class Polynomial:
    """The polynomial of a `degree` nearest to y in squares: ridge on `polynomial_features` of x (n,)."""

    degree: int
    penalty: float = 0.0
    basis: Callable = polyvander
    ridge: Ridge | None = field(init=False, repr=False, default=None)

    def __post_init__(self):
        _check.count("degree", self.degree, 0)
        _check.scalar("penalty", self.penalty, 0)
        _check.function("basis", self.basis)

    def __repr__(self):
        basis = getattr(self.basis, "__name__", repr(self.basis))
        return f"Polynomial(degree={self.degree}, penalty={self.penalty}, basis={basis})"

    def fit(self, x, y):
        self.ridge = Ridge(self.penalty).fit(polynomial_features(x, self.degree, self.basis), y)
        return self

    def predict(self, x):
        _check.learned(self, self.ridge)
        return self.ridge.predict(polynomial_features(x, self.degree, self.basis))


@dataclass(eq=False)
class LogisticRegression:
    """P(y = c | x) = softmax(Wᵀx + b)_c, with W, b = argmin −Σᵢ log P(yᵢ | xᵢ) + (λ/2)‖W‖², λ the `penalty`.

    λ is 1/C of scikit-learn. For two classes ‖W‖² is that of the difference w of their columns, as in
    P = sigmoid(wᵀx + b) (Cox, 1958). λ > 0, since classes that a plane separates have no finite optimum
    without it. Newton's method with halved steps; raises RuntimeError if 100 steps do not arrive. A step
    takes memory n·q·K and time n·(qK)² for K classes and q = min(n, p).
    """

    penalty: float = 1.0
    intercept: bool = True
    classes: np.ndarray | None = field(init=False, repr=False, default=None)
    w: np.ndarray | None = field(init=False, repr=False, default=None)
    b: np.ndarray | None = field(init=False, repr=False, default=None)

    def __post_init__(self):
        _check.scalar("penalty", self.penalty, 0, open_low=True)

    def fit(self, X, y):
        X, (classes, y) = _check.finite("X", X, ndim=2), _check.labels("y", y)
        _check.same_length("X", X, "y", y)
        if len(classes) < 2:
            raise ValueError(f"y must hold at least 2 classes, got only {classes[0]}")
        # The optimum is a combination of rows of X, so V and all it leaves out can wait until the end.
        mean = X.mean(axis=0, dtype=float) if self.intercept else np.zeros(X.shape[1])
        U, s, Vt = decompose(X - mean)
        A = np.hstack([U * s, np.ones((len(X), 1))]) if self.intercept else U * s
        # Softmax shares w out as ±w/2: half the square, for which twice the penalty makes up.
        penalty = np.full((A.shape[1], 1), float(self.penalty) * (2 if len(classes) == 2 else 1))
        penalty[len(s):] = 0
        W = _newton(A, np.eye(len(classes))[y], penalty)
        w = Vt.T @ W[:len(s)]
        b = W[len(s):].sum(axis=0) - mean @ w
        self.classes, self.w, self.b = classes, w.astype(X.dtype), b.astype(X.dtype)
        return self

    def predict_proba(self, X):
        """(n, K): the probability of each of the `classes`."""
        return np.exp(_log_softmax(_affine(self, X)))

    def predict(self, X):
        best = _affine(self, X).argmax(axis=1)
        return self.classes[best]


def _affine(model, X):
    _check.learned(model, model.w)
    X = _check.finite("X", X, ndim=2)
    if X.shape[1] != len(model.w):
        raise ValueError(f"X must have the {len(model.w)} columns of the fit, got shape {X.shape}")
    return X @ model.w + model.b


def _log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def _newton(A, T, penalty):
    """W (q, K) = argmin −Σ T log softmax(AW) + ½ Σ penalty W², for A (n, q), T (n, K), penalty (q, 1)."""
    (n, q), K = A.shape, T.shape[1]
    W = np.zeros((q, K))

    def loss(W):
        return -np.sum(T * _log_softmax(A @ W)) + np.sum(penalty * W**2) / 2

    for _ in range(100):
        P = np.exp(_log_softmax(A @ W))
        g = A.T @ (P - T) + penalty * W
        B = (P[:, :, None] * A[:, None, :]).reshape(n, K * q)
        H = -B.T @ B + np.diag(np.tile(penalty[:, 0], K))
        for c in range(K):
            H[c * q:(c + 1) * q, c * q:(c + 1) * q] += A.T @ B[:, c * q:(c + 1) * q]
        # One vector added to all K columns leaves the softmax as it is: bar that direction, H is regular.
        H += np.kron(np.ones((K, K)), np.eye(q) * np.trace(H) / (K * q))
        step = np.linalg.solve(H, g.T.ravel()).reshape(K, q).T
        gain, rate, here = np.sum(g * step), 1.0, loss(W)
        while rate > 1e-10 and loss(W - rate * step) > here - 1e-4 * rate * gain + 1e-14 * abs(here):
            rate /= 2
        W = W - rate * step
        if gain <= 1e-10 * (1 + here):
            return W
    raise RuntimeError(f"100 steps did not reach the optimum, the last one still promised {gain:.2g}: "
                       "scale the columns of X alike, or raise the penalty")
