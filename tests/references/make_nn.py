"""Writes nn.npz: convolution, pooling, batch normalization and losses as PyTorch has them, in float64.

Run by hand, with PyTorch installed: `python tests/references/make_nn.py`.
Settings under which PyTorch's form is ours: BatchNorm with momentum=0.1, eps=1e-5, affine and running
statistics; cross_entropy and mse_loss with reduction="mean"; pooling with ceil_mode=False and padding=0.
"""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

# x, w, stride, padding, dilation
CONVOLUTIONS = {
    "conv_1d": ((2, 3, 11), (4, 3, 3), 2, 1, 2),
    "conv_2d": ((2, 3, 6, 5), (4, 3, 3, 2), (1, 2), (2, 0), (1, 2)),
    "conv_3d": ((2, 2, 4, 5, 4), (3, 2, 2, 3, 2), (2, 1, 1), (1, 1, 0), (1, 2, 1)),
}
# x, size, stride
POOLINGS = {
    "pool_1d": ((2, 3, 7), 2, 2),
    "pool_2d": ((2, 3, 7, 6), (3, 2), (2, 2)),
    "pool_3d": ((1, 2, 4, 5, 4), 2, 2),
}


def leaf(array):
    return torch.tensor(array, requires_grad=True)


def convolution(rng, x, w, stride, padding, dilation):
    x, w, b = leaf(rng.normal(size=x)), leaf(rng.normal(size=w)), leaf(rng.normal(size=w[0]))
    y = getattr(F, f"conv{x.ndim - 2}d")(x, w, b, stride=stride, padding=padding, dilation=dilation)
    dy = torch.tensor(rng.normal(size=tuple(y.shape)))
    dx, dw, db = torch.autograd.grad(y, (x, w, b), dy)
    return {"x": x, "w": w, "b": b, "y": y, "dy": dy, "dx": dx, "dw": dw, "db": db}


def pooling(rng, shape, size, stride):
    x = leaf(rng.integers(0, 4, shape).astype(float))   # few values, so that there are ties
    kind = f"pool{x.ndim - 2}d"
    out = {"x": x}
    for name, pool in ("max", getattr(F, "max_" + kind)), ("mean", getattr(F, "avg_" + kind)):
        y = pool(x, size, stride)
        dy = torch.tensor(rng.normal(size=tuple(y.shape)))
        out |= {f"{name}_y": y, f"{name}_dy": dy, f"{name}_dx": torch.autograd.grad(y, x, dy)[0]}
    return out


def batch_norm(rng, layer, shape):
    layer = layer.double()
    layer.weight.data, layer.bias.data = torch.tensor(rng.normal(size=(2, shape[1])))
    out = {"gamma": layer.weight, "beta": layer.bias}
    for step in range(2):
        x = leaf(rng.normal(2, 3, shape))
        y = layer(x)
        dy = torch.tensor(rng.normal(size=shape))
        dx, dgamma, dbeta = torch.autograd.grad(y, (x, layer.weight, layer.bias), dy)
        out |= {f"{name}_{step}": value for name, value in {
            "x": x, "y": y, "dy": dy, "dx": dx, "dgamma": dgamma, "dbeta": dbeta,
            "running_mean": layer.running_mean.clone(), "running_var": layer.running_var.clone()}.items()}
    layer.eval()
    return out | {"evaluated": layer(x)}


def losses(rng):
    logits, labels = leaf(5 * rng.normal(size=(6, 4))), torch.tensor(rng.integers(0, 4, 6))
    soft = torch.tensor(rng.dirichlet(np.ones(4), 6))
    target = torch.tensor(rng.normal(size=(6, 4)))
    out = {"logits": logits, "labels": labels, "soft": soft, "target": target}
    for name, loss in {"label": F.cross_entropy(logits, labels), "soft": F.cross_entropy(logits, soft),
                       "square": F.mse_loss(logits, target)}.items():
        out |= {f"{name}_loss": loss, f"{name}_grad": torch.autograd.grad(loss, logits)[0]}
    return out


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    groups = {name: convolution(rng, *how) for name, how in CONVOLUTIONS.items()}
    groups |= {name: pooling(rng, *how) for name, how in POOLINGS.items()}
    groups["norm_features"] = batch_norm(rng, torch.nn.BatchNorm1d(3), (7, 3))
    groups["norm_images"] = batch_norm(rng, torch.nn.BatchNorm2d(3), (4, 3, 2, 5))
    groups["losses"] = losses(rng)
    arrays = {f"{group}/{name}": value.detach().numpy() for group, values in groups.items()
              for name, value in values.items()}
    np.savez_compressed(Path(__file__).with_name("nn.npz"), **arrays)
