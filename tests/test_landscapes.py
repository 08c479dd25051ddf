import dataclasses
import re

import numpy as np
import pytest
from byhand.gradcheck import numerical_gradient, relative_error
from byhand.landscapes import Quadratic
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

some = settings(deadline=None, max_examples=40)


@st.composite
def quadratics(draw):
    curvatures = draw(st.lists(st.floats(0.01, 100), min_size=1, max_size=5))
    return Quadratic(tuple(curvatures), draw(st.floats(-4, 4)) if len(curvatures) > 1 else 0.0)


@some
@given(quadratics(), st.data())
def test_the_gradient_is_that_of_finite_differences(f, data):
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3))
    x = data.draw(hnp.arrays(float, (*shape, len(f.curvatures)), elements=st.floats(-9, 9)))
    assert f(x).shape == shape and f.grad(x).shape == x.shape
    numerical = numerical_gradient(lambda x: np.sum(f(x)), x)
    np.testing.assert_allclose(f.grad(x), numerical, atol=1e-4)
    assert relative_error(f.grad(np.ones(x.shape)), numerical_gradient(lambda x: np.sum(f(x)), np.ones(x.shape))) < 1e-6


@some
@given(quadratics())
def test_it_is_the_quadratic_form_of_its_curvatures_turned(f):
    d = len(f.curvatures)
    hessian = f.grad(np.eye(d))
    np.testing.assert_allclose(hessian, hessian.T, atol=1e-10)
    np.testing.assert_allclose(np.linalg.eigvalsh(hessian), sorted(f.curvatures), rtol=1e-8, atol=1e-10)
    assert f.condition == pytest.approx(np.linalg.cond(hessian))
    x = np.arange(1.0, d + 1)
    assert f(x) == pytest.approx(x @ hessian @ x / 2) and f(np.zeros(d)) == 0 and not f.grad(np.zeros(d)).any()


def test_the_angle_turns_the_first_axis_towards_the_second():
    f = Quadratic((1, 30), angle=np.pi / 6)
    along = np.array([np.cos(np.pi / 6), np.sin(np.pi / 6)])
    np.testing.assert_allclose(f.grad(along), along)
    assert f(along) == pytest.approx(0.5)


def test_without_an_angle_it_is_the_formula():
    x = np.array([-4.0, 1.0])
    assert Quadratic((1, 30))(x) == 0.5 * (16 + 30) and Quadratic((1, 30)).grad(x).tolist() == [-4, 30]
    assert Quadratic((1, 30)).condition == 30 and Quadratic([2.0]).condition == 1 and Quadratic(3)([2.0]) == 6


@pytest.mark.parametrize("x", [[-4, 1], (-4, 1), np.array([-4, 1]), np.array([-4.0, 1.0])[::-1][::-1],
                               np.asfortranarray(np.ones((3, 2)))])
def test_whole_numbers_lists_and_strides(x):
    for angle in (0, 0.3):
        f, before = Quadratic((1, 30), angle), np.array(x)
        assert f(x).dtype == f.grad(x).dtype == np.float64
        np.testing.assert_array_equal(f.grad(x), f.grad(np.array(x, dtype=float)))
        np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("angle", [0.0, 0.3])
def test_float32_stays(angle):
    x = np.ones((5, 2), np.float32)
    assert Quadratic((1, 30), angle)(x).dtype == Quadratic((1, 30), angle).grad(x).dtype == np.float32


def test_it_reads_as_its_call():
    f = Quadratic((1, 30), angle=0.5)
    assert repr(f) == "Quadratic(curvatures=(1, 30), angle=0.5)"
    assert repr(dataclasses.replace(f, angle=0.0)) == "Quadratic(curvatures=(1, 30), angle=0.0)"
    assert Quadratic(np.array([1.0, 2])).curvatures == (1, 2)


@pytest.mark.parametrize("arguments, error, message", [
    (((),), ValueError, "curvatures must not be empty, got shape (0,)"),
    (((1, -2),), ValueError, "curvatures must be > 0, got -2 at index (1,)"),
    ((0,), ValueError, "curvatures must be > 0, got 0"),
    (((1, np.nan),), ValueError, "curvatures must not hold NaN, got nan at index (1,)"),
    (((1, np.inf),), ValueError, "curvatures must be > 0, got inf at index (1,)"),
    ((((1, 2), (3, 4)),), ValueError, "curvatures must have 0 or 1 axes, got shape (2, 2)"),
    ((((1, 2), (3,)),), ValueError, "curvatures must be a rectangular array"),
    (("steep",), TypeError, "curvatures must hold real numbers"),
    ((None,), TypeError, "curvatures must hold real numbers"),
    (((True, True),), TypeError, "curvatures must be a number"),
    (((1, 2), np.nan), ValueError, "angle must be finite, got nan"),
    (((1, 2), "right"), TypeError, "angle must be a number, got 'right'"),
    (((1, 2), [0.1, 0.2]), TypeError, "angle must be one number, got [0.1, 0.2]"),
    (((1,), 0.5), ValueError, "angle must be 0 with one curvature, got 0.5"),
])
def test_bad_landscapes(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        Quadratic(*arguments)


@pytest.mark.parametrize("x, error, message", [
    ([1.0, 2.0, 3.0], ValueError, "x must have 2 numbers along its last axis, got shape (3,)"),
    (np.ones((2, 1)), ValueError, "x must have 2 numbers along its last axis, got shape (2, 1)"),
    (1.0, ValueError, "x must have 2 numbers along its last axis, got shape ()"),
    (np.ones((0, 2)), ValueError, "x must not be empty, got shape (0, 2)"),
    ([1.0, np.nan], ValueError, "x must not hold NaN, got nan at index (1,)"),
    ("ab", TypeError, "x must hold real numbers"),
    ([1j, 1], TypeError, "x must hold real numbers"),
    ([[1.0, 2.0], [3.0]], ValueError, "x must be a rectangular array"),
])
def test_bad_points(x, error, message):
    f = Quadratic((1, 30))
    for function in (f, f.grad):
        with pytest.raises(error, match=re.escape(message)):
            function(x)
