"""Exercises of the lesson on momentum and Nesterov's look-ahead."""

from byhand.exercises import Exercise
from byhand.optim import Momentum, Nesterov


def _arguments(rng):
    x, v, g = rng.normal(size=(3, rng.integers(2, 5)))
    return x, v, g, rng.uniform(0.01, 0.5), rng.uniform(0.5, 0.95)


def _momentum_step(x, v, g, lr, beta):
    opt = Momentum(lr, beta)
    opt.v = v
    return opt.step(x, g), opt.v


def _nesterov_step(y, v, g, lr, beta):
    opt = Nesterov(lr, beta)
    opt.v = v
    return opt.step(y, g), opt.v


def _complex_range(beta, low, high):
    return (1 - beta**0.5) ** 2 / low, (1 + beta**0.5) ** 2 / high


MOMENTUM_STEP = Exercise(
    "momentum_step", ("x", "v"), _arguments, _momentum_step, {
        "the old velocity was followed; update v first, then move": lambda x, v, g, lr, beta: (
            x - lr * v, beta * v + g),
        "the sign is wrong: the step goes against the velocity": lambda x, v, g, lr, beta: (
            x + lr * (beta * v + g), beta * v + g),
        "the gradient was scaled at the wrong time: η multiplies the whole velocity when x moves, not g before":
            lambda x, v, g, lr, beta: (x - (beta * v + lr * g), beta * v + lr * g),
        "the gradient is weighted by 1 − β, as in a moving average; here it enters whole": lambda x, v, g, lr, beta: (
            x - lr * (beta * v + (1 - beta) * g), beta * v + (1 - beta) * g),
        "the velocity is missing from the step: x moved by the gradient alone": lambda x, v, g, lr, beta: (
            x - lr * g, beta * v + g),
        "v was not updated": lambda x, v, g, lr, beta: (x - lr * (beta * v + g), v),
    })

NESTEROV_STEP = Exercise(
    "nesterov_step", ("y", "v"), _arguments, _nesterov_step, {
        "the velocity was updated before the look-ahead: β² belongs to the old one": lambda y, v, g, lr, beta: (
            y - lr * (beta**2 * (beta * v + g) + (1 + beta) * g), beta * v + g),
        "this is plain momentum; the look-ahead adds g + βv with the new v, not v, and not the old one":
            lambda y, v, g, lr, beta: (y - lr * (beta * v + g), beta * v + g),
        "the gradient is counted once too often": lambda y, v, g, lr, beta: (
            y - lr * (g + beta * v + beta * g + g), beta * v + g),
    })

COMPLEX_RANGE = Exercise(
    "complex_range", ("the least rate", "the largest rate"),
    lambda rng: (rng.uniform(0.1, 0.95), rng.uniform(0.1, 1), rng.uniform(1, 50)),
    _complex_range, {
        "the two curvatures are exchanged: the lowest one sets the least rate": lambda beta, low, high: (
            (1 - beta**0.5) ** 2 / high, (1 + beta**0.5) ** 2 / low),
        "the square is missing": lambda beta, low, high: ((1 - beta**0.5) / low, (1 + beta**0.5) / high),
        "β stands where √β belongs": lambda beta, low, high: ((1 - beta) ** 2 / low, (1 + beta) ** 2 / high),
    })
