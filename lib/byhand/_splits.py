"""What makes trees fast: rows sorted once, all nodes of a level searched together, sums of whole numbers.

Shapes: `columns` (d, n) are the features. `order` (d, m) holds the m rows still to be split, for each feature
sorted by node and within a node by value; `node` (m,), from 0, is the node at each of its places.
Whole numbers add several times faster than floats, and exactly, whatever came before.
"""

import numpy as np


def presort(X):
    """The features (d, n), and the order of the rows by each, (d, n); equal ones stay in order on every processor."""
    columns = np.ascontiguousarray(X.T)
    return columns, columns.argsort(axis=1, kind="stable")


def blocks(order):
    """Slices of a few features each: 2¹⁵ numbers at a time stay in the cache."""
    step = max(1, 2**15 // order.shape[1])
    return [slice(i, i + step) for i in range(0, len(order), step)]


def divide(order, side):
    """The order with the rows of side 1 before those of side 2, and without those of side 0."""
    parts = []
    for some in blocks(order):
        o, s = order[some], side.take(order[some])
        parts.append(np.hstack([o.take(np.flatnonzero(s == k)).reshape(len(o), -1) for k in (1, 2)]))
    return np.concatenate(parts)


def best_cuts(tree, columns, order, node, mean, Y, w):
    """The feature and the threshold that split each node best; −1 and ∞ where none does."""
    m, start = len(node), np.flatnonzero(np.diff(node, prepend=-1))
    size = np.diff(start, append=m)
    place = np.arange(m) - start[node]
    shut = np.flatnonzero((place < tree.min_leaf - 1) | (place >= size[node] - tree.min_leaf))
    y = Y[:, order[0]]
    mixed = (np.maximum.reduceat(y, start, axis=1) > np.minimum.reduceat(y, start, axis=1)).any(axis=0)
    best, j, t = np.full(len(start), -np.inf), np.full(len(start), -1), np.full(len(start), np.inf)
    asked, row = tree.asked(columns, order[:, start], order[:, start + size - 1]), np.arange(len(order))[:, None]
    if tree.features is not None:
        row = asked[:, node]
        order = order[row, np.arange(m)]
    for some, gain in _gains(tree, order, node, start, size, mean, Y, w):
        x = columns.take(order[some] + row[some] * columns.shape[1])
        tie = x[:, 1:] == x[:, :-1]
        if tie.any():
            gain[:, :-1][tie] = -np.inf
        gain[:, shut] = -np.inf
        top = np.maximum.reduceat(gain, start, axis=1)
        f, top = top.argmax(axis=0), top.max(axis=0)
        better = np.flatnonzero(mixed & (top > best))
        if better.size:
            hit = np.flatnonzero(gain[f[node], np.arange(m)] == top[node])
            at, f = hit[np.searchsorted(hit, start[better])], f[better]
            best[better], t[better] = top[better], halfway(x[f, at], x[f, at + 1])
            j[better] = asked[some.start + f, better]
    return j, t


def _gains(tree, order, node, start, size, mean, Y, w):
    """Yields a few features, and what a cut after each place of their order gains, (features, m)."""
    rows, total = order[0], size
    left = np.arange(1.0, len(node) + 1) - start[node]
    right = size[node] - left
    rest = Y[:, rows] - mean[:, node]
    if w is not None:
        rest, total = rest * w[rows], np.add.reduceat(w[rows], start)
        # Rounded up, so that no weight vanishes; below 2⁵³ in all, so that a float holds each sum exactly.
        whole = np.ceil(w[rows] / total[node] * (2.0**53 / len(start) - len(node)))
        weigh, both = _sums(whole, rows, node, start, len(w)), np.add.reduceat(whole, start)[node]
    scale = np.add.reduceat(np.abs(rest).sum(axis=0), start)
    scale[scale == 0] = 1
    residuals = []
    for r in rest:
        r = np.rint(r / scale[node] * 2.0**61).astype(np.int64)
        r[start] -= np.add.reduceat(r, start)           # to a sum of exactly 0: mirrored cuts gain exactly alike
        residuals.append(_sums(r, rows, node, start, Y.shape[1]))
    unit, mean = (scale / total)[node] * 2.0**-61, mean[:, None, node]
    for some in blocks(order):
        if w is not None:
            left = weigh(order[some])
            right = both - left
        with np.errstate(divide="ignore", invalid="ignore"):        # right of a node's last place is nothing
            yield some, tree.gain((r(order[some]) for r in residuals), left, right, unit, mean)


def _sums(whole, rows, node, start, n):
    """A function of an order: within each node, the sums of these numbers of the rows up to each place."""
    part, whole = np.zeros(n, np.int64), whole.astype(np.int64)
    part[rows], before = whole, (whole.cumsum() - whole)[start][node]

    def sums(order):
        here = part.take(order).cumsum(axis=1)
        here -= before
        return here.astype(float)
    return sums


def halfway(low, high):
    """Between two numbers, or `low` where no float is."""
    middle = low.astype(float) / 2 + high.astype(float) / 2
    return np.where(middle < high, middle, low)


def stumps(columns, order, codes):
    """A function of the weights: the best question (j, t) about codes 0 and 1 by gini, None where none helps.

    A twin of `best_cuts` for many trees of one question: where a cut is possible is looked up once. With u
    the weight at its left, v the same with the signs of 2·code − 1, and W and V in all, the gain is
    proportional to (v − uV/W)² / u(W − u).
    """
    n, sign, some, cuts = len(codes), 2 * codes - 1, blocks(order), []
    for part in some:
        x = np.take_along_axis(columns[part], order[part], axis=1)
        cuts.append(np.flatnonzero(np.diff(x, axis=1, append=x[:, -1:]) > 0))

    def best(w):
        signed = np.ceil(w / w.sum() * (2.0**53 - n)).astype(np.int64) * sign
        V, W, most, question = signed.sum(), np.abs(signed).sum(), 0.0, None
        for part, cut in zip(some, cuts, strict=True):
            s = signed.take(order[part])
            pair = np.abs(s).cumsum(axis=1), s.cumsum(axis=1)
            u, v = (a[:, :-1] if len(cut) == len(s) * (n - 1) else a.take(cut) for a in pair)
            u = u.astype(float)
            gain = (v - u * (V / W)) ** 2 / (u * (W - u))
            if gain.max(initial=0) > most:
                most, (j, i) = gain.max(), divmod(cut[gain.argmax()], n)
                question = part.start + j, halfway(*columns[part.start + j, order[part][j, i:i + 2]])
        return question
    return best
