"""Exercises and their checks: tried on random inputs at once, with an answer that says what is wrong.

An exercise knows a right answer and the classic wrong ones. A wrong answer that computes the same as a
classic one is told its name; the same wrong answers test the check itself. Each lesson has its module here.
"""

import copy
import inspect
import signal
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

SECONDS = 5.0


@dataclass(frozen=True)
class Exercise:
    """`right(*arguments)` is what an answer must compute, for the `arguments` that `draw(rng)` returns.

    `mistakes` maps a sentence to a function that makes that mistake, `parts` names what is returned, in order.
    Messages call the arguments what `right` calls them.
    """

    name: str
    parts: tuple[str, ...]
    draw: Callable
    right: Callable
    mistakes: dict[str, Callable] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """The check's answer: `right` or not, and why in a sentence or two."""

    right: bool
    text: str

    def __repr__(self):
        return self.text


def check(answer, exercise, *, rng=None, times=20):
    """Tries `answer` on `times` random inputs and reports the first that goes wrong; it never raises.

    The inputs are the same at every call unless an `rng` is given.
    """
    if not callable(answer):
        return Report(False, f"Not yet: {exercise.name} must be a function, got {answer!r:.60}.")
    rng = np.random.default_rng(12) if rng is None else rng
    cases = [exercise.draw(rng) for _ in range(times)]
    for case in cases:
        problem = _try(answer, exercise, case)
        if problem is None:
            continue
        if problem == UNWRITTEN:
            return Report(False, "Not written yet.")
        for sentence, mistake in exercise.mistakes.items():
            if all(_same(answer, mistake, case) for case in cases):
                return Report(False, f"Not yet: {sentence}.\n{problem}")
        return Report(False, f"Not yet. {problem}")
    return Report(True, f"Right, on {times} random inputs.")


UNWRITTEN = "unwritten"


def _try(answer, exercise, case):
    """What is wrong with the answer to one input, or None."""
    given = copy.deepcopy(case)
    shown = f"With {_shown(exercise.right, case)}"
    try:
        with _time_limit():
            got = answer(*given)
    except _TooLong:
        return f"{shown}, it did not return within {SECONDS:g} seconds. Does a loop never end?"
    except NotImplementedError:
        return UNWRITTEN
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        return f"{shown}, it raised {type(error).__name__}: {error}"
    if got is None or got is Ellipsis:
        return UNWRITTEN
    if any(not _equal(a, b) for a, b in zip(case, given, strict=True)):
        return f"{shown}, it changed its input in place. Make a new array instead, as x = x - … does."
    wanted = exercise.right(*copy.deepcopy(case))
    many = len(exercise.parts) > 1
    if many and not (isinstance(got, (tuple, list)) and len(got) == len(exercise.parts)):
        parts = " and ".join(exercise.parts)
        return f"{shown}, it must return {len(exercise.parts)} things, {parts}; got {got!r:.80}."
    for part, mine, theirs in zip(exercise.parts, got if many else [got], wanted if many else [wanted], strict=True):
        problem = _differs(part, mine, theirs)
        if problem:
            return f"{shown}, {problem}"
    return None


def _differs(part, mine, theirs):
    try:
        mine, theirs = np.asarray(mine), np.asarray(theirs)
    except ValueError:
        return f"{part} must be an array, got {mine!r:.60}."
    if mine.dtype.kind not in "fiub":
        return f"{part} must hold numbers, got {mine!r:.60}."
    if mine.shape != theirs.shape:
        return f"{part} has shape {mine.shape}, expected {theirs.shape}."
    if np.isnan(mine).any():
        return f"{part} holds nan, expected {_short(theirs)}."
    if not np.allclose(mine, theirs, rtol=1e-7, atol=1e-10):
        return f"{part} is {_short(mine)}, expected {_short(theirs)}."
    return None


def _same(answer, mistake, case):
    """Whether the answer computes what the mistake does, whatever either raises."""
    results = []
    for function in (answer, mistake):
        try:
            with _time_limit():
                results.append(function(*copy.deepcopy(case)))
        except (Exception, SystemExit, KeyboardInterrupt):
            return False
    return _equal(*results, close=True)


def _equal(a, b, close=False):
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(_equal(*pair, close=close) for pair in zip(a, b, strict=True))
    if callable(a) or callable(b):
        return True
    try:
        a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    except (TypeError, ValueError):
        return False
    if a.shape != b.shape:
        return False
    return np.allclose(a, b, rtol=1e-7, atol=1e-10) if close else np.array_equal(a, b, equal_nan=True)


def _shown(right, case):
    names = inspect.signature(right).parameters
    return ", ".join(f"{name} = {thing.__name__ if callable(thing) else _short(thing)}"
                     for name, thing in zip(names, case, strict=True))


def _short(thing):
    return np.array2string(np.asarray(thing), precision=3, threshold=6, separator=", ").replace("\n", "")


class _TooLong(BaseException):
    """Not an Exception, so that an answer's own `except Exception` does not swallow it."""


@contextmanager
def _time_limit():
    """Ends an endless loop where the platform can: in the main thread, on Linux and macOS."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_):
        raise _TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
