from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from byhand.optim import (
    Adadelta,
    Adagrad,
    Adam,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSprop,
    descend,
    look_ahead,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

# The settings that PyTorch was given are in references/make_optim.py.
METHODS = {
    "gradient_descent": GradientDescent(lr=0.1),
    "momentum": Momentum(lr=0.1, beta=0.9),
    "nesterov": Nesterov(lr=0.1, beta=0.9),
    "adagrad": Adagrad(lr=0.1, eps=1e-3),
    "adadelta": Adadelta(rho=0.95, eps=1e-3),
    "rmsprop": RMSprop(lr=0.1, rho=0.9, eps=1e-3),
    "adam": Adam(lr=0.1, beta1=0.9, beta2=0.999, eps=1e-3),
}
each = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


def chosen(method):
    return {f.name: getattr(method, f.name) for f in fields(method) if f.init}


def fresh(method):
    return replace(method)


def remembered(method):
    return [np.copy(getattr(method, f.name)) for f in fields(method) if not f.init]


def wavy(x):
    return x + np.sin(3 * x)


@pytest.mark.parametrize("name", METHODS)
def test_equals_pytorch(name):
    with np.load(Path(__file__).parent / "references" / "optim.npz") as reference:
        x, opt = reference["start"], fresh(METHODS[name])
        for g, there in zip(reference["gradients"], reference[name], strict=True):
            x = opt.step(x, g)
            np.testing.assert_allclose(x, there, rtol=1e-12, atol=1e-14)


def test_adam_without_beta1_is_rmsprop_with_bias_correction():
    adam, rms = Adam(lr=0.1, beta1=0, beta2=0.9, eps=1e-3), RMSprop(lr=0.1, rho=0.9)
    x = np.array([1.0, -2.0, 0.3])
    for t in range(1, 20):
        g = wavy(x)
        rms.step(x, g)
        corrected = x - 0.1 * g / (np.sqrt(rms.v / (1 - 0.9**t)) + 1e-3)
        x = adam.step(x, g)
        np.testing.assert_allclose(x, corrected, rtol=1e-13)


def test_adam_takes_first_steps_of_size_lr_whatever_the_gradient():
    g = np.array([1e-3, -1.0, 1e4])
    np.testing.assert_allclose(Adam(lr=0.01).step(np.zeros(3), g), -0.01 * np.sign(g), rtol=1e-4)


def test_adadelta_is_zeilers_rule_with_both_roots():
    x, opt, v, u = np.array([2.0, -1.0]), Adadelta(0.9, 1e-4), 0, 0
    for _ in range(10):
        g = wavy(x)
        v = 0.9 * v + 0.1 * g**2
        delta = np.sqrt(u + 1e-4) / np.sqrt(v + 1e-4) * g
        u = 0.9 * u + 0.1 * delta**2
        there, x = x - delta, opt.step(x, g)
        np.testing.assert_allclose(x, there, rtol=1e-13)


def test_the_two_nesterov_forms_agree():
    start = np.array([3.0, -2.0, 0.5])
    ours = descend(Nesterov(lr=0.05, beta=0.9), wavy, start, 100)
    for (_, ahead), y in zip(look_ahead(wavy, start, 100, lr=0.05, beta=0.9), ours, strict=True):
        np.testing.assert_allclose(y, ahead, rtol=0, atol=1e-12)


@pytest.mark.parametrize("beta", [0.5, 0.9, 0.99])
def test_heavy_ball_shrinks_by_the_root_of_beta_in_the_complex_regime(beta):
    """For x = A rᵗ cos(θt + φ), xₜ² − xₜ₊₁xₜ₋₁ = A² r²ᵗ sin²θ: each is r² = β times the one before."""
    lr, curvature = 0.3, 2.0
    assert (1 - np.sqrt(beta)) ** 2 < lr * curvature < (1 + np.sqrt(beta)) ** 2
    x = np.array(list(descend(Momentum(lr, beta), lambda x: curvature * x, 1.0, 30)))
    energy = x[1:-1] ** 2 - x[2:] * x[:-2]
    np.testing.assert_allclose(energy[1:] / energy[:-1], beta, rtol=1e-6)


@pytest.mark.parametrize("share, factor", [(0.5, 0), (0.99, 0.98), (1, 1), (1.01, 1.02)])
def test_gradient_descent_is_stable_up_to_two_over_the_largest_curvature(share, factor):
    curvature = np.array([0.1, 1.0, 8.0])
    *_, last = descend(GradientDescent(share * 2 / 8), lambda x: curvature * x, np.ones(3), 50)
    assert abs(last[2]) == pytest.approx(factor**50, rel=1e-9, abs=1e-12)


@each
@pytest.mark.parametrize("shape", [(4, 1), (4, 3)])
def test_a_grid_of_rates_is_as_many_runs(method, shape):
    rng = np.random.default_rng(0)
    grid = {name: value * rng.uniform(0.5, 1, shape) for name, value in chosen(method).items()}
    start = np.array([2.0, -1.0, 0.4])
    together = list(descend(type(method)(**grid), wavy, start, 25))
    assert together[0].shape == (3,) and all(x.shape == (4, 3) for x in together[1:])
    for i in range(4):
        one = type(method)(**{name: rates[i] for name, rates in grid.items()})
        for x, alone in zip(together[1:], list(descend(one, wavy, start, 25))[1:], strict=True):
            np.testing.assert_allclose(x[i], alone, rtol=1e-13)


@pytest.mark.parametrize("method, name", [(m, name) for m in METHODS.values() for name in chosen(m)])
def test_a_grid_of_one_hyperparameter(method, name):
    rates = [getattr(method, name) * share for share in (0.5, 0.8, 1)]
    *_, together = descend(replace(method, **{name: np.reshape(rates, (3, 1))}), wavy, [2.0, -1.0], 9)
    for rate, x in zip(rates, together, strict=True):
        *_, alone = descend(replace(method, **{name: rate}), wavy, [2.0, -1.0], 9)
        np.testing.assert_allclose(x, alone, rtol=1e-13)


@each
@given(data=st.data())
@settings(deadline=None, max_examples=15)
def test_shape_does_not_matter_nor_are_inputs_touched(method, data):
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, max_side=4))
    x, *gs = data.draw(hnp.arrays(float, (4, *shape), elements=st.floats(-9, 9)))
    x = np.array(x)
    opt, flat = fresh(method), fresh(method)
    y = x.ravel()
    for g in map(np.array, gs):
        before = x.copy(), g.copy()
        x.flags.writeable = g.flags.writeable = False
        new = opt.step(x, g)
        assert new.shape == shape and not np.shares_memory(new, x) and not np.shares_memory(new, g)
        np.testing.assert_array_equal((x, g), before)
        y = flat.step(y, g.ravel())
        np.testing.assert_array_equal(np.ravel(new), y)
        x = np.array(new)


@each
def test_what_it_hands_back_and_remembers_is_its_own(method):
    opt, control = fresh(method), fresh(method)
    x, g = np.array([1.0, 2.0]), np.array([0.5, -1.0])
    first, kept = opt.step(x, g), remembered(opt)
    again = first.copy()
    control.step(x.copy(), g.copy())
    first[:], x[:], g[:] = 9, 9, 9
    for a, b in zip(kept, remembered(opt), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(opt.step(again, again), control.step(again, again))


@each
@pytest.mark.parametrize("kind", [float, np.float64, lambda v: np.array([[v]]), lambda v: [[v], [v]]])
def test_float32_stays_float32(method, kind):
    opt = type(method)(**{name: kind(value) for name, value in chosen(method).items()})
    x, g = np.ones(3, np.float32), np.ones(3, np.float32)
    for g in (np.ones(3, np.float32), np.ones(3)):
        x = opt.step(x, np.broadcast_to(g, x.shape))
        assert x.dtype == np.float32
    assert all(a.dtype == np.float32 for a in remembered(opt) if a.dtype.kind == "f")


@each
def test_whole_numbers_lists_and_single_numbers_will_do(method):
    for x, g in (([1, 2], [3, 4]), (np.array([1, 2]), np.array([3.0, 4.0])), (1.5, 2), (np.float64(3), 1)):
        expected = fresh(method).step(np.array(x, float), np.array(g, float))
        opt = fresh(method)
        np.testing.assert_array_equal(opt.step(x, g), expected)
        assert np.asarray(opt.step(expected, g)).dtype == float


@each
def test_non_contiguous(method):
    x, g = np.arange(12.0).reshape(3, 4), np.ones((4, 3))
    apart, packed = fresh(method).step(x.T[::2], g[::2]), fresh(method).step(x.T[::2].copy(), g[::2].copy())
    np.testing.assert_array_equal(apart, packed)


@each
def test_replace_keeps_the_choices_and_forgets_the_rest(method):
    opt = fresh(method)
    opt.step([1.0, 2.0], [0.5, 0.5])
    assert repr(replace(opt)) == repr(opt) == repr(method)
    np.testing.assert_array_equal(replace(opt).step([1.0], [2.0]), fresh(method).step([1.0], [2.0]))


def test_repr_reads_as_the_call():
    assert repr(Adam(0.01)) == "Adam(lr=0.01, beta1=0.9, beta2=0.999, eps=1e-08)"
    assert repr(Adadelta()) == "Adadelta(rho=0.95, eps=1e-06)"


@each
def test_zero_gradient_from_rest_moves_nothing(method):
    np.testing.assert_array_equal(fresh(method).step(np.arange(3.0), np.zeros(3)), np.arange(3.0))


@pytest.mark.parametrize("dtype, big", [(np.float32, 1e19), (np.float64, 1e200)])
def test_a_run_that_diverges_is_told_so_by_its_numbers_not_by_the_look_out_for_nan(dtype, big):
    """Products of x and g overflow here; warnings are errors in these tests."""
    x, g = np.array([big, 1, 0], dtype), np.array([big, np.inf, -np.inf], dtype)
    for method in GradientDescent(0.5), Momentum(0.5), Nesterov(0.5):
        np.testing.assert_array_equal(method.step(x, g)[1:], [-np.inf, np.inf])


BAD_STEPS = [
    ([1.0, 2.0], [1.0], ValueError, r"x and g must have the same shape, got \(2,\) and \(1,\)"),
    ([[1.0, 2.0]], [1.0, 2.0], ValueError, r"x and g must have the same shape, got \(1, 2\) and \(2,\)"),
    ([], [], ValueError, r"x must not be empty, got shape \(0,\)"),
    (np.ones((0, 3)), np.ones((0, 3)), ValueError, r"x must not be empty, got shape \(0, 3\)"),
    ([1.0, 2.0], [1.0, np.nan], ValueError, r"g must not hold NaN, got nan at index \(1,\)"),
    ([1.0, np.nan], [1.0, 0.0], ValueError, r"x must not hold NaN, got nan at index \(1,\)"),
    (np.array([np.nan], np.float32), np.zeros(1, np.float32), ValueError, r"x must not hold NaN"),
    (["a", "b"], [1.0, 2.0], TypeError, "x must hold real numbers"),
    ([1.0, 2.0], None, TypeError, "g must hold real numbers, got .*None"),
    ([1j, 2.0], [1.0, 2.0], TypeError, "x must hold real numbers"),
    ([[1.0], [2.0, 3.0]], [1.0, 2.0], ValueError, "x must be a rectangular array"),
]


@each
@pytest.mark.parametrize("x, g, error, message", BAD_STEPS)
def test_a_refused_step_leaves_no_trace(method, x, g, error, message):
    opt, control = fresh(method), fresh(method)
    start = np.array([1.0, -1.0])
    for one in opt, control:
        one.step(start, start)
    with pytest.raises(error, match=message):
        opt.step(x, g)
    np.testing.assert_array_equal(opt.step(start, start), control.step(start, start))
    for a, b in zip(remembered(opt), remembered(control), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("method", list(METHODS.values())[1:], ids=list(METHODS)[1:])
def test_another_shape_than_before_is_refused(method):
    opt = fresh(method)
    opt.step(np.ones((2, 3)), np.ones((2, 3)))
    for shape in ((3,), (2, 1), (4, 3), (2,)):
        with pytest.raises(ValueError, match=r"x must have shape \(2, 3\), as in the steps before, got"):
            opt.step(np.ones(shape), np.ones(shape))


@each
def test_rates_that_do_not_fit_are_refused(method):
    for name, value in chosen(method).items():
        opt = replace(method, **{name: np.full(4, value)})
        with pytest.raises(ValueError, match=r"must broadcast against x \(3,\), got shape \(4,\)"):
            opt.step(np.ones(3), np.ones(3))
        assert not any(np.any(a) for a in remembered(opt))


@each
def test_bad_hyperparameters(method):
    for name in chosen(method):
        for value, error, message in [
            (-0.1, ValueError, rf"{name} must be >=? 0.*, got -0\.1"),
            (np.nan, ValueError, f"{name} must be .*got nan"),
            (np.inf, ValueError, f"{name} must be .*got inf"),
            ([0.1, -0.2], ValueError, rf"{name} must be .*got -0\.2 at index \(1,\)"),
            ("0.1", TypeError, f"{name} must be a number, got '0.1'"),
            (None, TypeError, f"{name} must be a number, got None"),
            ([], (TypeError, ValueError), f"{name} must"),
        ]:
            with pytest.raises(error, match=message):
                replace(method, **{name: value})


@pytest.mark.parametrize("make, message", [
    (lambda: Adam(beta1=1), "beta1 must be >= 0 and < 1, got 1"),
    (lambda: Adam(beta2=1.5), r"beta2 must be >= 0 and < 1, got 1\.5"),
    (lambda: RMSprop(0.1, rho=1), "rho must be >= 0 and < 1, got 1"),
    (lambda: Adadelta(eps=0), "eps must be > 0, got 0"),
])
def test_hyperparameters_with_an_end(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@each
@pytest.mark.parametrize("start", [[1, 2], [0.5, -1.0], np.ones((2, 2), np.float32), 3.0])
def test_descend_yields_the_start_and_then_each_step_without_aliases(method, start):
    points = list(descend(fresh(method), wavy, start, 4))
    assert len(points) == 5
    np.testing.assert_array_equal(points[0], start)
    assert not any(np.shares_memory(a, b) for i, a in enumerate(points) for b in [start, *points[:i]])
    opt, x = fresh(method), np.asarray(start, points[0].dtype)
    for point in points[1:]:
        x = opt.step(x, wavy(x))
        np.testing.assert_array_equal(point, x)
        assert point.dtype == points[0].dtype


def test_descend_is_lazy_and_takes_no_step_where_none_is_asked():
    assert len(list(descend(GradientDescent(1), wavy, [1.0], 0))) == 1
    endless = descend(GradientDescent(0.1), wavy, [1.0], 10**9)
    assert next(endless) == 1.0


@pytest.mark.parametrize("call, error, message", [
    (lambda: descend(Adam(), 3, [1.0], 1), TypeError, "grad must be a function, got 3"),
    (lambda: descend(Adam(), wavy, [1.0], -1), ValueError, "steps must be at least 0, got -1"),
    (lambda: descend(Adam(), wavy, [1.0], 1.5), TypeError, r"steps must be a whole number, got 1\.5"),
    (lambda: descend(Adam(), wavy, [], 1), ValueError, "x must not be empty"),
    (lambda: descend(Adam(), lambda x: x[:1], [1.0, 2.0], 1), ValueError, "x and g must have the same shape"),
    (lambda: look_ahead(wavy, [np.nan], 1, 0.1, 0.9), ValueError, "x must not hold NaN"),
    (lambda: look_ahead(wavy, [1.0], 1, -0.1, 0.9), ValueError, r"lr must be >= 0, got -0\.1"),
])
def test_bad_runs(call, error, message):
    with pytest.raises(error, match=message):
        list(call())
