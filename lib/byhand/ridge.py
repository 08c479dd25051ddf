"""Ridge regression in closed form: what one decomposition of the inputs gives at once.

Shapes: X (n, p); y (n,), or (n, m) for m targets at once; k penalties λ; coefficients w (k, p) or (k, p, m),
intercepts b (k,) or (k, m). One number as penalty drops the axis k. With `intercept` (the default) b is
not penalized: X and y are centred by their means x̄ and ȳ, and b = ȳ − x̄ᵀw.

X = U S Vᵀ is the singular value decomposition of the centred X, without the directions whose singular value
is 0 up to rounding. It costs as much as one fit; each further penalty costs two products.

Errors: wrong axes, an empty array, a NaN or an infinity, lengths that differ and a negative penalty raise
ValueError; what is no number raises TypeError.
"""

from functools import partial

import numpy as np

from byhand import _check


def ridge(X, y, penalties, *, intercept=True):
    """w = argmin ‖y − b − Xw‖² + λ‖w‖² = V diag(s/(s² + λ)) Uᵀy for each penalty λ; returns (w, b).

    λ = 0 is least squares, and where that has many solutions the shortest (Hoerl and Kennard, 1970).
    """
    X, Y, penalties, k, m = _checked(X, y, penalties)
    w, b = _ridge(X, Y, penalties, intercept, _by_svd)
    return w.swapaxes(0, 1).reshape((*k, X.shape[1], *m)), b.reshape(k + m)


def minimum_norm(X, y):
    """w = V diag(1/s) Uᵀy: of all w with the least ‖y − Xw‖² the one with the least ‖w‖. No intercept."""
    return ridge(X, y, 0, intercept=False)[0]


def leave_one_out(X, y, penalties, *, intercept=True):
    """How far each point lies from the ridge fitted to the others: (k, n) or (k, n, m), without refitting.

        yᵢ − ŷᵢ⁽⁻ⁱ⁾ = (yᵢ − ŷᵢ) / (1 − hᵢ),   hᵢ = 1/n + Σⱼ uᵢⱼ² sⱼ²/(sⱼ² + λ)

    hᵢ is the leverage; 1/n is the intercept's (Allen, 1974). Raises ValueError where hᵢ = 1: such a point
    is fitted whatever its y, as all are by least squares with as many coefficients as points.
    """
    X, Y, penalties, k, m = _checked(X, y, penalties)
    n = _check.count("n = len(X)", len(X), 2)
    x_mean, y_mean = _means(X, Y, intercept)
    U, s, _ = decompose(X - x_mean)
    kept = s**2 / (s**2 + penalties[:, None])                                    # (k, r)
    fitted = y_mean + U @ (kept[:, :, None] * (U.T @ (Y - y_mean)))              # (k, n, m)
    free = 1 - kept @ (U**2).T - bool(intercept) / n                             # (k, n): 1 − hᵢ
    if (bound := free < 100 * np.finfo(X.dtype).eps).any():
        j, i = np.argwhere(bound)[0]
        raise ValueError("penalties must leave every point a leverage below 1, "
                         f"got {penalties[j]:g}, where that of point {i} is 1")
    return ((Y - fitted) / free[:, :, None]).reshape((*k, n, *m))


def cross_validate_ridge(X, y, penalties, folds, *, intercept=True, map=map):
    """The mean squared error of each penalty on the test part of each fold: (folds, k).

    `folds` are pairs (train, test) of indices, as from `validation.kfold`. The same numbers as
    `validation.cross_validate` of `Ridge(λ)` for each λ, but with one decomposition a fold.
    """
    X, Y, penalties, k, _ = _checked(X, y, penalties)
    folds = _check.folds(folds, len(X))
    doubles = [a.astype(float) for a in (X, Y, penalties)]
    errors = list(map(partial(_fold_errors, *doubles, intercept), folds))
    return np.reshape(errors, (len(folds), *k)).astype(X.dtype)


def decompose(X):
    """U (n, r), s (r,), Vᵀ (r, p) of X (n, p) of rank r."""
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    r = np.count_nonzero(s > max(X.shape) * np.finfo(s.dtype).eps * s[0])
    return U[:, :r], s[:r], Vt[:r]


def _checked(X, y, penalties):
    X, y = _check.finite("X", X, ndim=2), _check.finite("y", y, ndim=(1, 2))
    _check.same_length("X", X, "y", y)
    penalties = np.asarray(_check.number("penalties", penalties, 0), dtype=X.dtype)
    if penalties.ndim > 1:
        raise ValueError(f"penalties must have 0 or 1 axes, got shape {penalties.shape}")
    return X, y.reshape(len(y), -1), penalties.ravel(), penalties.shape, y.shape[1:]


def _means(X, Y, intercept):
    """What is taken off before a fit: the means x̄ (p,) and ȳ (m,), or zeros."""
    return [a.mean(axis=0) if intercept else np.zeros(a.shape[1], a.dtype) for a in (X, Y)]


def _ridge(X, Y, penalties, intercept, spectrum):
    """w (p, k, m) and b (k, m) for Y (n, m) and penalties (k,)."""
    x_mean, y_mean = _means(X, Y, intercept)
    squares, V, z = spectrum(X - x_mean, Y - y_mean, penalties)
    w = np.tensordot(V, z[:, None] / (squares[:, None] + penalties)[:, :, None], 1)
    return w, y_mean - np.tensordot(x_mean, w, 1)


def _by_svd(X, Y, penalties):
    """s² (r,), V (p, r) and z = SUᵀY (r, m), of which w = V diag(1/(s² + λ)) z."""
    U, s, Vt = decompose(X)
    return s**2, Vt.T, s[:, None] * (U.T @ Y)


def _by_gram(X, Y, penalties):
    """The same w from XᵀX = V S² Vᵀ or XXᵀ = U S² Uᵀ, whichever is smaller: several times faster.

    Squaring doubles the digits that rounding takes; where fewer than about 6 would be left, by SVD.
    """
    tall = len(X) >= X.shape[1]
    squares, Q = np.linalg.eigh(X.T @ X if tall else X @ X.T)
    if not squares[0] + penalties.min() > 1e-10 * squares[-1]:
        return _by_svd(X, Y, penalties)
    return (squares, Q, Q.T @ (X.T @ Y)) if tall else (squares, X.T @ Q, Q.T @ Y)


def _fold_errors(X, Y, penalties, intercept, fold):
    train, test = fold
    w, b = _ridge(X[train], Y[train], penalties, intercept, _by_gram)
    return ((Y[test][:, None] - np.tensordot(X[test], w, 1) - b) ** 2).mean(axis=(0, 2))
