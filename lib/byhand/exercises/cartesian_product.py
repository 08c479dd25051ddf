"""Exercises of the lesson on the Cartesian product, permutations and combinations."""

from itertools import combinations

import numpy as np

from byhand.exercises import Exercise


def _nth_tuple(i, sizes):
    return np.array(np.unravel_index(i, sizes))


def _draw_place(rng):
    sizes = rng.permutation([2, 3, 4, 5])[: int(rng.integers(2, 5))]
    return int(rng.integers(0, np.prod(sizes))), sizes


def _shuffled(items, draws, order=reversed, by=None, put=None):
    items = items.copy()
    for i in order(range(1, len(items))):
        j = draws[i] if by is None else by(draws, i)
        if put is None:
            items[i], items[j] = items[j], items[i]
        else:
            put(items, i, j)
    return items


def _draw_shuffle(rng):
    n = int(rng.integers(4, 9))
    return rng.permutation(20)[:n], rng.integers(0, np.arange(1, n + 1))


def _overwrite(items, i, j):
    items[i] = items[j]
    items[j] = items[i]


def _move(items, i, j):
    moved = items[j]
    items[j:i] = items[j + 1:i + 1].copy()
    items[i] = moved


def _p_value(a, b, count=lambda d, seen: np.mean(abs(d) >= abs(seen))):
    """`count` of all differences of sums d and the one seen; the parts are of one size, so sums do for means."""
    both = np.concatenate([a, b])
    chosen = np.array(list(combinations(range(len(both)), len(a))))
    d = 2 * both[chosen].sum(axis=1) - both.sum()
    return count(d, a.sum() - b.sum())


def _p_value_of(**how):
    return lambda a, b: _p_value(a, b, **how)


def _draw_parts(rng):
    m = int(rng.integers(3, 5))
    return rng.integers(0, 9, m), rng.integers(0, 9, m) + int(rng.integers(0, 4))


NTH_TUPLE = Exercise(
    "nth_tuple", ("the tuple",), _draw_place, _nth_tuple, {
        "the first place runs fastest here; in a product the last one does": lambda i, sizes: (
            np.array(np.unravel_index(i, sizes[::-1]))[::-1]),
        "the tuples are counted from 1; count from 0": lambda i, sizes: (
            _nth_tuple((i - 1) % int(np.prod(sizes)), sizes)),
        "each place was divided by its own size; a place changes every time all places after it have gone round":
            lambda i, sizes: i // sizes % sizes,
        "the places are in the wrong order, last first": lambda i, sizes: _nth_tuple(i, sizes)[::-1],
        "the first place is too large: it was not taken modulo its size, nor were the places after it used up":
            lambda i, sizes: i // np.append(np.cumprod(sizes[::-1])[::-1][1:], 1),
    })

SHUFFLED = Exercise(
    "shuffled", ("the items",), _draw_shuffle, lambda items, draws: _shuffled(items, draws), {
        "it went up from the first place; go down from the last": lambda items, draws: _shuffled(items, draws, iter),
        "an item was overwritten before it was kept; swap both at once": lambda items, draws: (
            _shuffled(items, draws, put=_overwrite)),
        "the items between were moved along; only two change places": lambda items, draws: (
            _shuffled(items, draws, put=_move)),
        "the draws were taken in the wrong order: place i belongs to draws[i]": lambda items, draws: (
            _shuffled(items, draws, by=lambda draws, i: draws[len(draws) - i])),
    })

P_VALUE = Exercise(
    "p_value", ("the p-value",), _draw_parts, lambda a, b: _p_value(a, b), {
        "only differences larger than the one seen were counted; as large counts too": _p_value_of(
            count=lambda d, seen: np.mean(abs(d) > abs(seen))),
        "only one side was counted; a difference the other way round is as extreme": _p_value_of(
            count=lambda d, seen: np.mean(d >= seen if seen > 0 else d <= seen)),
        "the differences as large were counted, but not divided by the number of splits": _p_value_of(
            count=lambda d, seen: np.sum(abs(d) >= abs(seen))),
        "this is the share of splits less extreme; the p-value is that of those as extreme or more": _p_value_of(
            count=lambda d, seen: np.mean(abs(d) < abs(seen))),
        "the split that was seen is missing from the count; it is one of them": _p_value_of(
            count=lambda d, seen: (np.sum(abs(d) >= abs(seen)) - 1) / (len(d) - 1)),
    })
