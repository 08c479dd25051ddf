"""Writes regularize.npz: PyTorch's cross-entropy with label smoothing, and its gradient, in float64.

Run by hand, with PyTorch installed: `python tests/references/make_regularize.py`.
"""

from pathlib import Path

import numpy as np
import torch

SMOOTHINGS = [0.0, 0.1, 0.5, 1.0]

if __name__ == "__main__":
    rng = np.random.default_rng(0)
    logits, labels = 3 * rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
    losses, gradients = [], []
    for smoothing in SMOOTHINGS:
        z = torch.tensor(logits, requires_grad=True)
        loss = torch.nn.functional.cross_entropy(z, torch.tensor(labels), label_smoothing=smoothing)
        loss.backward()
        losses.append(loss.item())
        gradients.append(z.grad.numpy())
    np.savez_compressed(Path(__file__).with_name("regularize.npz"), logits=logits, labels=labels,
                        smoothings=SMOOTHINGS, losses=losses, gradients=gradients)
