"""Writes optim.npz: where torch.optim goes on 20 given gradients, in float64, for all of byhand.optim.

Run by hand, with PyTorch installed: `python tests/references/make_optim.py`.
Settings under which PyTorch's form is ours: SGD with dampening=0; Adagrad with lr_decay=0 and
initial_accumulator_value=0; Adadelta with lr=1; RMSprop with centered=False and momentum=0 (its alpha is
our rho); Adam with amsgrad=False; weight_decay=0 for all but AdamW.
"""

from pathlib import Path

import numpy as np
import torch
from torch import optim

METHODS = {
    "gradient_descent": lambda x: optim.SGD([x], lr=0.1),
    "momentum": lambda x: optim.SGD([x], lr=0.1, momentum=0.9, dampening=0),
    "nesterov": lambda x: optim.SGD([x], lr=0.1, momentum=0.9, nesterov=True),
    "adagrad": lambda x: optim.Adagrad([x], lr=0.1, lr_decay=0, initial_accumulator_value=0, eps=1e-3),
    "adadelta": lambda x: optim.Adadelta([x], lr=1.0, rho=0.95, eps=1e-3),
    "rmsprop": lambda x: optim.RMSprop([x], lr=0.1, alpha=0.9, eps=1e-3, centered=False, momentum=0),
    "adam": lambda x: optim.Adam([x], lr=0.1, betas=(0.9, 0.999), eps=1e-3, amsgrad=False),
    "adamw": lambda x: optim.AdamW([x], lr=0.1, betas=(0.9, 0.999), eps=1e-3, weight_decay=0.05),
}

if __name__ == "__main__":
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=5), rng.normal(size=(20, 5)) * [1e-3, 0.1, 1, 10, 0]
    arrays = {"start": start, "gradients": gradients}
    for name, make in METHODS.items():
        x = torch.tensor(start, requires_grad=True)
        opt, points = make(x), []
        for g in gradients:
            x.grad = torch.tensor(g)
            opt.step()
            points.append(x.detach().numpy().copy())
        arrays[name] = np.array(points)
    np.savez_compressed(Path(__file__).with_name("optim.npz"), **arrays)
