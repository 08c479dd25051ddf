"""Functions to descend, with their gradients: small enough to draw, hard enough to tell methods apart.

Shapes: points are (…, d) and the gradient has the same shape; a value has shape (…).
"""

from dataclasses import dataclass

import numpy as np

from byhand import _check


@dataclass(eq=False)
class Quadratic:
    """f(x) = ½ Σ λᵢxᵢ², a valley along the axes with curvature λᵢ along the i-th; its least value is f(0) = 0.

    `curvatures` is (d,), all positive. Every smooth function looks like this near a minimum, once the axes are
    turned along the eigenvectors of its Hessian; `angle` turns the first two back, by so many radians.
    """

    curvatures: tuple
    angle: float = 0.0

    def __post_init__(self):
        self.curvatures = tuple(np.atleast_1d(_check.number("curvatures", self.curvatures, 0, open_low=True)).tolist())
        _check.number("angle", self.angle)

    @property
    def condition(self):
        """κ = λmax / λmin."""
        return max(self.curvatures) / min(self.curvatures)

    def __call__(self, x):
        return 0.5 * (x * self.grad(x)).sum(axis=-1)

    def grad(self, x):
        """The matrix of curvatures times x."""
        x = _check.array("x", x)
        if x.shape[-1:] != (len(self.curvatures),):
            raise ValueError(f"x must have {len(self.curvatures)} numbers along its last axis, got shape {x.shape}")
        return self._turn(self._turn(x, -self.angle) * self.curvatures, self.angle)

    def _turn(self, x, angle):
        if not angle:
            return x
        turned = np.array(x, dtype=float)
        turned[..., 0] = np.cos(angle) * x[..., 0] - np.sin(angle) * x[..., 1]
        turned[..., 1] = np.sin(angle) * x[..., 0] + np.cos(angle) * x[..., 1]
        return turned
