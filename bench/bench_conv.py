"""Convolution, forward and backward, beside PyTorch: float32, 3×3 kernels with padding 1, and the gradients of x, w, b.

Sizes as a lesson has them: the bundled digits are 8×8 with one channel, larger images are 14×14 and 28×28.
"""

from functools import partial

import numpy as np
import torch
from byhand.conv import conv, conv_backward

from bench.harness import Case

torch.set_num_threads(1)

# Channels in and out, one side of the signal, image or volume, and the batch.
SIZES = {
    "1-D": [(1, 8, 64, 64), (8, 16, 64, 64), (16, 32, 64, 64)],
    "2-D": [(1, 8, 8, 64), (8, 16, 8, 64), (16, 32, 8, 64), (16, 32, 14, 64), (1, 8, 28, 64), (16, 32, 28, 64)],
    "3-D": [(1, 4, 8, 16), (4, 8, 8, 16), (8, 16, 8, 16), (1, 8, 12, 8), (8, 8, 12, 8), (8, 16, 16, 4)],
}
GOALS = {"1-D": None, "2-D": 1.2, "3-D": 1.0}


def cases():
    for dims, (kind, sizes) in enumerate(SIZES.items(), 1):
        for size in sizes:
            yield _case(kind, dims, *size)
    for stride, dilation in (2, 1), (1, 2):
        how = f"2-D, stride {stride}, dilation {dilation}"
        for size in SIZES["2-D"][1:4]:
            yield _case(how, 2, *size, stride=stride, dilation=dilation)


def _case(group, dims, c, f, side, n, stride=1, dilation=1):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, c, *[side] * dims)).astype(np.float32)
    w = rng.normal(size=(f, c, *[3] * dims)).astype(np.float32)
    b = rng.normal(size=f).astype(np.float32)
    how = {"stride": stride, "padding": 1, "dilation": dilation}
    peer = partial(getattr(torch.nn.functional, f"conv{dims}d"), **how)
    tensors = [torch.tensor(a, requires_grad=True) for a in (x, w, b)]
    dy = rng.normal(size=tuple(peer(*tensors).shape)).astype(np.float32)
    dy_tensor = torch.tensor(dy)

    def ours():
        return conv(x, w, b, **how), *conv_backward(dy, x, w, **how)

    def theirs():
        y = peer(*tensors)
        return y, *torch.autograd.grad(y, tensors, dy_tensor)

    def agree():
        for a, t in zip(ours(), theirs(), strict=True):
            t = t.detach().numpy()
            np.testing.assert_allclose(a, t, rtol=1e-3, atol=1e-4 * np.abs(t).max())

    return Case(f"conv {group} {c}→{f}, side {side}, N={n}", ours, theirs, "PyTorch", agree, group, GOALS.get(group))
