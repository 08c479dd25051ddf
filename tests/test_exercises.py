import importlib
import pkgutil
import re
import signal
import threading
import time
import warnings

import numpy as np
import pytest
from byhand import exercises
from byhand.conv import conv
from byhand.exercises import Exercise, check, gradient_methods
from byhand.gradcheck import numerical_gradient, relative_error

NAMES = [found.name for found in pkgutil.iter_modules(exercises.__path__)]
MODULES = [importlib.import_module(f"byhand.exercises.{name}") for name in NAMES]
ALL = [thing for module in MODULES for thing in vars(module).values() if isinstance(thing, Exercise)]
MISTAKES = [pytest.param(exercise, sentence, id=f"{exercise.name}: {sentence}")
            for exercise in ALL for sentence in exercise.mistakes]

PAIR = Exercise("pair", ("sum", "double"), lambda rng: (rng.normal(size=3), rng.normal(size=3)),
                lambda a, b: (a + b, 2 * a), {
                    "the sign of b is wrong": lambda a, b: (a - b, 2 * a),
                    "the log of a negative number is taken": lambda a, b: (np.log(a), 2 * a)})
ONE = Exercise("one", ("the sum",), lambda rng: (rng.normal(size=(3, 2)), lambda x: x),
               lambda a, f, axis=None: a.sum(axis), {})


def rngs(n):
    return [None, *np.random.default_rng(77).spawn(n)]


every = pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)


@every
def test_the_right_answer_is_right(exercise):
    for rng in rngs(5):
        report = check(exercise.right, exercise, rng=rng)
        assert report.right and repr(report) == "Right, on 20 random inputs."


@every
def test_a_right_answer_may_be_lists_or_float32(exercise):
    def lists(*arguments):
        right = exercise.right(*arguments)
        return [np.asarray(part).tolist() for part in right] if len(exercise.parts) > 1 else np.asarray(right).tolist()

    def rough(*arguments):
        right = exercise.right(*arguments)
        return tuple(map(np.float32, right)) if len(exercise.parts) > 1 else np.float32(right)

    assert check(lists, exercise).right and check(rough, exercise).right


@pytest.mark.parametrize("exercise, sentence", MISTAKES)
def test_every_classic_mistake_is_named(exercise, sentence):
    for rng in rngs(3):
        report = check(exercise.mistakes[sentence], exercise, rng=rng)
        assert not report.right
        first, told = report.text.split("\n")
        assert first == f"Not yet: {sentence}."
        assert re.match(r"With \w+ = .*, .*expected .*\.$", told), told


@every
def test_no_two_mistakes_are_one(exercise):
    for rng in rngs(1)[1:]:
        for sentence, mistake in exercise.mistakes.items():
            alone = Exercise(exercise.name, exercise.parts, exercise.draw, mistake, {})
            taken_for = [other for other, wrong in exercise.mistakes.items()
                         if other != sentence and check(wrong, alone, rng=rng).right]
            assert not taken_for


def dots(*arguments):
    ...


def told(*arguments):
    """What is asked for."""
    ...


def passed(*arguments):
    """What is asked for."""
    pass


def raised(*arguments):
    raise NotImplementedError("write me")


def returned(*arguments):
    return ...


@every
@pytest.mark.parametrize("stub", [dots, told, passed, raised, returned, lambda *arguments: None])
def test_a_stub_is_not_written_yet(exercise, stub):
    report = check(stub, exercise)
    assert not report.right and repr(report) == "Not written yet."


class Evil:
    """Nothing can be asked of it."""

    def _fail(self, *_):
        raise RuntimeError("no")

    __repr__ = __str__ = __array__ = __len__ = __eq__ = __iter__ = __getitem__ = _fail


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no")


class Base(BaseException):
    pass


def raising(error):
    def answer(a, b):
        raise error
    return answer


def in_place(a, b):
    a += b
    return a, 2 * (a - b)


def yields(a, b):
    yield a + b


def forgotten(a, b):
    a + b, 2 * a


def sets_numpy(a, b):
    np.seterr(all="raise")
    warnings.simplefilter("error")
    return np.log(-np.ones(3)), 2 * a


def evil_tuple(a, b):
    class Tuple(tuple):
        def __len__(self):
            raise SystemExit
    return Tuple()


SHOWN = r"Not yet. With a = \[.*\], b = \[.*\], "


@pytest.mark.parametrize("answer, message", [
    (lambda a, b: (a, b, a), "it must return 2 things, sum and double; got (array("),
    (lambda a, b: a, "it must return 2 things, sum and double; got array(["),
    (lambda a, b: 3, "it must return 2 things, sum and double; got 3."),
    (lambda a, b: np.array(3), "it must return 2 things, sum and double; got array(3)."),
    (lambda a, b: {"sum": a}, "it must return 2 things, sum and double; got {'sum'"),
    (lambda a, b: "ab", "it must return 2 things, sum and double; got 'ab'."),
    (lambda a, b: (a + b, 2 * a[:2]), "double has shape (2,), expected (3,)."),
    (lambda a, b: ((a + b)[:, None], 2 * a), "sum has shape (3, 1), expected (3,)."),
    (lambda a, b: ([[1], [1, 2]], 2 * a), "sum must be an array, got [[1], [1, 2]]."),
    (lambda a, b: ("abc", 2 * a), "sum must hold real numbers, got 'abc'."),
    (lambda a, b: (["a", "b", "c"], 2 * a), "sum must hold real numbers, got ['a', 'b', 'c']."),
    (lambda a, b: (list(map(str, a + b)), 2 * a), "sum must hold real numbers, got ['"),
    (lambda a, b: ({1: a}, 2 * a), "sum must hold real numbers, got {1: array(["),
    (lambda a, b: (None, 2 * a), "sum must hold real numbers, got None."),
    (lambda a, b: (a + b + 0j, 2 * a), "sum must hold real numbers, got array(["),
    (lambda a, b: (a + b, (2 * x for x in a)), "double must hold real numbers, got <generator object"),
    (lambda a, b: ((a + b) * np.nan, 2 * a), "sum holds nan, expected ["),
    (lambda a, b: (a / 0, 2 * a), "inf"),
    (lambda a, b: (a + b, a), "double is ["),
    (lambda a, b: (a + b + np.array([0, 1e-6, 0]), 2 * a), " at index (1,), expected "),
    (lambda a, b: ((a + b).astype(np.float16), 2 * a), ", expected "),
    (lambda a, b: (Evil(), 2 * a), "sum must be an array, got a Evil."),
    (lambda a, b: Evil(), "it must return 2 things, sum and double; got a Evil."),
    (lambda a: a, "it raised TypeError: "),
    (lambda a, b: a @ np.ones((4, 4)), "it raised ValueError: matmul: Input operand 1 has a mismatch"),
    (in_place, "it changed its input in place. Make a new array instead, as x = x - … does."),
    (lambda a, b: (a.sort(), (a + b, 2 * a))[1], "it changed its input in place."),
    (yields, "it returned a generator. Write `return` in place of `yield`."),
    (forgotten, "it returned nothing. Is a `return` missing?"),
    (print, "it returned nothing. Is a `return` missing?"),
    (raising(ZeroDivisionError("oh")), "it raised ZeroDivisionError: oh"),
    (raising(SystemExit(3)), "it raised SystemExit: 3"),
    (raising(KeyboardInterrupt()), "it raised KeyboardInterrupt: "),
    (raising(GeneratorExit()), "it raised GeneratorExit: "),
    (raising(Base("deep")), "it raised Base: deep"),
    (raising(Unspeakable()), "it raised Unspeakable: a Unspeakable"),
    (raising(RuntimeWarning("a warning")), "it raised RuntimeWarning: a warning"),
    (evil_tuple, "what it returned cannot be read: SystemExit."),
])
def test_what_is_wrong_is_said(answer, message, capsys):
    report = check(answer, PAIR)
    assert not report.right and message in report.text
    assert re.match(SHOWN, report.text)


@pytest.mark.parametrize("answer", [None, 3, "momentum_step", [], Evil(), (x for x in [1])])
def test_what_is_no_function(answer):
    report = check(answer, PAIR)
    assert not report.right and report.text.startswith("Not yet: pair must be a function, got ")


@pytest.mark.parametrize("answer", [
    lambda a, b: [a + b, 2 * a],
    lambda a, b: np.stack([a + b, 2 * a]),
    lambda a, b: ((a + b).tolist(), tuple(2 * a)),
    lambda a, b: ((a + b).astype(np.float32), 2 * a),
    lambda a, b: (np.log(0 * a), (a + b, 2 * a))[1],
    lambda a, b: warnings.warn("look out", DeprecationWarning, stacklevel=1) or (a + b, 2 * a),
])
def test_what_is_right_though_it_looks_different(answer):
    assert check(answer, PAIR).right


def test_a_view_of_the_input_is_an_answer():
    same = Exercise("same", ("x", "first"), lambda rng: (rng.normal(size=3),), lambda x: (x, x[:1]))
    assert check(lambda x: (x, x[:1]), same).right and check(lambda x: (x[:], x[[0]]), same).right


def test_a_block_is_shown_by_its_corners():
    block = Exercise("block", ("twice",), lambda rng: (rng.normal(size=(5, 4, 5, 4)),), lambda x: 2 * x)
    assert len(check(lambda x: x, block).text) < 1000


def test_numpys_state_stays_as_it_was():
    before, filters = np.geterr(), list(warnings.filters)
    report = check(sets_numpy, PAIR)
    assert "it raised" in report.text and np.geterr() == before and warnings.filters == filters
    assert check(lambda a, b: (np.log(a), 2 * a), PAIR).text.startswith("Not yet: the log of a negative number")


def test_an_in_place_answer_is_told_its_mistake_too():
    def answer(a, b):
        a -= b
        return a, 2 * (a + b)

    assert check(answer, PAIR).text.startswith("Not yet: the sign of b is wrong.\nWith ")


def test_what_holds_no_numbers_may_change():
    drawn = Exercise("drawn", ("x",), lambda rng: (rng.spawn(1)[0], "a", {"k": 1}),
                     lambda rng, s, d: rng.normal(size=3))
    assert check(lambda rng, s, d: rng.normal(size=3), drawn).right
    assert not check(lambda rng, s, d: rng.normal(size=(2, 3))[1], drawn).right


def test_a_function_among_the_inputs_is_shown_by_its_name():
    assert "f = <lambda>, the sum is 0, expected " in check(lambda a, f: 0, ONE).text
    assert check(lambda a, f: f(a).sum(), ONE).right


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(exercises, "SECONDS", 0.05)


def endless(a, b):
    while True:
        try:
            time.sleep(0.001)
        except Exception:
            pass


def test_an_endless_loop_ends(impatient):
    start, before = time.perf_counter(), signal.getsignal(signal.SIGALRM)
    report = check(endless, PAIR)
    assert "it did not return within 0.05 seconds. Does a loop never end?" in report.text
    assert time.perf_counter() - start < 0.5, "the limit counts once, not once more for each mistake"
    assert signal.getsignal(signal.SIGALRM) is before and signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_timer_that_ran_before_runs_on():
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 30)
        assert check(PAIR.right, PAIR).right and 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 30 and not rung
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_it_works_outside_the_main_thread():
    reports = []
    thread = threading.Thread(target=lambda: reports.append(check(PAIR.right, PAIR)))
    thread.start()
    thread.join()
    assert reports[0].right


def test_the_inputs_are_the_same_at_every_call():
    seen = []
    for _ in range(2):
        check(lambda a, b: seen.append((a.tolist(), b.tolist())) or (a + b, 2 * a), PAIR)
    assert seen[:20] == seen[20:] and len({str(one) for one in seen}) == 20
    assert check(lambda a, b: (a, a), PAIR).text == check(lambda a, b: (a, a), PAIR).text
    check(lambda a, b: seen.append(a.tolist()) or (a + b, 2 * a), PAIR, rng=np.random.default_rng(1), times=3)
    assert len(seen) == 43 and seen[-1] != seen[0][0]


@pytest.mark.parametrize("arguments, error, message", [
    ({"exercise": "pair"}, TypeError, "exercise must be an Exercise, got 'pair'"),
    ({"times": 0}, ValueError, "times must be at least 1, got 0"),
    ({"times": 2.5}, TypeError, "times must be a whole number, got 2.5"),
    ({"rng": 3}, TypeError, "rng must be a numpy.random.Generator, as from np.random.default_rng(0), got 3"),
])
def test_bad_input_of_the_teachers(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        check(PAIR.right, **{"exercise": PAIR} | arguments)


@pytest.mark.parametrize("changes, message", [
    ({"parts": "x"}, "parts must be a tuple of names, got 'x'"),
    ({"parts": ()}, "parts must be a tuple of names, got ()"),
    ({"draw": None}, "draw must be a function, got None"),
    ({"right": 3}, "right must be a function, got 3"),
    ({"mistakes": {"it is wrong": 3}}, "it is wrong must be a function, got 3"),
])
def test_bad_exercises(changes, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        Exercise(**{"name": "a", "parts": ("x",), "draw": lambda rng: (1,), "right": abs} | changes)


def test_the_gradients_asked_for_are_those_of_finite_differences():
    """What `conv_backward` must return, by the definition of a gradient and not by the library's own backward pass."""
    for rng in rngs(3)[1:]:
        dy, x, w = gradient_methods.CONV_BACKWARD.draw(rng)

        def loss(x, w, b, dy=dy):
            return np.sum(dy * conv(x, w, b))

        b = np.zeros(len(w))
        told = gradient_methods.CONV_BACKWARD.right(dy, x, w)
        found = (numerical_gradient(lambda x, w=w, b=b: loss(x, w, b), x),
                 numerical_gradient(lambda w, x=x, b=b: loss(x, w, b), w),
                 numerical_gradient(lambda b, x=x, w=w: loss(x, w, b), b))
        assert all(relative_error(*pair) < 1e-7 for pair in zip(told, found, strict=True))
