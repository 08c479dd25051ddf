"""More data out of the data: images moved, turned and mirrored, pieces cut out, examples mixed.

Shapes: images are (N, …, H, W), rows from the top and columns from the left; `X.reshape(-1, 1, 8, 8)` makes
them of digits (N, 64). What is moved out of an image is lost, and what comes in is 0. `labels` are (N,);
`targets` are soft labels (N, K) with rows that sum to 1, as from `one_hot`, or other floats (N, …).
Inputs are not changed. Dtypes are kept, but what is interpolated or mixed becomes float.

Errors: an empty array, a NaN, shapes that do not fit, and a number out of its range raise ValueError; the
wrong type raises TypeError.
"""

import numpy as np

from byhand import _check


def shift(images, dy, dx):
    """Images moved `dy` pixels down and `dx` to the right: whole numbers, for all or for each (N,)."""
    images = _images(images)
    n, h, w = len(images), *images.shape[-2:]
    dy, dx = (_each(name, _whole(name, d), n) for name, d in (("dy", dy), ("dx", dx)))
    return _pixels(images, np.arange(h)[:, None] - dy, np.arange(w) - dx)


def random_shift(images, most, rng):
    """Each image moved by up to `most` pixels down or up and right or left, all equally likely."""
    images, most = _images(images), _check.count("most", most, 0)
    return shift(images, *_check.generator("rng", rng).integers(-most, most + 1, (2, len(images))))


def rotate(images, degrees):
    """Images turned counter-clockwise about their middle, one angle for all or one for each (N,).

    A pixel is interpolated between the four around the place it comes from, each weighed by its closeness.
    """
    images = _check.finite("images", _images(images))
    n, h, w = len(images), *images.shape[-2:]
    angle = np.deg2rad(_each("degrees", degrees, n))
    y, x = np.arange(h)[:, None] - (h - 1) / 2, np.arange(w) - (w - 1) / 2
    from_y = np.cos(angle) * y + np.sin(angle) * x + (h - 1) / 2
    from_x = np.cos(angle) * x - np.sin(angle) * y + (w - 1) / 2
    top, left = np.floor(from_y).astype(int), np.floor(from_x).astype(int)
    turned = np.zeros_like(images)
    for rows, cols in (top, left), (top, left + 1), (top + 1, left), (top + 1, left + 1):
        weight = (1 - abs(from_y - rows)) * (1 - abs(from_x - cols))
        turned += _spread(weight.astype(images.dtype), images) * _pixels(images, rows, cols)
    return turned


def random_rotate(images, most, rng):
    """Each image turned by an angle uniform between −`most` and `most` degrees."""
    images, most = _images(images), _check.scalar("most", most, 0)
    return rotate(images, _check.generator("rng", rng).uniform(-most, most, len(images)))


def flip(images, labels, allowed):
    """Mirrors left and right the images whose label is among `allowed`, and leaves the others.

    A mirrored 8 is an 8, but a mirrored 2 is no 2: for the digits `allowed` is {0, 8}.
    """
    images, labels = _images(images), _check.array("labels", labels, ndim=1)
    _check.same_length("images", images, "labels", labels)
    found = list(allowed) if np.iterable(allowed) else [None]
    if not all(isinstance(label, (int, np.integer)) for label in found):
        raise TypeError(f"allowed must be a collection of labels such as {{0, 8}}, got {allowed!r:.60}")
    mirrored = np.isin(labels, found)
    return np.where(_spread(mirrored[:, None, None], images), images[..., ::-1], images)


def random_flip(images, labels, allowed, rng):
    """`flip`, for each image by the toss of a coin."""
    images, labels = _images(images), _check.array("labels", labels, ndim=1)
    heads = _check.generator("rng", rng).integers(0, 2, len(images)).astype(bool)
    return np.where(_spread(heads[:, None, None], images), flip(images, labels, allowed), images)


def mixup(x, targets, alpha, rng):
    """(λx + (1−λ)x′, λt + (1−λ)t′): each example mixed with another, inputs and targets alike.

    The others are the same batch in random order; λ ~ Beta(α, α), one for the batch. Zhang et al. (2018).
    """
    x = _check.rows("x", _check.floats("x", x))
    targets, order, mix = _partners(x, targets, alpha, rng)
    return mix * x + (1 - mix) * x[order], mix * targets + (1 - mix) * targets[order]


def cutout(images, size, rng):
    """Images with a square of `size` × `size` pixels set to 0, around a pixel drawn for each image.

    Near an edge part of the square lies outside (DeVries and Taylor, 2017).
    """
    images, size = _images(images), _check.count("size", size)
    n, h, w = len(images), *images.shape[-2:]
    _check.generator("rng", rng)
    top, left = (rng.integers(0, side, (n, 1, 1)) - size // 2 for side in (h, w))
    y, x = np.arange(h)[:, None] - top, np.arange(w) - left
    hole = (0 <= y) & (y < size) & (0 <= x) & (x < size)
    return np.where(_spread(hole, images), images.dtype.type(0), images)


def cutmix(images, targets, alpha, rng):
    """A rectangle of each image replaced by that of another, and the targets mixed by the area pasted.

    The others are the same batch in random order. The rectangle, one for the batch, has the proportions of
    the image and the share 1 − λ of its area, λ ~ Beta(α, α), around a random pixel. What of it lies outside
    is not pasted and does not count. Yun et al. (2019).
    """
    images = _images(images)
    targets, order, mix = _partners(images, targets, alpha, rng)
    ends = []
    for side in images.shape[-2:]:
        length = round(side * (1 - mix) ** 0.5)
        start = int(rng.integers(side)) - length // 2
        ends += [max(start, 0), min(start + length, side)]
    top, bottom, left, right = ends
    mixed = images.copy()
    mixed[..., top:bottom, left:right] = images[order, ..., top:bottom, left:right]
    share = (bottom - top) * (right - left) / (images.shape[-2] * images.shape[-1])
    return mixed, (1 - share) * targets + share * targets[order]


def _images(images):
    images = _check.array("images", images)
    if images.ndim < 3:
        raise ValueError(f"images must have shape (N, …, H, W), got {images.shape}")
    return images


def _whole(name, v):
    if np.asarray(v).dtype.kind not in "iu":
        raise TypeError(f"{name} must be whole pixels, got {v!r:.60}")
    return v


def _each(name, v, n):
    """A number, or one for each of n images, as (1, 1, 1) or (n, 1, 1)."""
    v = np.asarray(_check.number(name, v))
    if v.shape not in ((), (n,)):
        raise ValueError(f"{name} must be one number or {n}, one for each image, got shape {v.shape}")
    return v.reshape(-1, 1, 1)


def _pixels(images, rows, cols):
    """The pixels at `rows` and `cols`, whole numbers that broadcast to (N, H, W); 0 outside the image."""
    n, h, w = len(images), *images.shape[-2:]
    planes = images.reshape(n, -1, h, w)
    n, c = np.arange(n)[:, None, None, None], np.arange(planes.shape[1])[:, None, None]
    found = planes[n, c, rows.clip(0, h - 1)[:, None], cols.clip(0, w - 1)[:, None]]
    inside = (0 <= rows) & (rows < h) & (0 <= cols) & (cols < w)
    return np.where(inside[:, None], found, images.dtype.type(0)).reshape(images.shape)


def _spread(mask, images):
    """(N, H, W), or 1 in place of any, to broadcast against images (N, …, H, W)."""
    return mask.reshape(len(mask), *(1,) * (images.ndim - 3), *mask.shape[1:])


def _partners(x, targets, alpha, rng):
    """The targets as floats, the batch in random order, and λ ~ Beta(α, α)."""
    if np.ndim(targets) == 1 and np.asarray(targets).dtype.kind in "iub":
        raise TypeError(f"targets must be soft labels, as from one_hot(labels, classes), got {targets!r:.60}")
    targets = _check.rows("targets", _check.floats("targets", targets))
    _check.same_length("inputs", x, "targets", targets)
    alpha = _check.scalar("alpha", alpha, 0, open_low=True)
    return targets, _check.generator("rng", rng).permutation(len(x)), rng.beta(alpha, alpha)
