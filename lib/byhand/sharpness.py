"""How sharp is a minimum? Two answers: the rise of the loss in a box around it, and its largest curvature.

Shapes: `loss_grad(x)` returns the loss and its gradient at x (P,), as training computes them; with x (S, P), S
points are measured at once, and the loss is (S,). Work in float64: both look at small differences of a loss.

Errors: a `loss_grad` that is no function, an x that is not finite, a bad count or width raise TypeError or ValueError.
"""

import numpy as np

from byhand import _check


def box_sharpness(loss_grad, x, rng, eps=1e-3, steps=10):
    """The largest rise of the loss f in the box |zᵢ| ≤ ε(|xᵢ| + 1), in per cent of 1 + f:

        100 (max f(x + z) − f(x)) / (1 + f(x))

    Keskar et al. (2017, metric 2.1), who climb by ten iterations of L-BFGS-B. Here each of `steps` goes to the
    corner z = ε(|x| + 1) sign ∇f(x + z) at which the loss, taken as linear, is largest; where f is convex it never
    falls on the way. The start is a random corner, and the largest value met counts: a lower bound of the maximum.
    """
    x, eps = _ready(loss_grad, x, rng, steps), _check.scalar("eps", eps, 0, open_low=True)
    box, here = eps * (abs(x) + 1), loss_grad(x)[0]
    z, highest = box * rng.choice([-1.0, 1.0], x.shape), here
    for _ in range(steps):
        value, g = loss_grad(x + z)
        highest, z = np.maximum(highest, value), np.where(g < 0, -box, box)
    return 100 * (np.maximum(highest, loss_grad(x + z)[0]) - here) / (1 + here)


def largest_curvature(loss_grad, x, rng, steps=50, h=1e-2):
    """The largest eigenvalue of the Hessian H, by power iteration: v ← Hv / ‖Hv‖, then λ = vᵀHv.

    H is never formed. Its product with v is a difference of two gradients:

        Hv ≈ (∇f(x + hv) − ∇f(x − hv)) / 2h

    A λ below 0 that is larger in size would win. So once one shows, H + |λ|I is iterated in place of H.
    A ReLU's gradient jumps at its kinks. Over h = 0.01 the jumps average out; a much smaller h divides the jump at
    a kink that happens to lie at x by almost nothing. For a smooth f take 1e-4.
    """
    x, h = _ready(loss_grad, x, rng, steps), _check.scalar("h", h, 0, open_low=True)
    Hv, shift = rng.normal(size=x.shape), 0.0
    for _ in range(steps):
        v = Hv / np.maximum(np.linalg.norm(Hv, axis=-1, keepdims=True), np.finfo(float).tiny)
        Hv = (loss_grad(x + h * v)[1] - loss_grad(x - h * v)[1]) / (2 * h)
        curvature = (v * Hv).sum(axis=-1, keepdims=True)
        shift = np.maximum(shift, -curvature)
        Hv = Hv + shift * v
    return curvature[..., 0]


def _ready(loss_grad, x, rng, steps):
    _check.function("loss_grad", loss_grad)
    _check.generator("rng", rng)
    _check.count("steps", steps)
    return _check.finite("x", x).astype(float)
