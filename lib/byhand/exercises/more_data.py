"""Exercises of the lesson on more data: augmentation and noise."""

import numpy as np

from byhand.exercises import Exercise


def _moved(rng):
    h, w = rng.integers(3, 6, 2)
    dy, dx = rng.choice([-2, -1, 1, 2], 2, replace=False)
    return rng.integers(1, 10, (h, w)).astype(float), int(dy), int(dx)


def _gathered(image, dy, dx, outside):
    rows, columns = np.arange(image.shape[0]) - dy, np.arange(image.shape[1]) - dx
    inside = np.outer((rows >= 0) & (rows < len(rows)), (columns >= 0) & (columns < len(columns)))
    moved = image[np.ix_(rows.clip(0, len(rows) - 1), columns.clip(0, len(columns) - 1))]
    return np.where(inside, moved, moved if outside is None else outside)


def _shift(image, dy, dx):
    return _gathered(image, dy, dx, 0.0)


def _linear(rng):
    n, d = rng.integers(4, 7), rng.integers(2, 4)
    return rng.normal(size=(n, d)), rng.normal(size=n), rng.normal(size=d), rng.uniform(0.3, 0.8)


def _loss(X, y, w, penalty):
    return np.sum((y - X @ w) ** 2) + penalty * w @ w, 2 * X.T @ (X @ w - y) + 2 * penalty * w


def _noisy_loss(X, y, w, sigma):
    return _loss(X, y, w, len(y) * sigma**2)


def _half_gradient(X, y, w, sigma):
    loss, gradient = _noisy_loss(X, y, w, sigma)
    return loss, gradient - len(y) * sigma**2 * w


def _weight_noise(X, y, w, sigma):
    loss, gradient = _loss(X, y, w, 0)
    return loss + sigma**2 * np.sum(X**2), gradient


def _labelled(rng):
    images, labels = rng.normal(size=(6, 2, 3)), rng.integers(0, 5, 6)
    labels[:2] = 0, 3
    return images, labels, np.array([0, 1, 2]), rng.permutation([True, True, True, True, False, False])


def _mirrored(images, which):
    return np.where(which[:, None, None], images[:, :, ::-1], images)


def _mirror(images, labels, allowed, heads):
    return _mirrored(images, heads & np.isin(labels, allowed))


SHIFT = Exercise(
    "shift_image", ("the image",), _moved, _shift, {
        "what leaves on one side comes in on the other, as np.roll does it; fill with 0 instead":
            lambda image, dy, dx: np.roll(image, (dy, dx), (0, 1)),
        "the edge is repeated where nothing comes in; fill with 0":
            lambda image, dy, dx: _gathered(image, dy, dx, None),
        "the image moved the wrong way: dy > 0 is down, dx > 0 is to the right":
            lambda image, dy, dx: _shift(image, -dy, -dx),
        "dy and dx are exchanged: rows move by dy, columns by dx": lambda image, dy, dx: _shift(image, dx, dy),
    })

NOISY_LOSS = Exercise(
    "noisy_loss", ("the loss", "the gradient"), _linear, _noisy_loss, {
        "the noise was left out": lambda X, y, w, sigma: _loss(X, y, w, 0),
        "σ stands where its square belongs: a variance adds up, a standard deviation does not":
            lambda X, y, w, sigma: _loss(X, y, w, len(y) * sigma),
        "the penalty was counted once, but each of the n rows has noise of its own":
            lambda X, y, w, sigma: _loss(X, y, w, sigma**2),
        "the penalty's gradient is half of what it should be: that of w·w is 2w": _half_gradient,
        "this is noise on the weights; here it is on the inputs": _weight_noise,
    })

MIRROR = Exercise(
    "mirror_some", ("the images",), _labelled, _mirror, {
        "the labels were not looked at: a mirrored 3 is no 3": lambda images, labels, allowed, heads: (
            _mirrored(images, heads)),
        "the coin was not looked at: half of the images should stay as they are":
            lambda images, labels, allowed, heads: _mirrored(images, np.isin(labels, allowed)),
        "the images are upside down; mirror left and right, along the last axis":
            lambda images, labels, allowed, heads: np.where(
                (heads & np.isin(labels, allowed))[:, None, None], images[:, ::-1], images),
        "the others were mirrored, and the allowed ones left": lambda images, labels, allowed, heads: _mirrored(
            images, heads & ~np.isin(labels, allowed)),
    })
