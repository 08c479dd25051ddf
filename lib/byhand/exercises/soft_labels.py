"""Exercises of the lesson on soft labels: label smoothing, mixup, cutout and CutMix."""

import numpy as np

from byhand.exercises import Exercise


def _log_softmax(logits):
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def _cross_entropy(logits, q):
    log_p = _log_softmax(logits)
    return -np.sum(q * log_p) / len(logits), (np.exp(log_p) - q) / len(logits)


def _batch(rng):
    n, k = int(rng.integers(3, 6)), int(rng.integers(3, 6))
    return 2 * rng.normal(size=(n, k)), rng.integers(0, k, n), rng.uniform(0.1, 0.5)


def _smoothed(logits, labels, s):
    k = logits.shape[1]
    return _cross_entropy(logits, (1 - s) * np.eye(k)[labels] + s / k)


def _others_alone(logits, labels, s):
    k = logits.shape[1]
    own = np.eye(k)[labels]
    return _cross_entropy(logits, (1 - s) * own + s / (k - 1) * (1 - own))


def _not_scaled(logits, labels, s):
    k, log_p = logits.shape[1], _log_softmax(logits)
    q = np.eye(k)[labels] + s / k
    return -np.sum(q * log_p) / len(logits), (np.exp(log_p) * (1 + s) - q) / len(logits)


def _hard_gradient(logits, labels, s):
    return _smoothed(logits, labels, s)[0], _smoothed(logits, labels, 0)[1]


def _total(function):
    def wrong(logits, *arguments):
        return tuple(len(logits) * part for part in function(logits, *arguments))
    return wrong


def _pair(rng):
    h, w = (int(side) for side in rng.integers(5, 9, 2))
    size, k = int(rng.integers(3, 5)), int(rng.integers(2, 5))
    top, left = int(rng.choice([-2, -1, h - 2])), int(rng.choice([-2, -1, 1, w - 2]))       # partly outside
    image, other = rng.integers(0, 10, (2, h, w)).astype(float)
    q, r = rng.dirichlet(np.ones(k), 2)
    return image, other, q, r, top, left, size


def _pasted(image, other, top, left, size, *, clip=True):
    first = (max(top, 0), max(left, 0)) if clip else (top, left)
    window = slice(first[0], top + size), slice(first[1], left + size)
    mixed = image.copy()
    mixed[window] = other[window]
    return mixed, image[window].size / image.size


def _mix(image, other, q, r, top, left, size):
    mixed, share = _pasted(image, other, top, left, size)
    return mixed, (1 - share) * q + share * r


def _mix_whole(image, other, q, r, top, left, size):
    share = size**2 / image.size
    return _pasted(image, other, top, left, size)[0], (1 - share) * q + share * r


def _mix_exchanged(image, other, q, r, top, left, size):
    mixed, share = _pasted(image, other, top, left, size)
    return mixed, share * q + (1 - share) * r


def _mix_wrapped(image, other, q, r, top, left, size):
    mixed, share = _pasted(image, other, top, left, size, clip=False)
    return mixed, (1 - share) * q + share * r


def _two_labels(rng):
    logits, a, _ = _batch(rng)
    return logits, a, rng.permutation((a + 1) % logits.shape[1]), rng.uniform(0.6, 0.95)


def _one(logits, labels):
    return _smoothed(logits, labels, 0)[0]


def _mixup_loss(logits, a, b, mix):
    return mix * _one(logits, a) + (1 - mix) * _one(logits, b)


def _log_of_mixture(logits, a, b, mix):
    p, rows = np.exp(_log_softmax(logits)), np.arange(len(logits))
    return -np.mean(np.log(mix * p[rows, a] + (1 - mix) * p[rows, b]))


def _confidences(rng):
    n, bins = int(rng.integers(20, 40)), int(rng.integers(3, 6))
    confidence = rng.uniform(0.05, 0.999, n)
    correct = rng.random(n) < confidence**2
    correct[:4] = True, True, False, False
    confidence[:4] = 0.15, 0.2, 0.9, 0.95                       # too low in one bin, too high in another
    return confidence, correct, bins


def _gaps(confidence, correct, bins):
    """The mean of correct − confidence in each bin that is not empty, and the share of the answers there."""
    places = (confidence * bins).astype(int)
    found = [places == b for b in range(bins) if (places == b).any()]
    return np.array([(correct[one] * 1.0 - confidence[one]).mean() for one in found]), np.array([
        one.mean() for one in found])


def _calibration_error(confidence, correct, bins):
    gaps, shares = _gaps(confidence, correct, bins)
    return shares @ abs(gaps)


SMOOTHED = Exercise(
    "smoothed_cross_entropy", ("the loss", "the gradient"), _batch, _smoothed, {
        "s was shared among the other classes only; it goes to all K, the label's own included": _others_alone,
        "the label was not scaled by 1 − s, so that the soft labels do not sum to 1": _not_scaled,
        "the gradient is that of hard labels: it is p − q with the soft q": _hard_gradient,
        "this is the sum over the batch; take the mean, of the loss and of the gradient": _total(_smoothed),
        "s and 1 − s are exchanged": lambda logits, labels, s: _smoothed(logits, labels, 1 - s),
    })

CUTMIX = Exercise(
    "cutmix_pair", ("the image", "the label"), _pair, _mix, {
        "the label counts the whole square; only what lies inside the image was pasted": _mix_whole,
        "the weights of the labels are exchanged: the share of the pasted area belongs to the other's label":
            _mix_exchanged,
        "a negative corner counts from the far end in Python; start at max(top, 0) and max(left, 0)": _mix_wrapped,
        "the label was not mixed": lambda image, other, q, r, top, left, size: (
            _pasted(image, other, top, left, size)[0], q),
        "the square was cut out but nothing was pasted: that is cutout": lambda image, other, q, r, top, left, size: (
            _pasted(image, 0 * other, top, left, size)[0], _mix(image, other, q, r, top, left, size)[1]),
    })

MIXUP_LOSS = Exercise(
    "mixup_loss", ("the loss",), _two_labels, _mixup_loss, {
        "the weights are exchanged: λ belongs to the label a": lambda logits, a, b, mix: _mixup_loss(
            logits, a, b, 1 - mix),
        "the heavier label was taken alone": lambda logits, a, b, mix: _one(logits, a),
        "the two losses were averaged, without regard to λ": lambda logits, a, b, mix: _mixup_loss(logits, a, b, 0.5),
        "the probabilities were mixed and then the log taken; mix the two losses": _log_of_mixture,
    })

CALIBRATION = Exercise(
    "calibration_error", ("the error",), _confidences, _calibration_error, {
        "bins count alike, however few answers they hold; weigh each by its share of the answers":
            lambda confidence, correct, bins: abs(_gaps(confidence, correct, bins)[0]).mean(),
        "gaps of opposite sign cancel; take the size of each bin's gap": lambda confidence, correct, bins: abs(
            correct.mean() - confidence.mean()),
        "this is the mean gap of single answers; average within a bin first, then take the size":
            lambda confidence, correct, bins: abs(correct - confidence).mean(),
        "this is the largest gap of a bin; take their weighted mean": lambda confidence, correct, bins: abs(
            _gaps(confidence, correct, bins)[0]).max(),
    })
