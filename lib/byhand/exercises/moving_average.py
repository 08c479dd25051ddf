"""Exercises of the lesson on moving averages."""

import numpy as np

from byhand.exercises import Exercise
from byhand.stats import exponential_average, moving_average


def _series(rng):
    return rng.normal(1, 1, size=rng.integers(6, 12))


def _ema(x, beta):
    return exponential_average(x, beta, correct=False), exponential_average(x, beta)


def _wrong_ema(*, first=False, swapped=False, start=1, store=False, divisor=lambda beta, t: 1 - beta**t):
    """Both averages with one thing changed."""
    def averages(x, beta):
        m, plain, corrected = x[0] if first else 0.0, [], []
        keep, add = (1 - beta, beta) if swapped else (beta, 1 - beta)
        for t, value in enumerate(x, start=start):
            m = keep * m + add * value
            plain.append(m)
            corrected.append(m / divisor(beta, t))
            m = corrected[-1] if store else m
        return np.array(plain), np.array(corrected)
    return averages


SIMPLE = Exercise(
    "simple", ("the averages",), lambda rng: (_series(rng), int(rng.integers(2, 5))), moving_average, {
        "the last window is missing: T values hold T − n + 1 windows": lambda x, n: moving_average(x, n)[:-1],
        "the sums are not divided by n": lambda x, n: n * moving_average(x, n),
        "each window has one value too many": lambda x, n: moving_average(x, n + 1),
        "each window has one value too few": lambda x, n: moving_average(x, n - 1),
        "the ends are filled with zeros; keep to whole windows": lambda x, n: np.convolve(x, np.ones(n) / n, "full"),
        "this is the mean of everything so far; a window forgets": lambda x, n: (
            np.cumsum(x) / np.arange(1, len(x) + 1))[n - 1:],
    })

EMA = Exercise(
    "ema", ("m", "the corrected m"), lambda rng: (_series(rng), rng.uniform(0.5, 0.95)), _ema, {
        "β and 1 − β are exchanged: β keeps the past": _wrong_ema(
            swapped=True, divisor=lambda beta, t: 1 - (1 - beta)**t),
        "m starts at the first value; here it starts at 0, and that is what is corrected": _wrong_ema(first=True),
        "the first step has t = 1, not 0 and not 2": _wrong_ema(start=2),
        "the corrected value was kept as m, so the next step corrects it again": _wrong_ema(store=True),
        "the power t is missing: the weights of t steps sum to 1 − βᵗ": _wrong_ema(divisor=lambda beta, t: 1 - beta),
        "nothing was corrected: divide by 1 − βᵗ": _wrong_ema(divisor=lambda beta, t: 1.0),
    })

SAME_MEMORY = Exercise(
    "same_memory", ("beta",), lambda rng: (int(rng.integers(2, 200)),), lambda n: (n - 1) / (n + 1), {
        "1 − 1/n gives the mean age n − 1, twice that of the window": lambda n: 1 - 1 / n,
        "1 − 2/n is near for large n, and not exact": lambda n: 1 - 2 / n,
        "this is 1 − β, the weight of the newest value": lambda n: 2 / (n + 1),
        "the mean age of a window is (n − 1)/2, since its newest value has age 0": lambda n: n / (n + 2),
    })
