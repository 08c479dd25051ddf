"""Exercises of the lesson that puts all regularizers side by side."""

import numpy as np

from byhand.exercises import Exercise
from byhand.stats import paired_effect


def _step(rng):
    n = rng.integers(2, 5)
    a = rng.normal(size=(n, n))
    theta, noise, b = rng.normal(size=(3, n))
    return theta, 0.3 * noise, a @ a.T + np.eye(n), b, *rng.uniform(0.05, 0.5, size=3)


def _one_step(theta, noise, A, b, lr, penalty, decay):
    gradient = A @ (theta + noise) - b + penalty * theta
    return theta - lr * gradient - lr * decay * theta


def _four_results(rng):
    n = rng.integers(4, 9)
    none = rng.uniform(80, 90) + rng.normal(0, 3, n)
    gains = rng.normal([[4], [5], [6]], 1, (3, n))
    return none, *(none + gains)


def _effect(d):
    effect = paired_effect(d, np.zeros(len(d)))
    return effect.mean, effect.se


def _interaction(none, a, b, both):
    return _effect(both - a - b + none)


def _losses(rng):
    tools, n = rng.integers(3, 6), rng.integers(4, 8)
    return rng.uniform(0.5, 2, size=(tools, n)), rng.normal(3, 3, size=(tools, n))


def _choose(losses, gains):
    best = losses.mean(axis=1).argmin()
    return best, gains[best].mean()


ONE_STEP = Exercise(
    "one_step", ("theta",), _step, _one_step, {
        "the step was made from the noisy weights; only the gradient is taken there":
            lambda theta, noise, A, b, lr, penalty, decay: (
                _one_step(theta, noise, A, b, lr, penalty, decay) + noise),
        "the gradient was taken without the noise": lambda theta, noise, A, b, lr, penalty, decay: (
            _one_step(theta, 0 * noise, A, b, lr, penalty, decay)),
        "the penalty is on the weights, not on the noisy ones": lambda theta, noise, A, b, lr, penalty, decay: (
            theta - lr * (A @ (theta + noise) - b + penalty * (theta + noise)) - lr * decay * theta),
        "the decay was not multiplied by the learning rate": lambda theta, noise, A, b, lr, penalty, decay: (
            theta - lr * (A @ (theta + noise) - b + penalty * theta) - decay * theta),
        "the decay is missing": lambda theta, noise, A, b, lr, penalty, decay: (
            _one_step(theta, noise, A, b, lr, penalty, 0)),
        "the penalty is missing": lambda theta, noise, A, b, lr, penalty, decay: (
            _one_step(theta, noise, A, b, lr, 0, decay)),
        "the penalty is twice too strong: the gradient of ½λθ² is λθ": (
            lambda theta, noise, A, b, lr, penalty, decay: _one_step(theta, noise, A, b, lr, 2 * penalty, decay)),
    })

INTERACTION = Exercise(
    "interaction", ("the interaction", "its standard error"), _four_results, _interaction, {
        "this compares the gain of both with zero, not with the sum of the two gains": lambda none, a, b, both: (
            _effect(both - none)),
        "`none` is taken off twice too often: each gain is over `none`": lambda none, a, b, both: (
            _effect(both - a - b)),
        "the sign is wrong: below zero means less than the sum": lambda none, a, b, both: (
            -_effect(both - a - b + none)[0], _effect(both - a - b + none)[1]),
        "the four were treated as unpaired; take the difference within each seed first": lambda none, a, b, both: (
            (both - a - b + none).mean(), np.sqrt(sum(x.var(ddof=1) / len(x) for x in (none, a, b, both)))),
        "this is the standard deviation; divide by the root of the number of seeds": lambda none, a, b, both: (
            (both - a - b + none).mean(), (both - a - b + none).std(ddof=1)),
        "the variance has divisor n; for a standard error it is n − 1": lambda none, a, b, both: (
            (both - a - b + none).mean(), (both - a - b + none).std() / np.sqrt(len(none))),
    })

CHOOSE = Exercise(
    "choose", ("the tool", "its gain"), _losses, _choose, {
        "the tool was chosen by its test gain: the report then flatters it": lambda losses, gains: (
            gains.mean(axis=1).argmax(), gains.mean(axis=1).max()),
        "the tool with the highest validation loss was taken; lower is better": lambda losses, gains: (
            losses.mean(axis=1).argmax(), gains[losses.mean(axis=1).argmax()].mean()),
        "each seed chose a tool of its own; one is wanted for all": lambda losses, gains: (
            losses.mean(axis=1).argmin(), gains[losses.argmin(axis=0), np.arange(losses.shape[1])].mean()),
        "the lowest single loss was taken; one lucky seed is not a choice": lambda losses, gains: (
            losses.min(axis=1).argmin(), gains[losses.min(axis=1).argmin()].mean()),
        "the largest gain of the chosen tool was reported, not its mean": lambda losses, gains: (
            losses.mean(axis=1).argmin(), gains[losses.mean(axis=1).argmin()].max()),
    })
