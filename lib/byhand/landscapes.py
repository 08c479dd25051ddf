"""Functions to descend, with their gradients: small enough to draw, hard enough to tell methods apart.

Shapes: points are (…, d) and the gradient has the same shape; a value has shape (…).
"""

from dataclasses import dataclass

import numpy as np

from byhand import _check


@dataclass(eq=False)
class Quadratic:
    """f(x) = ½ Σ λᵢxᵢ², a valley along the axes with curvature λᵢ along the i-th; least at 0, where it is 0.

    `curvatures` is (d,), all positive. Every smooth function looks like this near a minimum, once the axes
    are turned along the eigenvectors of its Hessian; `angle` turns the first two back, by so many radians.
    """

    curvatures: tuple
    angle: float = 0.0

    def __post_init__(self):
        curvatures = np.atleast_1d(_check.array("curvatures", self.curvatures, ndim=(0, 1)))
        self.curvatures = tuple(_check.number("curvatures", curvatures, 0, open_low=True).tolist())
        _check.scalar("angle", self.angle)
        if self.angle and len(self.curvatures) < 2:
            raise ValueError(f"angle must be 0 with one curvature, got {self.angle}")

    @property
    def condition(self):
        """κ = λmax / λmin."""
        return max(self.curvatures) / min(self.curvatures)

    def __call__(self, x):
        return 0.5 * (x * self.grad(x)).sum(axis=-1)

    def grad(self, x):
        """The matrix of curvatures times x."""
        x, d = _check.array("x", x), len(self.curvatures)
        x = x if x.dtype.kind == "f" else x.astype(float)
        if x.shape[-1:] != (d,):
            raise ValueError(f"x must have {d} numbers along its last axis, got shape {x.shape}")
        return self._turn(self._turn(x, -self.angle) * np.asarray(self.curvatures, x.dtype), self.angle)

    def _turn(self, x, angle):
        if not angle:
            return x
        turned = x.copy()
        turned[..., 0] = np.cos(angle) * x[..., 0] - np.sin(angle) * x[..., 1]
        turned[..., 1] = np.sin(angle) * x[..., 0] + np.cos(angle) * x[..., 1]
        return turned
