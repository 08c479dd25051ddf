"""Exercises of the lesson on early stopping."""

import numpy as np

from byhand.exercises import Exercise


def _history(rng):
    epochs, patience = int(rng.integers(12, 20)), int(rng.integers(2, 4))
    # Few different values, so that ties are common; a fall, then a rise, then a second fall.
    slope = np.concatenate([np.arange(0, -5, -1), np.arange(-5, 0), -np.arange(0, 2 * (epochs - 10), 2)])
    losses = 1 + 0.1 * (slope + rng.integers(-1, 3, epochs))
    return np.round(losses + 1, 1), rng.normal(size=(epochs, 2)), patience


def _watch(losses, patience, better=lambda loss, best, before: loss < best, reset=True, over=0):
    """The epoch of the best loss, and the one after which training ends."""
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        if better(losses[epoch], losses[best], losses[epoch - 1]):
            best, waited = epoch, 0 if reset else waited
        else:
            waited += 1
        if waited >= patience + over:
            return best, epoch
    return best, len(losses) - 1


def _early_stop(losses, thetas, patience):
    best, last = _watch(losses, patience)
    return thetas[best], last


def _variant(keep=lambda losses, best, last: best, **how):
    """Early stopping with one thing changed."""
    def early_stop(losses, thetas, patience):
        best, last = _watch(losses, patience, **how)
        return thetas[keep(losses, best, last)], last
    return early_stop


def _direction(rng):
    h, steps = rng.uniform(0.2, 2), int(rng.integers(2, 30))
    return h, rng.uniform(0.05, 0.4), steps


def _equal_strength(h, lr, steps):
    left = (1 - lr * h) ** steps
    return 1 - left, h * left / (1 - left)


def _left(h, lr, steps):
    return (1 - lr * h) ** steps


def _errors(rng):
    epochs = int(rng.integers(6, 12))
    curve = 0.2 + 0.02 * np.abs(np.arange(epochs) - epochs // 2)
    return tuple(np.round(curve + rng.normal(0, 0.03, (2, epochs)), 3))


def _report(validation, test):
    chosen = int(np.argmin(validation))
    return chosen, test[chosen]


EARLY_STOP = Exercise(
    "early_stop", ("the theta to keep", "the last epoch"), _history, _early_stop, {
        "the last parameters were kept; go back to those of the best loss": _variant(
            keep=lambda losses, best, last: last),
        "epochs after the stop were looked at: they were never trained": _variant(
            keep=lambda losses, best, last: int(np.argmin(losses))),
        "a loss equal to the best is no improvement, and waiting goes on": _variant(
            better=lambda loss, best, before: loss <= best),
        "each loss was compared with the one before; compare it with the best so far": _variant(
            better=lambda loss, best, before: loss < before),
        "the waiting was not set back to 0 at an improvement: patience is for epochs in a row": _variant(reset=False),
        "it stopped one epoch late: after `patience` epochs without improvement training ends": _variant(over=1),
        "it stopped one epoch early: `patience` epochs without improvement are allowed": _variant(over=-1),
        "it never stopped": lambda losses, thetas, patience: (thetas[int(np.argmin(losses))], len(losses) - 1),
    })

EQUAL_STRENGTH = Exercise(
    "equal_strength", ("the share", "the strength λ"), _direction, _equal_strength, {
        "this is the share that is still missing; kept is 1 minus it": lambda h, lr, steps: (
            _left(h, lr, steps), _equal_strength(h, lr, steps)[1]),
        "λ = 1/(ηt) is only the approximation for a small ηh": lambda h, lr, steps: (
            1 - _left(h, lr, steps), 1 / (lr * steps)),
        "the steps multiply: (1 − ηh)ᵗ, not 1 − ηht": lambda h, lr, steps: (
            lr * h * steps, h * (1 - lr * h * steps) / (lr * h * steps)),
        "λ is upside down: solve h/(h + λ) = share for λ": lambda h, lr, steps: (
            1 - _left(h, lr, steps), h * (1 - _left(h, lr, steps)) / _left(h, lr, steps)),
    })

REPORT = Exercise(
    "report", ("the epoch", "the error to report"), _errors, _report, {
        "the epoch was chosen on the test errors: then they promise too much": lambda validation, test: (
            int(np.argmin(test)), test.min()),
        "the validation error was reported: it was chosen for being low": lambda validation, test: (
            int(np.argmin(validation)), validation.min()),
        "the epoch was chosen on both sets together; the test set must have no say": lambda validation, test: (
            int(np.argmin(validation + test)), test[np.argmin(validation + test)]),
        "the last epoch was taken; go back to the best one": lambda validation, test: (
            len(test) - 1, test[-1]),
    })
