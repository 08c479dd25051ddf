"""One error for bad input: it names the argument, the rule, and the value seen."""

import numpy as np


def array(name, x, *, ndim=None):
    """`x` as a numeric array; refuses an empty one, a NaN, and a number of axes other than `ndim`."""
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise ValueError(f"{name} must be a rectangular array, got {x!r:.60}") from error
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got {x!r:.60}")
    if x.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {x.shape}")
    if ndim is not None and x.ndim not in np.atleast_1d(ndim):
        wanted = " or ".join(str(n) for n in np.atleast_1d(ndim))
        raise ValueError(f"{name} must have {wanted} axes, got shape {x.shape}")
    if x.dtype.kind == "f" and np.isnan(x).any():
        raise ValueError(f"{name} must not hold NaN, got nan at index {_where(np.isnan(x))}")
    return x


def finite(name, x, *, ndim=None):
    """`x` as an array of floats, whole numbers as float64; refuses infinity, and what `array` refuses."""
    x = array(name, x, ndim=ndim)
    x = x if x.dtype.kind == "f" else x.astype(float)
    if not np.isfinite(x).all():
        where = _where(~np.isfinite(x))
        raise ValueError(f"{name} must be finite, got {x[where]} at index {where}")
    return x


def rows(name, x):
    """`x` as an array with a first axis to count rows by, of numbers or labels."""
    if not isinstance(x, (np.ndarray, list)) or np.size(x) == 0 or np.asarray(x).dtype.kind not in "USO":
        x = array(name, x)
    x = np.asarray(x)
    if x.ndim == 0:
        raise ValueError(f"{name} must have rows, got the single value {x}")
    return x


def labels(name, y):
    """The labels that `y` (n,) holds, sorted, and of each entry the number of its label."""
    y = np.asarray(y)
    if y.dtype.kind not in "USO" or y.size == 0 or y.ndim != 1:
        y = array(name, y, ndim=1)
    try:
        return np.unique(y, return_inverse=True)
    except TypeError as error:
        raise TypeError(f"{name} must hold labels of one kind, got {y!r:.60}") from error


def floats(name, x):
    """`x` as an array of floats, as `array` has it. A dot product is the cheap look-out: it sees any NaN."""
    x = x if isinstance(x, np.ndarray) else array(name, x)
    if x.dtype.kind != "f":
        return array(name, x).astype(float)
    if x.size == 0 or not np.vdot(x, x) < np.inf:
        array(name, x)
    return x


def same_shape(name_a, a, name_b, b):
    """Refuses two arrays whose shapes differ."""
    if a.shape != b.shape:
        raise ValueError(f"{name_a} and {name_b} must have the same shape, got {a.shape} and {b.shape}")


def shaped(name, x, shape):
    """`x` as `floats` has it; refuses any other shape."""
    x = floats(name, x)
    if x.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {x.shape}")
    return x


def same_length(name_a, a, name_b, b):
    """Refuses two arrays whose first axes differ."""
    if len(a) != len(b):
        raise ValueError(f"{name_a} and {name_b} must have the same length, got {len(a)} and {len(b)}")


def number(name, v, low=-np.inf, high=np.inf, *, open_low=False, open_high=False):
    """`v` unchanged; refuses anything but finite reals (a number or an array) between `low` and `high`."""
    a = np.asarray(v)
    if a.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be a number, got {v!r:.60}")
    if a.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {a.shape}")
    good = np.isfinite(a) & ((a > low) if open_low else (a >= low)) & ((a < high) if open_high else (a <= high))
    if not good.all():
        seen = a.item() if a.ndim == 0 else f"{a[~good][0].item()} at index {_where(~good)}"
        rules = [f"{'>' if open_low else '>='} {low:g}"] * (low > -np.inf)
        rules += [f"{'<' if open_high else '<='} {high:g}"] * (high < np.inf)
        raise ValueError(f"{name} must be {' and '.join(rules) or 'finite'}, got {seen}")
    return v


def scalar(name, v, low=-np.inf, high=np.inf, *, open_low=False, open_high=False):
    """`v` as a float; like `number`, but refuses an array."""
    if isinstance(v, (list, tuple)) or np.ndim(v) > 0:
        raise TypeError(f"{name} must be one number, got {v!r:.60}")
    return float(number(name, v, low, high, open_low=open_low, open_high=open_high))


def count(name, n, low=1, high=None):
    """`n` as an int; refuses anything but a whole number from `low` to `high`."""
    if isinstance(n, (bool, np.bool_)) or not isinstance(n, (int, np.integer)):
        raise TypeError(f"{name} must be a whole number, got {n!r:.60}")
    if n < low or (high is not None and n > high):
        rule = f"at least {low}" if high is None else f"between {low} and {high}"
        raise ValueError(f"{name} must be {rule}, got {n}")
    return int(n)


def counts(name, n, dims, low=1):
    """`n` as `dims` whole numbers from `low`: one number stands for all."""
    each = n if isinstance(n, (tuple, list)) else (n,) * dims
    if len(each) != dims:
        raise ValueError(f"{name} must be one number, or {dims}, one for each spatial axis, got {n!r:.60}")
    return tuple(count(name, one, low) for one in each)


def function(name, f):
    """`f` unchanged; refuses what cannot be called."""
    if not callable(f):
        raise TypeError(f"{name} must be a function, got {f!r:.60}")
    return f


def generator(name, rng):
    """`rng` unchanged; refuses anything but a numpy.random.Generator (a seed is not one)."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"{name} must be a numpy.random.Generator, as from np.random.default_rng(0), got {rng!r:.60}")
    return rng


def folds(folds, n):
    """Pairs (train, test) of indices below `n` as a list of pairs of arrays; refuses what is not that."""
    try:
        pairs = [(train, test) for train, test in folds]
    except (TypeError, ValueError) as error:
        raise TypeError(f"folds must be pairs (train, test) of indices, got {folds!r:.60}") from error
    if not pairs:
        raise ValueError("folds must hold at least one (train, test), got none: is the generator used up?")
    for i, pair in enumerate(pairs):
        for part, indices in zip(("train", "test"), pair, strict=True):
            name = f"{part} indices of fold {i}"
            indices = array(name, indices, ndim=1)
            if indices.dtype.kind not in "iu":
                raise TypeError(f"{name} must be whole numbers, got {indices.dtype}")
            number(name, indices, 0, n - 1)
    return [(np.asarray(train), np.asarray(test)) for train, test in pairs]


def learned(model, what):
    """Refuses a model that was not fitted."""
    if what is None:
        raise ValueError(f"fit first: {model} has learned nothing yet")


def _where(mask):
    return tuple(int(i) for i in np.argwhere(mask)[0])
