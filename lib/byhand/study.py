"""One network, one task, and one regularizer at a time: what the lessons on regularization share.

The task is to read digits from a few hundred images, part of whose labels are wrong. Every seed draws its images,
its wrong labels and its initial weights, and trains two nets: one on the true labels, one with the wrong ones among
them. A tool is put in by an argument of `train`; all else stays as it is for that seed, so results are paired.

Shapes: with S seeds there are 2S nets, trained at once: those with true labels first. `theta` is (2S, P). X is
(S, n, 64), one set of images for each seed; labels are (2S, n).

Errors: counts and shares out of range raise ValueError, the wrong type raises TypeError.
"""

from dataclasses import dataclass, field

import numpy as np

from byhand import _check
from byhand._models import last
from byhand.data import digits
from byhand.nn import Linear, Net, ReLU, accuracy, softmax_cross_entropy
from byhand.optim import Adam

CLASSES = 10


def wrong_labels(labels, share, classes, rng):
    """Labels (n,), each with probability `share` replaced by another of the `classes`, all others alike."""
    labels = _check.array("labels", labels, ndim=1)
    _check.scalar("share", share, 0, 1)
    _check.count("classes", classes, 2)
    wrong = _check.generator("rng", rng).random(len(labels)) < share
    return np.where(wrong, (labels + rng.integers(1, classes, len(labels))) % classes, labels)


def one_hidden_layer(rng, width=128):
    """The layers of the baseline: 64 → `width` → 10, with ReLU between."""
    return Linear(64, width, rng), ReLU(), Linear(width, CLASSES, rng)


@dataclass(eq=False)
class DigitsStudy:
    """`seeds` paired runs on `n` images each, with a `wrong` share of wrong labels in one run of each pair.

        study = DigitsStudy(rng)
        base = study.accuracy(study.last())                           # (2, S): true labels, some wrong
        tool = study.accuracy(study.last(batch=lambda x, q, rng: (x + rng.normal(0, 0.3, x.shape), q)))
        paired_effect(100 * tool[1], 100 * base[1])                   # in points, where some are wrong

    As many images again are for validation, the rest, 1,797 − 2n, for testing.
    """

    rng: np.random.Generator = field(repr=False)
    seeds: int = 8
    n: int = 300
    wrong: float = 0.2
    X: np.ndarray = field(init=False, repr=False)
    labels: np.ndarray = field(init=False, repr=False)

    def __post_init__(self):
        _check.generator("rng", self.rng)
        _check.count("seeds", self.seeds)
        _check.count("n", self.n, CLASSES, 800)
        _check.scalar("wrong", self.wrong, 0, 1)
        self._streams = self.rng.integers(2**32, size=self.seeds)
        X, y = digits()
        rows, true, noisy = [], [], []
        for seed in self._streams:
            rng = np.random.default_rng([seed, 0])
            rows.append(rng.permutation(len(y)))
            true.append(y[rows[-1][: self.n]])
            noisy.append(wrong_labels(true[-1], self.wrong, CLASSES, rng))
        rows = np.array(rows)
        self.labels = np.array(true + noisy)
        self.X, self._validation, self._test = (
            X[part] for part in np.split(rows, [self.n, 2 * self.n], axis=1))
        self._validation_y, self._test_y = y[rows[:, self.n : 2 * self.n]], y[rows[:, 2 * self.n :]]
        self._validation_wrong = np.array([
            wrong_labels(labels, self.wrong, CLASSES, np.random.default_rng([seed, 3]))
            for seed, labels in zip(self._streams, self._validation_y, strict=True)])

    def train(self, *, layers=one_hidden_layer, opt=None, batch=None, penalty=None, perturb=None,
              count=60, size=50):
        """Trains all nets side by side and yields them, a `Net` with theta (2S, P), after each of `count` epochs.

        layers   `layers(rng)` returns the layers of a net.
        opt      the gradient method; Adam(0.003) by default.
        batch    `batch(x, q, rng)` changes one net's inputs (size, 64) and soft labels (size, 10).
        penalty  `penalty(theta)` returns a gradient that is added to that of the loss.
        perturb  `perturb(theta, rng)` returns where the gradient is taken; the step is made from theta itself.
        """
        _check.count("count", count)
        _check.count("size", size, 1, self.n)
        opt = Adam(0.003) if opt is None else opt
        nets = [Net(*layers(np.random.default_rng([seed, 1]))) for seed in self._streams]
        orders, draws = ([np.random.default_rng([seed, of]) for seed in self._streams] for of in (2, 4))
        net = nets[0]
        net.theta = np.tile([one.theta for one in nets], (2, 1))
        X, Q = np.concatenate([self.X, self.X]), np.eye(CLASSES)[self.labels]
        each = np.arange(len(X))[:, None]
        for _ in range(count):
            order = np.array([rng.permutation(self.n) for rng in orders] * 2)
            for start in range(0, self.n, size):
                rows = order[:, start : start + size]
                x, q = X[each, rows], Q[each, rows]
                if batch is not None:
                    x, q = map(np.array, zip(*map(batch, x, q, draws * 2), strict=True))
                theta = net.theta
                if perturb is not None:
                    net.theta = perturb(theta, draws[0])
                net.backward(softmax_cross_entropy(net.forward(x), q)[1], dx=False)
                g = net.grad if penalty is None else net.grad + penalty(theta)
                net.theta = opt.step(theta, g)
            yield net

    def last(self, **tools):
        """The nets after the last epoch of `train(**tools)`."""
        return last(self.train(**tools))

    def accuracy(self, net, change=None):
        """The share of the test images that each net reads right, (2, S): trained on true labels, on some wrong."""
        return accuracy(*self.test(net, change)).reshape(2, -1)

    def test(self, net, change=None):
        """The logits of each net on its test images and their labels, (2S, m, 10) and (2S, m).

        `change(x)` changes the images (S, m, 64) of all seeds before they are read.
        """
        x = self._test if change is None else change(self._test)
        return net(np.tile(x, (2, 1, 1))), np.tile(self._test_y, (2, 1))

    def validation_loss(self, net, *, true=True):
        """The cross-entropy of each net on its validation images, (2S,).

        Their labels are true, or with `true=False` as wrong as those that the net was trained on.
        """
        labels = np.concatenate([self._validation_y, self._validation_y if true else self._validation_wrong])
        return softmax_cross_entropy(net(np.tile(self._validation, (2, 1, 1))), labels)[0]

    def training_loss(self, net):
        """The cross-entropy of each net on the images and labels that it was trained on, (2S,)."""
        return softmax_cross_entropy(net(np.concatenate([self.X, self.X])), self.labels)[0]
