"""Exercises and their checks: tried on random inputs at once, with an answer that says what is wrong.

An exercise knows a right answer and the classic wrong ones. A wrong answer that computes the same as a
classic one is told its name; the same wrong answers test the check itself. Each lesson has its module here.
"""

import copy
import dis
import inspect
import signal
import threading
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from byhand import _check

SECONDS = 5.0
UNWRITTEN = "unwritten"
# All that `...`, `pass` and a docstring are compiled to, in one version of Python or another.
EMPTY = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}


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

    def __post_init__(self):
        if not isinstance(self.parts, tuple) or not self.parts:
            raise TypeError(f"parts must be a tuple of names, got {self.parts!r:.60}")
        for name, function in {"draw": self.draw, "right": self.right, **self.mistakes}.items():
            _check.function(name, function)


@dataclass(frozen=True)
class Report:
    """The check's answer: `right` or not, why in a sentence or two, and the classic mistake if it was one."""

    right: bool
    text: str
    mistake: str | None = None

    def __repr__(self):
        return self.text


@dataclass(frozen=True)
class Fault:
    """What is wrong with an answer besides its value `got`, if it has one."""

    text: str
    got: object = None


def check(answer, exercise, *, rng=None, times=20):
    """Tries `answer` on `times` random inputs and reports the first that goes wrong.

    Whatever `answer` is or does, this never raises. The inputs are the same at every call unless an `rng` is given.
    """
    if not isinstance(exercise, Exercise):
        raise TypeError(f"exercise must be an Exercise, got {exercise!r:.60}")
    _check.count("times", times)
    rng = np.random.default_rng(12) if rng is None else _check.generator("rng", rng)
    if not callable(answer):
        return Report(False, f"Not yet: {exercise.name} must be a function, got {_told(answer)}.")
    cases = [exercise.draw(rng) for _ in range(times)]
    return judge((observe(answer, case) for case in cases), exercise, cases)


def observe(answer, case):
    """What `answer` returns for one input, or the `Fault` that it has."""
    given = copy.deepcopy(case)
    try:
        got = _call(answer, given)
    except _Failed as failed:
        return Fault(str(failed))
    if got is None or got is Ellipsis:
        unwritten = got is Ellipsis or _empty(answer)
        return Fault(UNWRITTEN if unwritten else "it returned nothing. Is a `return` missing?")
    if inspect.isgenerator(got):
        return Fault("it returned a generator. Write `return` in place of `yield`.")
    if not all(map(_equal, case, given)):
        return Fault("it changed its input in place. Make a new array instead, as x = x - … does.", got)
    return got


def judge(answers, exercise, cases):
    """The report on `answers`, which are what `observe` returned for each of `cases`, wherever that was done."""
    answers, seen = iter(answers), []
    for case in cases:
        seen.append(got := next(answers))
        try:
            problem, mistake = _problem(got, exercise, case), None
            if problem == UNWRITTEN:
                return Report(False, "Not written yet.")
            if problem:
                mistake = _mistake(chain(seen, answers), exercise, cases)
        except BaseException as error:
            problem, mistake = f"what it returned cannot be read: {type(error).__name__}.", None
        if problem:
            told = f"With {_shown(exercise.right, case)}, {problem}"
            return Report(False, f"Not yet: {mistake}.\n{told}" if mistake else f"Not yet. {told}", mistake)
    return Report(True, f"Right, on {len(cases)} random inputs.")


def share(answers, exercise, cases):
    """The share of the exercise's parts that are right on every input: partial credit."""
    right = np.ones(len(exercise.parts), bool)
    for got, case in zip(answers, cases, strict=True):
        if isinstance(got, Fault) or (len(right) > 1 and not _holds(got, len(right))):
            return 0.0
        right &= [_differs("it", *pair) is None for pair in _pairs(got, exercise, case)]
    return float(right.mean())


class _Failed(Exception):
    """Why an answer did not return."""


def _problem(got, exercise, case):
    """What is wrong with what was returned for one input, or None."""
    if isinstance(got, Fault):
        return got.text
    if len(exercise.parts) > 1 and not _holds(got, len(exercise.parts)):
        parts = " and ".join(exercise.parts)
        return f"it must return {len(exercise.parts)} things, {parts}; got {_told(got)}."
    return next(filter(None, map(_differs, exercise.parts, *zip(*_pairs(got, exercise, case), strict=True))), None)


def _pairs(got, exercise, case):
    """Each part of what was returned, with what it should be."""
    wanted = exercise.right(*copy.deepcopy(case))
    return [(got, wanted)] if len(exercise.parts) == 1 else list(zip(got, wanted, strict=True))


def _holds(got, count):
    return isinstance(got, (tuple, list, np.ndarray)) and getattr(got, "ndim", 1) and len(got) == count


def _mistake(answers, exercise, cases):
    """The classic mistake that gives what the answer gives, on all inputs, if there is one."""
    values = []
    for answer in answers:
        values.append(answer.got if isinstance(answer, Fault) else answer)
        if values[-1] is None:                  # no value, so no need to wait for the others
            return None
    for sentence, mistake in exercise.mistakes.items():
        wrong = (_call(mistake, copy.deepcopy(case)) for case in cases)
        if all(_equal(a, b, close=True) for a, b in zip(values, wrong, strict=True)):
            return sentence
    return None


def _call(function, given):
    """What the function returns, with its warnings kept quiet; `_Failed` where it does not return."""
    try:
        with _time_limit(), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*given)
    except _TooLong:
        raise _Failed(f"it did not return within {SECONDS:g} seconds. Does a loop never end?") from None
    except NotImplementedError:
        return Ellipsis
    except BaseException as error:
        raise _Failed(f"it raised {type(error).__name__}: {_told(error, str, 300)}") from None


def _empty(answer):
    """Whether nothing is written in the function, as in the stub that is handed out."""
    try:
        return {step.opname for step in dis.get_instructions(answer)} <= EMPTY
    except TypeError:
        return False


def _differs(part, mine, theirs):
    try:
        got, theirs = np.asarray(mine), np.asarray(theirs)
    except Exception:
        return f"{part} must be an array, got {_told(mine)}."
    if got.dtype.kind not in "fiub":
        return f"{part} must hold real numbers, got {_told(mine)}."
    if got.shape != theirs.shape:
        return f"{part} has shape {got.shape}, expected {theirs.shape}."
    if np.isnan(got).any() and not np.isnan(theirs).any():
        return f"{part} holds nan, expected {_short(theirs)}."
    rough = got.dtype == np.float32
    close = np.isclose(got, theirs, rtol=1e-4 if rough else 1e-7, atol=1e-5 if rough else 1e-10, equal_nan=True)
    if close.all():
        return None
    if _short(got) != _short(theirs):
        return f"{part} is {_short(got)}, expected {_short(theirs)}."
    where = tuple(int(i) for i in np.argwhere(~close)[0])
    at = f" at index {where}" if where else ""
    return f"{part} is {got[where].item()}{at}, expected {theirs[where].item()}."


def _equal(a, b, close=False):
    """Whether two things hold the same numbers. What holds none is not compared, unless it must be `close`."""
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(_equal(*pair, close=close) for pair in zip(a, b, strict=True))
    try:
        a, b = np.asarray(a), np.asarray(b)
    except Exception:
        return not close
    if a.dtype.kind not in "fiub" or b.dtype.kind not in "fiub":
        return not close
    if a.shape != b.shape:
        return False
    return np.allclose(a, b, rtol=1e-7, atol=1e-10, equal_nan=True) if close else np.array_equal(a, b, equal_nan=True)


def _shown(right, case):
    names = inspect.signature(right).parameters
    return ", ".join(f"{name} = {_short(thing)}" for name, thing in zip(names, case, strict=False))


def _short(thing):
    if callable(thing):
        return getattr(thing, "__name__", "a function")
    thing = np.asarray(thing)
    ends = 3 if thing.ndim < 3 else 1               # of each axis: a block has room for its corners only
    return np.array2string(thing, precision=3, threshold=6, edgeitems=ends, separator=", ").replace("\n", "")


def _told(thing, words=repr, most=80):
    """What a thing says of itself, shortened; its type's name where even that fails."""
    try:
        return words(thing)[:most]
    except BaseException:
        return f"a {type(thing).__name__}"


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
    left = signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if before is None else before)
        signal.setitimer(signal.ITIMER_REAL, *left)
