"""Linear models, and what one decomposition of the inputs gives at once: every penalty, every point left out.

Shapes: X (n, p); y (n,), or (n, m) for m targets at once; k penalties λ; coefficients w (k, p) or (k, p, m),
intercepts b (k,) or (k, m). One number as penalty drops the axis k. With `intercept` (the default) b is
not penalized: X and y are centred by their means x̄ and ȳ, and b = ȳ − x̄ᵀw.

X = U S Vᵀ is the singular value decomposition of the centred X, without the directions whose singular value
is 0 up to rounding. It costs as much as one fit; each further penalty costs two products.

Errors: wrong axes, an empty array, a NaN or an infinity, lengths that differ, a negative penalty and a
`predict` before `fit` raise ValueError; what is no number raises TypeError. A failed `fit` changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.polynomial.polynomial import polyvander

from byhand import _check


def polynomial_features(x, degree, basis=polyvander):
    """The columns 1, x, x², …, x^degree of each x: (n,) becomes (n, degree + 1).

    `basis(x, degree)` makes them: `numpy.polynomial.legendre.legvander` spans the same polynomials with
    columns that are nearly orthogonal for x spread over [−1, 1], so that rounding does less harm.
    """
    x = _check.finite("x", x, ndim=1)
    _check.count("degree", degree, 0)
    return _check.function("basis", basis)(x, degree)


def ridge(X, y, penalties, *, intercept=True):
    """w = argmin ‖y − b − Xw‖² + λ‖w‖² = V diag(s/(s² + λ)) Uᵀy for each penalty λ; returns (w, b).

    λ = 0 is least squares, and where that has many solutions the shortest (Hoerl and Kennard, 1970).
    """
    X, y, penalties = _checked(X, y, penalties)
    w, b = _ridge(X, _columns(y), penalties.ravel(), intercept)
    k, m = penalties.shape, y.shape[1:]
    return w.reshape((*k, X.shape[1], *m)), b.reshape(k + m)


def minimum_norm(X, y):
    """w = V diag(1/s) Uᵀy: of all w with the least ‖y − Xw‖² the one with the least ‖w‖. No intercept."""
    return ridge(X, y, 0, intercept=False)[0]


def leave_one_out(X, y, penalties, *, intercept=True):
    """How far each point lies from the ridge fitted to the others: (k, n) or (k, n, m), without refitting.

        yᵢ − ŷᵢ⁽⁻ⁱ⁾ = (yᵢ − ŷᵢ) / (1 − hᵢ),   hᵢ = 1/n + Σⱼ uᵢⱼ² sⱼ²/(sⱼ² + λ)

    hᵢ is the leverage; 1/n is the intercept's (Allen, 1974). Raises ValueError where hᵢ = 1: such a point
    is fitted whatever its y, as all are by least squares with as many coefficients as points.
    """
    X, y, penalties = _checked(X, y, penalties)
    n = _check.count("n = len(X)", len(X), 2)
    Y = _columns(y)
    y_mean = Y.mean(axis=0) if intercept else 0
    U, s, _, _ = _decompose(X, intercept)
    kept = s**2 / (s**2 + penalties.reshape(-1, 1))                              # (k, r)
    fitted = y_mean + U @ (kept[:, :, None] * (U.T @ (Y - y_mean)))              # (k, n, m)
    free = 1 - kept @ (U**2).T - (1 / n if intercept else 0)                     # (k, n): 1 − hᵢ
    if (free < 100 * np.finfo(X.dtype).eps).any():
        k, i = (int(j) for j in np.argwhere(free < 100 * np.finfo(X.dtype).eps)[0])
        raise ValueError(f"penalties must leave every point a leverage below 1, "
                         f"got {penalties.ravel()[k]:g}, where that of point {i} is 1")
    return ((Y - fitted) / free[:, :, None]).reshape(*penalties.shape, *y.shape)


def cross_validate_ridge(X, y, penalties, folds, *, intercept=True, map=map):
    """The mean squared error of each penalty on the test part of each fold: (folds, k).

    `folds` are pairs (train, test) of indices, as from `validation.kfold`. The same numbers as
    `validation.cross_validate` of `Ridge(λ)` for each λ, but with one decomposition a fold.
    """
    X, y, penalties = _checked(X, y, penalties)
    folds = _check.folds(folds, len(X))
    errors = list(map(partial(_fold_errors, X, _columns(y), penalties.ravel(), intercept), folds))
    return np.reshape(errors, (len(folds), *penalties.shape))


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
        return f"Polynomial(degree={self.degree}, penalty={self.penalty}, basis={self.basis.__name__})"

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
            raise ValueError(f"y must hold at least 2 classes, got only {classes[0]!r}")
        # The optimum is a combination of rows of X, so V and all it leaves out can wait until the end.
        U, s, Vt, mean = _decompose(X.astype(float), self.intercept)
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


def _checked(X, y, penalties):
    X, y = _check.finite("X", X, ndim=2), _check.finite("y", y, ndim=(1, 2))
    _check.same_length("X", X, "y", y)
    penalties = np.asarray(_check.number("penalties", penalties, 0), dtype=X.dtype)
    if penalties.ndim > 1:
        raise ValueError(f"penalties must have 0 or 1 axes, got shape {penalties.shape}")
    return X, y, penalties


def _columns(y):
    return y.reshape(len(y), -1)


def _decompose(X, intercept):
    """U (n, r), s (r,), Vᵀ (r, p) of the centred X of rank r, and the means (p,) taken off."""
    mean = X.mean(axis=0) if intercept else np.zeros(X.shape[1], X.dtype)
    U, s, Vt = np.linalg.svd(X - mean, full_matrices=False)
    r = np.count_nonzero(s > max(X.shape) * np.finfo(s.dtype).eps * s[0])
    return U[:, :r], s[:r], Vt[:r], mean


def _ridge(X, Y, penalties, intercept):
    """`ridge` without its checks: w (k, p, m) and b (k, m) for Y (n, m) and penalties (k,)."""
    U, s, Vt, mean = _decompose(X, intercept)
    y_mean = Y.mean(axis=0) if intercept else np.zeros(Y.shape[1], Y.dtype)
    shrunk = s / (s**2 + penalties[:, None])                                    # (k, r)
    w = Vt.T @ (shrunk[:, :, None] * (U.T @ (Y - y_mean)))
    return w, y_mean - mean @ w


def _fold_errors(X, Y, penalties, intercept, fold):
    train, test = fold
    w, b = _ridge(X[train], Y[train], penalties, intercept)
    return ((Y[test] - X[test] @ w - b[:, None]) ** 2).mean(axis=(1, 2))


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
