"""Exercises of the lesson on bagging."""

import numpy as np

from byhand.exercises import Exercise


def _bags(rng):
    """Predictions of M members for n rows, which rows each has seen, and the truth; one row is in every bag."""
    M, n = rng.integers(4, 8), rng.integers(6, 12)
    y = rng.normal(size=n)
    inside = np.zeros((M, n), bool)
    for bag in inside:
        bag[rng.integers(n, size=n)] = True
    inside[:, rng.integers(n)] = True
    return y + rng.normal(size=(M, n)) * np.where(inside, 0.2, 1.0), inside, y


def _oob_error(predictions, inside, y):
    outside = ~inside
    judged = outside.any(axis=0)
    mean = (predictions * outside).sum(axis=0)[judged] / outside.sum(axis=0)[judged]
    return np.mean((mean - y[judged]) ** 2)


def _member_errors(predictions, inside, y):
    squares = np.where(inside, np.nan, (predictions - y) ** 2)
    return np.nanmean(squares)


def _unjudged_count(predictions, inside, y):
    outside = ~inside
    mean = (predictions * outside).sum(axis=0) / np.maximum(outside.sum(axis=0), 1)
    return np.mean((mean - y) ** 2)


def _over_all(predictions, inside, y):
    outside = ~inside
    judged = outside.any(axis=0)
    return np.mean(((predictions * outside).mean(axis=0) - y)[judged] ** 2)


def _vote(labels):
    counts = (labels[:, :, None] == np.arange(labels.max() + 1)).sum(axis=0)
    return counts.argmax(axis=1)


def _last_of_equals(labels):
    counts = (labels[:, :, None] == np.arange(labels.max() + 1)).sum(axis=0)
    return counts.shape[1] - 1 - counts[:, ::-1].argmax(axis=1)


OOB_ERROR = Exercise(
    "oob_error", ("the out-of-bag error",), _bags, _oob_error, {
        "all members judged every row; a member that was fitted to a row must not judge it": lambda p, inside, y: (
            np.mean((p.mean(axis=0) - y) ** 2)),
        "the members that saw the row judged it; take the others": lambda p, inside, y: _oob_error(p, ~inside, y),
        "the members' errors were averaged; average their predictions first, the ensemble has one error a row":
            _member_errors,
        "a row that is in every bag was predicted as 0; leave it out": _unjudged_count,
        "the sum was divided by all members; divide by those that judge the row": _over_all,
    })

VOTE = Exercise(
    "vote", ("the labels",), lambda rng: (rng.integers(0, rng.integers(3, 6), size=(rng.integers(4, 8), 6)),), _vote, {
        "the labels were averaged and rounded; between 0 and 8 lies no 4": lambda labels: (
            np.rint(labels.mean(axis=0)).astype(int)),
        "this is the median of the labels; count the votes": lambda labels: (
            np.floor(np.median(labels, axis=0)).astype(int)),
        "of labels with equally many votes the last was taken; take the first": _last_of_equals,
        "this is the number of votes, not the label that got them": lambda labels: (
            (labels[:, :, None] == np.arange(labels.max() + 1)).sum(axis=0).max(axis=1)),
        "this is the answer of the first member alone": lambda labels: labels[0],
    })

MEMBERS_NEEDED = Exercise(
    "members_needed", ("the number of members",), lambda rng: (rng.uniform(0.1, 0.7), rng.uniform(0.02, 0.3)),
    lambda r, excess: int(np.ceil((1 - r) / (r * excess))), {
        "this is not enough yet: round up": lambda r, excess: int((1 - r) / (r * excess)),
        "half a member cannot be fitted: round up to a whole number": lambda r, excess: (1 - r) / (r * excess),
        "one more than needed": lambda r, excess: int(np.ceil((1 - r) / (r * excess))) + 1,
        "the excess is a share of the floor rσ², not of a member's variance σ²": lambda r, excess: (
            int(np.ceil((1 - r) / excess))),
        "r and 1 − r are exchanged: what is shared does not average out": lambda r, excess: (
            int(np.ceil(r / ((1 - r) * excess)))),
        "this takes the members for independent": lambda r, excess: int(np.ceil(1 / excess)),
        "the share 1 + excess is that of the whole variance; the floor is a part of it": lambda r, excess: (
            int(np.ceil((1 - r) / (r * (1 + excess))))),
    })
