"""Exercises of the lesson on Adagrad, Adadelta and RMSprop."""

import numpy as np

from byhand.exercises import Exercise
from byhand.optim import Adadelta, Adagrad, RMSprop


def _adagrad_arguments(rng):
    """ε is large on purpose: where it stands then shows in the result."""
    x, g = rng.normal(size=(2, rng.integers(2, 5)))
    return x, rng.uniform(0.1, 4, len(x)), g, rng.uniform(0.01, 0.5), rng.uniform(0.05, 0.5)


def _rmsprop_arguments(rng):
    x, v, g, lr, eps = _adagrad_arguments(rng)
    return x, v, g, lr, rng.uniform(0.5, 0.95), eps


def _adadelta_arguments(rng):
    x, v, g, _, eps = _adagrad_arguments(rng)
    return x, v, rng.uniform(0.1, 4, len(x)), g, rng.uniform(0.5, 0.95), eps


def _adagrad(x, G, g, lr, eps):
    opt = Adagrad(lr, eps)
    opt.G = G
    return opt.step(x, g), opt.G


def _rmsprop(x, v, g, lr, rho, eps):
    opt = RMSprop(lr, rho, eps)
    opt.v = v
    return opt.step(x, g), opt.v


def _adadelta(x, v, u, g, rho, eps):
    opt = Adadelta(rho, eps)
    opt.v, opt.u = v, u
    return opt.step(x, g), opt.v, opt.u


def _adagrad_with(remember, step):
    """A wrong Adagrad: `remember(G, g)` is its new G, `step(G, new, g, eps)` what η multiplies."""
    def wrong(x, G, g, lr, eps):
        new = remember(G, g)
        return x - lr * step(G, new, g, eps), new
    return wrong


def _rmsprop_with(remember, step):
    def wrong(x, v, g, lr, rho, eps):
        new = remember(v, g, rho)
        return x - lr * step(v, new, g, eps), new
    return wrong


def _adadelta_with(average=lambda a, s, rho: rho * a + (1 - rho) * s,
                   step=lambda v, new, u, g, eps: np.sqrt((u + eps) / (new + eps)) * g,
                   remember=lambda delta, g: delta**2):
    def wrong(x, v, u, g, rho, eps):
        new = average(v, g**2, rho)
        delta = step(v, new, u, g, eps)
        return x - delta, new, average(u, remember(delta, g), rho)
    return wrong


def _u_first(x, v, u, g, rho, eps):
    """The step is computed, then computed again from the u that already holds it."""
    v = rho * v + (1 - rho) * g**2
    delta = np.sqrt((u + eps) / (v + eps)) * g
    u = rho * u + (1 - rho) * delta**2
    return x - np.sqrt((u + eps) / (v + eps)) * g, v, u


def _sum(G, g):
    return G + g**2


def _average(v, g, rho):
    return rho * v + (1 - rho) * g**2


def _divide(old, new, g, eps):
    return g / (np.sqrt(new) + eps)


ADAGRAD_STEP = Exercise(
    "adagrad_step", ("x", "G"), _adagrad_arguments, _adagrad, {
        "g was summed, not g²: gradients of opposite sign would cancel": _adagrad_with(
            lambda G, g: G + g, lambda G, new, g, eps: g / (np.sqrt(np.abs(new)) + eps)),
        "|g| was summed, not g²": _adagrad_with(lambda G, g: G + np.abs(g), _divide),
        "the old G was used in the step; add g² to it first": _adagrad_with(
            _sum, lambda G, new, g, eps: g / (np.sqrt(G) + eps)),
        "the root is missing: g is divided by √G, not by G": _adagrad_with(
            _sum, lambda G, new, g, eps: g / (new + eps)),
        "ε stands inside the root; here it is added to √G": _adagrad_with(
            _sum, lambda G, new, g, eps: g / np.sqrt(new + eps)),
        "the squares of all parameters went into one sum; each parameter has its own G": _adagrad_with(
            lambda G, g: G + np.sum(g**2), _divide),
        "G forgot what it held: the new g² is added to it": _adagrad_with(lambda G, g: g**2, _divide),
        "the sign is wrong: the step goes up the slope": _adagrad_with(
            _sum, lambda G, new, g, eps: -g / (np.sqrt(new) + eps)),
        "G was not handed back updated": lambda x, G, g, lr, eps: (_adagrad(x, G, g, lr, eps)[0], G),
    })

RMSPROP_STEP = Exercise(
    "rmsprop_step", ("x", "v"), _rmsprop_arguments, _rmsprop, {
        "this is Adagrad's sum; v is a moving average, ρv + (1 − ρ)g²": _rmsprop_with(
            lambda v, g, rho: v + g**2, _divide),
        "the weight 1 − ρ of the new square is missing": _rmsprop_with(lambda v, g, rho: rho * v + g**2, _divide),
        "ρ and 1 − ρ are exchanged: ρ is the share of the past": _rmsprop_with(
            lambda v, g, rho: (1 - rho) * v + rho * g**2, _divide),
        "g was averaged, not g²": _rmsprop_with(
            lambda v, g, rho: rho * v + (1 - rho) * g, lambda v, new, g, eps: g / (np.sqrt(np.abs(new)) + eps)),
        "the old v was used in the step; update v first": _rmsprop_with(
            _average, lambda v, new, g, eps: g / (np.sqrt(v) + eps)),
        "the root is missing: g is divided by √v, not by v": _rmsprop_with(
            _average, lambda v, new, g, eps: g / (new + eps)),
        "ε stands inside the root; here it is added to √v": _rmsprop_with(
            _average, lambda v, new, g, eps: g / np.sqrt(new + eps)),
        "η is missing from the step": lambda x, v, g, lr, rho, eps: _rmsprop(x, v, g, 1.0, rho, eps),
        "v was not handed back updated": lambda x, v, g, lr, rho, eps: (_rmsprop(x, v, g, lr, rho, eps)[0], v),
    })

ADADELTA_STEP = Exercise(
    "adadelta_step", ("x", "v", "u"), _adadelta_arguments, _adadelta, {
        "u was updated before Δ: the step must use the old u, since Δ is what goes into the new one": _u_first,
        "g² went into u; u averages the squares of the steps Δ": _adadelta_with(remember=lambda delta, g: g**2),
        "Δ went into u, not Δ²": _adadelta_with(remember=lambda delta, g: delta),
        "the old v was used in the step; update v first": _adadelta_with(
            step=lambda v, new, u, g, eps: np.sqrt((u + eps) / (v + eps)) * g),
        "the fraction is upside down: u stands above, v below": _adadelta_with(
            step=lambda v, new, u, g, eps: np.sqrt((new + eps) / (u + eps)) * g),
        "the root is missing": _adadelta_with(step=lambda v, new, u, g, eps: (u + eps) / (new + eps) * g),
        "ε stands outside the roots; here it is added to u and to v": _adadelta_with(
            step=lambda v, new, u, g, eps: (np.sqrt(u) + eps) / (np.sqrt(new) + eps) * g),
        "the ε beside u is missing; without it no step would ever begin": _adadelta_with(
            step=lambda v, new, u, g, eps: np.sqrt(u / (new + eps)) * g),
        "v and u are sums here; they must be moving averages": _adadelta_with(average=lambda a, s, rho: a + s),
        "ρ and 1 − ρ are exchanged: ρ is the share of the past": _adadelta_with(
            average=lambda a, s, rho: (1 - rho) * a + rho * s),
        "u was not handed back updated": lambda x, v, u, g, rho, eps: (*_adadelta(x, v, u, g, rho, eps)[:2], u),
    })
