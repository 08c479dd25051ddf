"""Losses to validate with: functions of (y, prediction) that return one number, small when they agree.

Shapes: y and prediction have one shape, any; for `log_loss` y (n,) and probabilities (n, K). Gradients are
not needed here; the losses that have them are in `nn`.

Errors: an empty array, a NaN and two shapes that differ raise ValueError; wrong types raise TypeError.
"""

import numpy as np

from byhand import _check


def mean_squared_error(y, prediction):
    """Σ(y − ŷ)²/n."""
    y, prediction = _check.finite("y", y), _check.finite("prediction", prediction)
    _check.same_shape("y", y, "prediction", prediction)
    return float(np.mean((y - prediction) ** 2))


def error_rate(y, prediction):
    """The share of labels that differ."""
    y, prediction = _check.rows("y", y), _check.rows("prediction", prediction)
    _check.same_shape("y", y, "prediction", prediction)
    return float(np.mean(y != prediction))


def log_loss(y, probabilities):
    """−Σᵢ log pᵢ(yᵢ)/n, for labels y from 0 to K − 1 and probabilities (n, K)."""
    p = _check.finite("probabilities", probabilities, ndim=2)
    y = _check.array("y", y, ndim=1)
    _check.same_length("y", y, "probabilities", p)
    _check.number("probabilities", p, 0, 1)
    if y.dtype.kind not in "iu":
        raise TypeError(f"y must hold whole numbers, got {y.dtype}")
    _check.number("y", y, 0, p.shape[1] - 1)
    return float(-np.mean(np.log(np.maximum(p[np.arange(len(y)), y], np.finfo(p.dtype).eps))))
