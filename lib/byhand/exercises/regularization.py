"""Exercises of the chapter's first page on regularization."""

import numpy as np

from byhand.exercises import Exercise
from byhand.stats import paired_effect


def _labels(rng):
    n, classes = int(rng.integers(10, 16)), int(rng.integers(4, 11))
    return (rng.integers(0, classes, n), rng.random(n), rng.integers(1, classes, n),
            round(rng.uniform(0.3, 0.6), 2), classes)


def _wrong_labels(labels, u, shift, share, classes):
    return np.where(u < share, (labels + shift) % classes, labels)


def _answers(rng):
    n = int(rng.integers(10, 16))
    true, given, answers = rng.integers(0, 4, n), rng.integers(0, 4, n), rng.integers(0, 4, n)
    given[:2] = true[:2] + 1                              # at least two wrong labels, one repeated and one seen through
    answers[:2] = given[0], true[1]
    return answers, given, true


def _memorised(answers, given, true):
    wrong = given != true
    return (answers == given)[wrong].mean()


def _pairs(rng):
    n, level = int(rng.integers(4, 9)), rng.uniform(80, 90)
    base = level + rng.normal(0, 3, n)
    return base + rng.normal(2, 1, n), base


def _paired(tool, base):
    effect = paired_effect(tool, base)
    return effect.mean, effect.se


def _error(values, ddof=1, root=True):
    n = len(values)
    return values.std(ddof=ddof) / (n**0.5 if root else 1)


WRONG_LABELS = Exercise(
    "wrong_labels", ("the labels",), _labels, _wrong_labels, {
        "the modulo is missing: of ten classes, 9 moved by 3 is 2, not 12": lambda labels, u, shift, share, classes: (
            np.where(u < share, labels + shift, labels)),
        "the shift has replaced the label; it must move it": lambda labels, u, shift, share, classes: (
            np.where(u < share, shift, labels)),
        "the wrong ones are those with u below the share, not those above": lambda labels, u, shift, share, classes: (
            np.where(u >= share, (labels + shift) % classes, labels)),
        "every label was moved; only those with u below the share are": lambda labels, u, shift, share, classes: (
            (labels + shift) % classes),
    })

MEMORISED = Exercise(
    "memorised", ("the share",), _answers, _memorised, {
        "it was divided by all images; only those with a wrong label count": lambda answers, given, true: (
            ((answers == given) & (given != true)).mean()),
        "the images with right labels were counted too": lambda answers, given, true: (answers == given).mean(),
        "this is the share that the net saw through: its answer is the true digit": lambda answers, given, true: (
            (answers == true)[given != true].mean()),
        "this is the share of all images read as what they show": lambda answers, given, true: (answers == true).mean(),
    })

PAIRED = Exercise(
    "paired", ("the gain", "its standard error"), _pairs, _paired, {
        "the pairs were not used: take the differences first, then their spread": lambda tool, base: (
            tool.mean() - base.mean(), np.hypot(_error(tool), _error(base))),
        "this is the spread of one difference; that of their mean is √n times less": lambda tool, base: (
            (tool - base).mean(), _error(tool - base, root=False)),
        "the spread must have n − 1 below, since the mean was taken from the same differences": lambda tool, base: (
            (tool - base).mean(), _error(tool - base, ddof=0)),
        "the sign is wrong: a gain is tool − base": lambda tool, base: ((base - tool).mean(), _error(tool - base)),
    })
