import re

import numpy as np
import pytest
from byhand.gradcheck import numerical_gradient, relative_error
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

some = settings(deadline=None, max_examples=50)
points = hnp.arrays(float, hnp.array_shapes(min_dims=0, max_dims=3, max_side=4), elements=st.floats(-3, 3))
WEIGHTS = np.random.default_rng(0).normal(size=(4, 4))

FUNCTIONS = {
    "sum": (np.sum, np.ones_like),
    "squares": (lambda x: np.sum(x**2), lambda x: 2 * x),
    "cubes": (lambda x: np.sum(x**3), lambda x: 3 * x**2),
    "sine": (lambda x: np.sum(np.sin(x)), np.cos),
    "logistic": (lambda x: np.sum(np.logaddexp(0, x)), lambda x: 1 / (1 + np.exp(-x))),
    "product": (lambda x: np.exp(np.sum(x) / 20), lambda x: np.full_like(x, np.exp(np.sum(x) / 20) / 20)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@some
@given(x=points)
def test_known_gradients(name, x):
    f, gradient = FUNCTIONS[name]
    before = x.copy()
    np.testing.assert_allclose(numerical_gradient(f, x), gradient(x), rtol=1e-7, atol=1e-6)
    np.testing.assert_array_equal(x, before)


def test_a_gradient_that_mixes_the_coordinates():
    x, A = np.array([1.0, -2.0, 0.5, 3.0]), WEIGHTS
    assert relative_error(numerical_gradient(lambda x: x @ A @ x, x), (A + A.T) @ x) < 1e-9


def test_large_and_small_points():
    tiny = np.array([1e-6, -3e-6])
    assert relative_error(numerical_gradient(lambda x: 1e12 * np.sum(x**2), tiny, h=1e-11), 2e12 * tiny) < 1e-9
    assert relative_error(numerical_gradient(lambda x: np.sum(x**2), [1e6, -3e6]), [2e6, -6e6]) < 1e-9


def test_the_step_is_as_given():
    # Central differences of x³ are off by exactly h².
    assert numerical_gradient(lambda x: x**3, 1.0, h=0.5) == pytest.approx(3 + 0.25)
    seen = []
    numerical_gradient(lambda x: seen.append(float(x)) or 0.0, 2.0, h=0.25)
    assert sorted(seen) == [1.75, 2.25]


@pytest.mark.parametrize("x", [[1, 2], (1, 2), np.array([1, 2], dtype=np.int8), np.array([1, 2], np.float32), 3, True])
def test_whole_numbers_and_lists_become_float64(x):
    gradient = numerical_gradient(lambda x: np.sum(x * x), x)
    assert gradient.dtype == np.float64 and gradient.shape == np.shape(x)
    np.testing.assert_allclose(gradient, 2 * np.asarray(x, float), atol=1e-8)


def test_a_function_that_changes_its_argument_does_no_harm():
    def f(x):
        x *= 2
        return np.sum(x**2)

    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_allclose(numerical_gradient(f, x), 8 * x, rtol=1e-8)
    np.testing.assert_array_equal(x, [[1, 2], [3, 4]])


def test_an_array_of_one_number_is_one_number():
    gradient = numerical_gradient(lambda x: x[:1, :1] ** 2, np.ones((2, 2)))
    np.testing.assert_allclose(gradient, [[2, 0], [0, 0]], atol=1e-9)


def test_a_wrong_gradient_is_far_off():
    x = np.array([1.0, 2.0, 3.0])
    numerical = numerical_gradient(lambda x: np.sum(x**2), x)
    assert relative_error(2 * x, numerical) < 1e-9
    assert relative_error(-2 * x, numerical) == pytest.approx(2)
    assert relative_error(x, numerical) == pytest.approx(0.5)
    assert relative_error(2 * x + [0, 0, 0.1], numerical) > 1e-3


@some
@given(points, st.sampled_from([1e-200, 1e-30, 1.0, 1e30, 1e200]))
def test_relative_error(a, size):
    a = np.where(np.abs(a) < 1e-3, 0, a)
    assert relative_error(a * size, a * size) == 0
    if a.any():
        assert relative_error(a * size, 2 * a * size) == pytest.approx(0.5)
        assert relative_error(a * size, 0 * a) == relative_error(0 * a, a * size) == 1
        assert relative_error(a * size, -a * size) == pytest.approx(2)


@pytest.mark.parametrize("arguments, error, message", [
    ((3, [1.0]), TypeError, "f must be a function, got 3"),
    ((np.sum, []), ValueError, "x must not be empty, got shape (0,)"),
    ((np.sum, np.ones((2, 0))), ValueError, "x must not be empty, got shape (2, 0)"),
    ((np.sum, [1.0, np.nan]), ValueError, "x must not hold NaN, got nan at index (1,)"),
    ((np.sum, [np.inf]), ValueError, "x must be finite, got inf at index (0,)"),
    ((np.sum, "abc"), TypeError, "x must hold real numbers"),
    ((np.sum, [[1.0], [1.0, 2.0]]), ValueError, "x must be a rectangular array"),
    ((np.sum, [1j]), TypeError, "x must hold real numbers"),
    ((np.sum, [1.0], 0), ValueError, "h must be > 0, got 0"),
    ((np.sum, [1.0], -1e-5), ValueError, "h must be > 0, got -1e-05"),
    ((np.sum, [1.0], np.nan), ValueError, "h must be > 0, got nan"),
    ((np.sum, [1.0], [1e-5]), TypeError, "h must be one number, got [1e-05]"),
    ((np.sum, [1.0], "small"), TypeError, "h must be a number, got 'small'"),
    ((lambda x: x, [1.0, 2.0]), ValueError, "f must return one number, got an array of shape (2,)"),
    ((lambda x: x[:0], [1.0, 2.0]), ValueError, "f(x) must not be empty, got shape (0,)"),
    ((lambda x: (x, 1.0), [1.0, 2.0]), ValueError, "f(x) must be a rectangular array"),
    ((lambda x: None, [1.0]), TypeError, "f(x) must hold real numbers, got array(None"),
    ((lambda x: "1", [1.0]), TypeError, "f(x) must hold real numbers, got array('1'"),
    ((lambda x: 1j, [1.0]), TypeError, "f(x) must hold real numbers, got array(0.+1.j)"),
    ((lambda x: np.nan, [1.0]), ValueError, "f(x) must not hold NaN, got nan"),
    ((lambda x: np.inf, [1.0]), ValueError, "f(x) must be finite, got inf"),
])
def test_bad_input_to_numerical_gradient(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        numerical_gradient(*arguments)


@pytest.mark.parametrize("a, b, error, message", [
    ([1.0, 2.0], [1.0], ValueError, "a and b must have the same shape, got (2,) and (1,)"),
    ([], [], ValueError, "a must not be empty, got shape (0,)"),
    ([1.0], [np.nan], ValueError, "b must not hold NaN, got nan at index (0,)"),
    ([np.inf], [1.0], ValueError, "a must be finite, got inf at index (0,)"),
    (["1"], [1.0], TypeError, "a must hold real numbers"),
    (None, [1.0], TypeError, "a must hold real numbers, got"),
])
def test_bad_input_to_relative_error(a, b, error, message):
    with pytest.raises(error, match=re.escape(message)):
        relative_error(a, b)
