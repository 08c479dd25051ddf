"""Exercises of the lesson on Adam."""

import numpy as np

from byhand.exercises import Exercise
from byhand.optim import Adam
from byhand.stats import exponential_average


def _arguments(rng):
    x, m, g = rng.normal(size=(3, rng.integers(2, 5)))
    v, t = rng.uniform(1, 3, size=len(x)), int(rng.integers(2, 7))
    return x, m, v, t, g, rng.uniform(0.01, 0.5), rng.uniform(0.5, 0.95), rng.uniform(0.8, 0.99), rng.uniform(0.01, 0.3)


def _right(x, m, v, t, g, lr, beta1, beta2, eps):
    opt = Adam(lr, beta1, beta2, eps)
    opt.m, opt.v, opt.t = m, v, t - 1
    return opt.step(x, g), opt.m, opt.v


def _wrong(*, count=0, first=True, second=True, inside=False, late=False, store=False, sign=-1, power=2, swap=False):
    """Adam's step with one thing changed."""
    def step(x, m, v, t, g, lr, beta1, beta2, eps):
        beta1, beta2 = (beta2, beta1) if swap else (beta1, beta2)
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * np.abs(g) ** power
        short1, short2 = (1 - beta ** (t + count) for beta in (beta1, beta2))
        m_hat, v_hat = m / short1 if first else m, v / short2 if second else v
        root = np.sqrt(v_hat + eps) if inside else np.sqrt(v_hat) + eps
        if late:
            root = np.sqrt(v_hat) + eps / np.sqrt(short2)
        x = x + sign * lr * m_hat / root
        return (x, m_hat, v_hat) if store else (x, m, v)
    return step


def _ignoring_new_gradient(x, m, v, t, g, lr, beta1, beta2, eps):
    step = lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return x - step, beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2


def _signed(x, m, v, t, g, lr, beta1, beta2, eps):
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g
    return x - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


ADAM_STEP = Exercise(
    "adam_step", ("x", "m", "v"), _arguments, _right, {
        "neither average was corrected; divide m by 1 − β₁ᵗ and v by 1 − β₂ᵗ": _wrong(first=False, second=False),
        "only m was corrected": _wrong(second=False),
        "only v was corrected": _wrong(first=False),
        "t is one too small: the first step has t = 1, and t is the number of this step": _wrong(count=-1),
        "t is one too large: t is the number of this step, do not add to it": _wrong(count=1),
        "ε stands inside the root; it is added to √v̂": _wrong(inside=True),
        "ε was added to √v before the correction; it is added to √v̂": _wrong(late=True),
        "v averages the gradient; it must average its square": _signed,
        "v averages |g|; it must average g²": _wrong(power=1),
        "the corrected averages were returned; the next step needs m and v as they were": _wrong(store=True),
        "the old averages were followed; update m and v first, then move": _ignoring_new_gradient,
        "β₁ and β₂ are exchanged": _wrong(swap=True),
        "the sign is wrong: the step goes against m": _wrong(sign=1),
    })


def _average(*, store=False, correct=True, start=1, first=False):
    """A corrected moving average with one thing changed."""
    def average(series, beta):
        m, averages = series[0] if first else 0.0, []
        for t, value in enumerate(series, start=start):
            m = beta * m + (1 - beta) * value
            m_hat = m / (1 - beta**t) if correct else m
            averages.append(m_hat)
            m = m_hat if store else m
        return np.array(averages)
    return average


CORRECTED_AVERAGE = Exercise(
    "corrected_average", ("the averages",),
    lambda rng: (rng.normal(1, 1, size=rng.integers(4, 8)), rng.uniform(0.5, 0.99)),
    lambda series, beta: exponential_average(series, beta), {
        "the corrected value was kept as m, so the next step corrects it again; keep m as it is": _average(store=True),
        "nothing was corrected: divide by 1 − βᵗ": _average(correct=False),
        "t must start at 1, not at 2": _average(start=2),
        "m starts at the first value and is corrected too: two cures for one bias": _average(first=True),
        "m starts at the first value; the weights then sum to 1, but the first value has too much":
            _average(first=True, correct=False),
    })

STEP_RATIO = Exercise(
    "step_ratio", ("the ratio",),
    lambda rng: (rng.uniform(0.1, 0.95), rng.uniform(0.9, 0.9999), int(rng.integers(1, 50))),
    lambda beta1, beta2, t: (1 - beta1**t) / (1 - beta2**t) ** 0.5, {
        "this is the inverse: the corrected step over the uncorrected": lambda beta1, beta2, t: (
            (1 - beta2**t) ** 0.5 / (1 - beta1**t)),
        "the root is missing: the step divides by √v, not by v": lambda beta1, beta2, t: (
            (1 - beta1**t) / (1 - beta2**t)),
        "β₁ and β₂ are exchanged": lambda beta1, beta2, t: (1 - beta2**t) / (1 - beta1**t) ** 0.5,
        "the power t is missing: the weights of t steps sum to 1 − βᵗ": lambda beta1, beta2, t: (
            (1 - beta1) / (1 - beta2) ** 0.5),
        "only v was taken into account": lambda beta1, beta2, t: 1 / (1 - beta2**t) ** 0.5,
        "only m was taken into account": lambda beta1, beta2, t: 1 - beta1**t,
    })
