"""Exercises of the lesson on Simpson's paradox."""

import numpy as np

from byhand.exercises import Exercise


def _draw_counts(rng):
    """Two options and two or three groups; option A is a little better, and may meet the hard groups more often."""
    groups = int(rng.integers(2, 4))
    rates = np.sort(rng.uniform(0.3, 0.9, groups))[::-1] + np.array([[0.06], [0.0]])
    trials = np.sort(rng.integers(20, 300, (2, groups)), axis=1)
    trials[1] = trials[1][::-1] if rng.random() < 0.7 else trials[1]
    trials = trials[:, rng.permutation(groups)] if rng.random() < 0.3 else trials
    return rng.binomial(trials, rates), trials


def _leads(successes, trials):
    rates = successes / trials
    pooled = successes.sum(axis=1) / trials.sum(axis=1)
    return pooled, np.sign(rates[0] - rates[1]), np.sign(pooled[0] - pooled[1])


def _pooled_and_reversed(successes, trials):
    pooled, lead, lead_pooled = _leads(successes, trials)
    return pooled, bool((lead * lead_pooled == -1).all())


def _mean_of_rates(successes, trials):
    pooled = (successes / trials).mean(axis=1)
    _, lead, _ = _leads(successes, trials)
    return pooled, bool((lead * np.sign(pooled[0] - pooled[1]) == -1).all())


def _weighted(successes, trials, weights):
    weights = np.asarray(weights, dtype=float)
    return (successes / trials * weights / weights.sum(axis=-1, keepdims=True)).sum(axis=1)


def _draw_rates(rng):
    best = np.array([rng.uniform(0.75, 0.95), rng.uniform(0.2, 0.5)])                       # easy, hard
    return np.array([best, best - rng.uniform(0.02, 0.1, 2)]), rng.uniform(0.1, 0.5)


def _equal_share(rates, share):
    pooled = (1 - share) * rates[1, 0] + share * rates[1, 1]
    return (rates[0, 0] - pooled) / (rates[0, 0] - rates[0, 1])


POOLED_AND_REVERSED = Exercise(
    "pooled_and_reversed", ("the pooled rates", "reversed"), _draw_counts, _pooled_and_reversed, {
        "the pooled rate is not the mean of the groups' rates; add the counts first": _mean_of_rates,
        "one group that differs from the pool is no reversal; all groups must": lambda successes, trials: (
            lambda pooled, lead, lead_pooled: (pooled, bool((lead * lead_pooled == -1).any())))(
                *_leads(successes, trials)),
        "it is reversed when the groups agree with each other and not with the pool, not when they agree with it":
            lambda successes, trials: (lambda pooled, lead, lead_pooled: (
                pooled, bool((lead * lead_pooled == 1).all())))(*_leads(successes, trials)),
        "these are odds, successes against failures; divide by all trials": lambda successes, trials: (
            successes.sum(axis=1) / (trials - successes).sum(axis=1), _pooled_and_reversed(successes, trials)[1]),
    })

ADJUSTED_RATES = Exercise(
    "adjusted_rates", ("the rates",), _draw_counts,
    lambda successes, trials: _weighted(successes, trials, trials.sum(axis=0)), {
        "each option was given its own mix, which makes the pooled rates; both need the same":
            lambda successes, trials: _weighted(successes, trials, trials),
        "all groups count alike here; weigh each by its share of all trials": lambda successes, trials: (
            (successes / trials).mean(axis=1)),
        "both options were given the mix of A; take that of A and B together": lambda successes, trials: (
            _weighted(successes, trials, trials[0])),
        "the options were given each other's mix; take that of both together": lambda successes, trials: (
            _weighted(successes, trials, trials[::-1])),
        "the groups are weighed by their successes; weigh them by their trials": lambda successes, trials: (
            _weighted(successes, trials, successes.sum(axis=0))),
    })

EQUAL_SHARE = Exercise(
    "equal_share", ("the share",), _draw_rates, _equal_share, {
        "this is the share of easy cases; the hard ones are the rest": lambda rates, share: (
            1 - _equal_share(rates, share)),
        "the pooled rate of B took the share of hard cases for that of the easy ones": lambda rates, share: (
            _equal_share(rates, 1 - share)),
        "the distance between easy and hard is that of B; A's line has its own slope": lambda rates, share: (
            _equal_share(rates, share) * (rates[0, 0] - rates[0, 1]) / (rates[1, 0] - rates[1, 1])),
        "the options are exchanged: this is B's share that equals A's pooled rate": lambda rates, share: (
            _equal_share(rates[::-1], share)),
        "B's own share was returned: with equal mixes A still leads": lambda rates, share: share,
    })
