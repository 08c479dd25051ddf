"""Splits of n rows into a part to learn from and a part to measure on.

A fold is a pair (train, test) of index arrays; k-fold generators yield k of them, whose test parts are
disjoint and cover all n rows. With `rng` rows are shuffled before they are dealt out, and both parts keep
the shuffled order; without, rows are taken in the order they have.

Errors: an empty array, lengths that differ, and a k or a test size that leaves a part empty raise
ValueError; wrong types raise TypeError. All are raised by the call, before the first fold is asked for.
"""

from math import ceil

import numpy as np

from byhand import _check


def kfold(n, k, rng=None):
    """Yields k folds of the rows 0 … n − 1; test sizes differ by at most 1, the larger ones come first."""
    _folds_fit(k, _check.count("n", n, 2), "n")
    fold, order = np.empty(n, int), _order(n, rng)
    fold[order] = np.sort(np.arange(n) % k)
    return _parts(fold, order, k)


def stratified_kfold(y, k, rng=None):
    """`kfold` with the classes of `y` in the proportions of the whole: a class's counts differ by at most 1.

    The rows are lined up class after class and dealt out like cards, to fold 0, 1, …, k − 1, 0, …
    """
    codes = _check.labels("y", y)[1]
    _folds_fit(k, len(codes), "n")
    if k > (largest := np.bincount(codes).max()):
        raise ValueError(f"k must be at most {largest}, the size of the largest class, got {k}")
    fold, order, dealt = np.empty(len(codes), int), _order(len(codes), rng), 0
    for c in codes[np.sort(np.unique(codes, return_index=True)[1])]:
        members = order[codes[order] == c]
        fold[members] = np.sort((dealt + np.arange(len(members))) % k)
        dealt += len(members)
    return _parts(fold, order, k)


def group_kfold(groups, k, rng=None):
    """`kfold` in which all rows of a group share a fold: those of one patient, say, resemble each other.

    Each group goes to the fold with the fewest rows so far; the largest first, with `rng` in random order.
    """
    names, codes = _check.labels("groups", groups)
    _folds_fit(k, len(names), "the number of groups")
    order, sizes, rows = _order(len(codes), rng), np.bincount(codes), np.zeros(k, int)
    fold_of = np.empty(len(names), int)
    for g in np.argsort(sizes, stable=True)[::-1] if rng is None else rng.permutation(len(names)):
        fold_of[g] = rows.argmin()
        rows[fold_of[g]] += sizes[g]
    return _parts(fold_of[codes], order, k)


def train_test_split(*arrays, test=0.25, rng, stratify=None):
    """Each array's rows in two: [a_train, a_test, b_train, b_test, …], at random and alike for all arrays.

    `test` is a number of rows or a fraction, rounded up. With labels (n,) as `stratify`, either part has
    them in the proportions of the whole, each label within one row.
    """
    arrays = [_check.rows(f"array {i}", a) for i, a in enumerate(arrays)]
    if not arrays:
        raise TypeError("train_test_split needs at least one array, got none")
    for i, a in enumerate(arrays):
        _check.same_length("array 0", arrays[0], f"array {i}", a)
    n = _check.count("the number of rows", len(arrays[0]), 2)
    if isinstance(test, (float, np.floating)):
        test = ceil(_check.scalar("test", test, 0, 1, open_low=True, open_high=True) * n)
    _check.count("test", test, 1, n - 1)
    order = _check.generator("rng", rng).permutation(n)
    codes = np.zeros(n, int) if stratify is None else _check.labels("stratify", stratify)[1]
    _check.same_length("array 0", arrays[0], "stratify", codes)
    shares = np.bincount(codes) * test / n
    counts = np.floor(shares).astype(int)
    ties = rng.permutation(len(counts))
    counts[np.lexsort((ties, counts - shares))[:test - counts.sum()]] += 1      # the largest remainders
    is_test = np.zeros(n, bool)
    for c, count in enumerate(counts):
        is_test[order[codes[order] == c][:count]] = True
    return [a[order[part]] for a in arrays for part in (~is_test[order], is_test[order])]


def _folds_fit(k, n, name):
    if _check.count("k", k, low=-np.inf) < 2 or k > n:
        raise ValueError(f"k must be between 2 and {name}={n}, got {k}")


def _order(n, rng):
    return np.arange(n) if rng is None else _check.generator("rng", rng).permutation(n)


def _parts(fold, order, k):
    """The folds as a generator, made by a function of its own so that bad input is refused at once."""
    return ((order[fold[order] != i], order[fold[order] == i]) for i in range(k))
