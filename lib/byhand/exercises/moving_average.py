"""Exercises of the lesson on moving averages."""

import numpy as np

from byhand.exercises import Exercise
from byhand.stats import cumulative_average, moving_average


def _step(m, x, t, beta):
    m = beta * m + (1 - beta) * x
    return m, m / (1 - beta**t)


def _old_corrected(m, x, t, beta):
    return _step(m, x, t, beta)[0], m / (1 - beta**t)


def _corrected_before(m, x, t, beta):
    m = beta * m / (1 - beta ** (t - 1)) + (1 - beta) * x
    return m, m / (1 - beta**t)


def _series(rng):
    n = int(rng.integers(5, 10))
    return rng.normal(size=n), int(rng.integers(2, n - 1))


def _padded(x, k):
    return np.convolve(x, np.ones(k) / k)[:len(x)]


EMA_STEP = Exercise(
    "ema_step", ("m", "the corrected m"),
    lambda rng: (rng.normal(), rng.normal(), int(rng.integers(2, 9)), rng.uniform(0.5, 0.95)), _step, {
        "the corrected value was kept as m, so that the next step corrects it again": lambda m, x, t, beta: (
            (_step(m, x, t, beta)[1],) * 2),
        "nothing was corrected: divide by 1 − βᵗ": lambda m, x, t, beta: (_step(m, x, t, beta)[0],) * 2,
        "t counts this step too: the first step has t = 1": lambda m, x, t, beta: (
            _step(m, x, t, beta)[0], _step(m, x, t, beta)[0] / (1 - beta ** (t - 1))),
        "t was counted once too often": lambda m, x, t, beta: (
            _step(m, x, t, beta)[0], _step(m, x, t, beta)[0] / (1 - beta ** (t + 1))),
        "the power t is missing: the weights of t steps add up to 1 − βᵗ": lambda m, x, t, beta: (
            _step(m, x, t, beta)[0], _step(m, x, t, beta)[0] / (1 - beta)),
        "β and 1 − β are exchanged: β is what is kept of m": lambda m, x, t, beta: (
            (1 - beta) * m + beta * x, ((1 - beta) * m + beta * x) / (1 - (1 - beta) ** t)),
        "the new value enters with weight 1, as in momentum; in an average it has 1 − β": lambda m, x, t, beta: (
            beta * m + x, (beta * m + x) / (1 - beta**t)),
        "the old m was corrected; take in x first": _old_corrected,
        "m was corrected before the step as well; it is kept as it is": _corrected_before,
    })

SIMPLE_AVERAGE = Exercise(
    "simple_average", ("the averages",), _series, moving_average, {
        "the first values are padded with zeros: there are only n − k + 1 full windows": _padded,
        "the last window is missing": lambda x, k: moving_average(x, k)[:-1],
        "the first window is missing": lambda x, k: moving_average(x, k)[1:],
        "the windows hold k + 1 values": lambda x, k: moving_average(x, k + 1),
        "the windows hold k − 1 values": lambda x, k: moving_average(x, k - 1),
        "the sums were not divided by k": lambda x, k: k * moving_average(x, k),
        "this is the cumulative average: nothing leaves the window": lambda x, k: cumulative_average(x)[k - 1:],
        "the windows do not overlap; each value starts one": lambda x, k: (
            x[:len(x) // k * k].reshape(-1, k).mean(axis=1)),
    })

BETA_OF = Exercise(
    "beta_of", ("β",), lambda rng: (int(rng.integers(2, 200)),), lambda k: (k - 1) / (k + 1), {
        "the mean age of a window is (k − 1)/2, since the newest value has age 0, not k": lambda k: k / (k + 1),
        "the newest value has age 0: the ages go from 0 to k − 1": lambda k: (k + 1) / (k + 3),
        "1/(1 − β) is one more than the mean age β/(1 − β)": lambda k: 1 - 2 / (k - 1) if k > 2 else -1.0,
        "this gives weight 1/k to the newest value; its mean age is k − 1": lambda k: 1 - 1 / k,
        "this is what is taken of the new value; β is what is kept": lambda k: 2 / (k + 1),
    })
