"""Is a gradient right? Compare it with finite differences.

Shapes: `x` has any shape, the gradient has the same. Work in float64: in float32 the
difference of two nearby values has only two or three digits left.
"""

import numpy as np

from byhand import _check


def numerical_gradient(f, x, h=None):
    """The gradient of the scalar function `f` at `x`, by central differences:

        ∂f/∂xᵢ ≈ (f(x + h eᵢ) − f(x − h eᵢ)) / 2h

    The default `h` is ∛(machine precision) times |xᵢ|, or times 1 where |xᵢ| is smaller: it balances the error
    of the formula, which grows as h², with rounding, which grows as 1/h (Press et al., Numerical Recipes, §5.7).
    `f` is called with a copy, so `x` is left as it was. Raises ValueError or TypeError where `f` does not
    return one finite number.
    """
    _check.function("f", f)
    x = np.array(_check.finite("x", x), dtype=float)
    if h is not None:
        h = _check.scalar("h", h, 0, open_low=True)
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        step = np.cbrt(np.finfo(float).eps) * max(1.0, abs(x[i])) if h is None else h
        sides = []
        for shifted in (x[i] + step, x[i] - step):
            there = x.copy()
            there[i] = shifted
            value = _check.finite("f(x)", f(there))
            if value.size != 1:
                raise ValueError(f"f must return one number, got an array of shape {value.shape}")
            sides.append(value.item())
        gradient[i] = (sides[0] - sides[1]) / (2 * step)
    return gradient


def relative_error(a, b):
    """How far apart `a` and `b` are, beside their size: ‖a − b‖ / max(‖a‖, ‖b‖), and 0 where both are 0.

    Below 1e-6 in float64, a gradient is right; around 1e-2 it is wrong somewhere.
    """
    a, b = _check.finite("a", a), _check.finite("b", b)
    _check.same_shape("a", a, "b", b)
    largest = max(np.abs(a).max(), np.abs(b).max())
    if not largest:
        return 0.0
    a, b = a / largest, b / largest             # else the squares of tiny or huge numbers would be 0 or inf
    return float(np.linalg.norm(a - b) / max(np.linalg.norm(a), np.linalg.norm(b)))
