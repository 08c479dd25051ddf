from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.ndimage
from byhand.gradcheck import numerical_gradient, relative_error
from byhand.nn import softmax_cross_entropy
from byhand.optim import Adadelta, Adam, GradientDescent, Momentum, RMSprop, descend
from byhand.regularize import (
    DecoupledDecay,
    EarlyStopping,
    cutmix,
    cutout,
    flip,
    input_noise,
    l1_penalty,
    l2_penalty,
    label_smoothing,
    mixup,
    one_hot,
    random_flip,
    random_rotate,
    random_shift,
    rotate,
    shift,
    soft_threshold,
    weight_noise,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

REFERENCES = Path(__file__).parent / "references"
some = settings(deadline=None, max_examples=25)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@st.composite
def batches(draw, square=False):
    """Images (N, …, H, W) of whole numbers, so that sums are exact."""
    middle = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3))
    n, h = draw(st.integers(1, 5)), draw(st.integers(1, 7))
    w = h if square else draw(st.integers(1, 7))
    return draw(hnp.arrays(float, (n, *middle, h, w), elements=st.integers(1, 99)))


# Early stopping

@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(1, 5))
@some
def test_early_stopping_ends_where_the_definition_says(losses, patience):
    stopping, seen = EarlyStopping(patience), []
    for t, loss in enumerate(losses):
        seen.append(loss)
        stop = stopping.update(loss, np.array([t, -t]))
        best = int(np.argmin(seen))
        assert stop == (t - best >= patience)
        assert (stopping.best_step, stopping.best_loss) == (best, seen[best])
        np.testing.assert_array_equal(stopping.best_theta, [best, -best])
        if stop:
            assert stopping.update(-1, np.array([9, 9])) and stopping.best_step == best
            break


def test_early_stopping_keeps_copies():
    stopping, theta = EarlyStopping(2), np.array([1.0, 2.0])
    stopping.update(0.5, theta)
    theta[:] = 7
    stopping.best_theta[:] = 8
    np.testing.assert_array_equal(stopping.best_theta, [1, 2])


def test_early_stopping_of_many_nets_is_as_many_early_stoppings(rng):
    losses, thetas = rng.normal(size=(40, 3)), rng.normal(size=(40, 3, 5)).astype(np.float32)
    together, alone = EarlyStopping(4), [EarlyStopping(4) for _ in range(3)]
    stopped = [False] * 3
    for loss, theta in zip(losses, thetas, strict=True):
        stop = together.update(loss, theta)
        for i in range(3):
            stopped[i] = stopped[i] or alone[i].update(loss[i], theta[i])
        assert stop == all(stopped)
        if stop:
            break
    assert stop
    np.testing.assert_array_equal(together.best_theta, [one.best_theta for one in alone])
    np.testing.assert_array_equal(together.best_loss, [one.best_loss for one in alone])
    np.testing.assert_array_equal(together.best_step, [one.best_step for one in alone])
    assert together.best_theta.dtype == np.float32


def test_early_stopping_on_a_run_that_overfits():
    """Descent on the training loss passes the best point of the validation loss, and comes back to it."""
    stopping = EarlyStopping(3)
    for theta in descend(GradientDescent(0.1), lambda x: 2 * (x - 1), [0.0], 100):
        if stopping.update(((theta - 0.5) ** 2).sum(), theta):
            break
    assert abs(stopping.best_theta[0] - 0.5) < 0.1 and abs(theta[0] - 0.5) > 0.1
    assert stopping.updates == stopping.best_step + 4


def test_early_stopping_replaced_has_seen_nothing():
    stopping = EarlyStopping(3)
    stopping.update(1.0, [1.0])
    assert repr(stopping.best_loss) == "1.0" and repr(stopping.best_step) == "0"
    assert repr(stopping) == "EarlyStopping(patience=3)" and replace(stopping).updates == 0
    with pytest.raises(ValueError, match="best_theta is not known yet: update first"):
        _ = replace(stopping).best_theta


def test_early_stopping_survives_a_diverged_loss():
    stopping = EarlyStopping(2)
    assert [stopping.update(loss, [float(t)]) for t, loss in enumerate([np.inf, 3.0, np.inf, np.inf])] == [
        False, False, False, True]
    np.testing.assert_array_equal(stopping.best_theta, [1.0])


def test_a_refused_update_leaves_no_trace():
    stopping = EarlyStopping(2)
    stopping.update(1.0, [1.0, 2.0])
    for loss, theta, message in [
        (np.nan, [1.0, 2.0], "loss must not hold NaN"),
        (0.5, [1.0, np.nan], "theta must not hold NaN"),
        (0.5, [1.0], r"theta and the theta before must have the same shape, got \(1,\) and \(2,\)"),
        ([0.5, 0.5], [1.0, 2.0], r"loss and the loss before must have the same shape, got \(2,\) and \(\)"),
        ([0.5, 0.5, 0.5], [1.0, 2.0], r"theta must begin with the axes of loss \(3,\), got \(2,\)"),
        (0.5, [], "theta must not be empty"),
    ]:
        with pytest.raises(ValueError, match=message):
            stopping.update(loss, theta)
    assert (stopping.updates, stopping.best_loss) == (1, 1.0)
    assert stopping.update(2.0, [3.0, 4.0]) is False and stopping.update(2.0, [3.0, 4.0]) is True


# Penalties

@pytest.mark.parametrize("penalty", [l1_penalty, l2_penalty])
@given(data=st.data())
@some
def test_penalty_gradients_meet_finite_differences(penalty, data):
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, max_side=4))
    theta = data.draw(hnp.arrays(float, shape, elements=st.sampled_from([-3.0, -0.7, 0.4, 2.0])))
    strength = data.draw(st.sampled_from([0.0, 0.3, 2]))
    value, gradient = penalty(theta, strength)
    assert np.shape(gradient) == shape and isinstance(value, float)
    assert relative_error(gradient, numerical_gradient(lambda t: penalty(t, strength)[0], theta)) < 1e-7


def test_penalties_by_hand():
    theta = np.array([3.0, -4.0, 0.0])
    value, gradient = l2_penalty(theta, 0.1)
    assert value == pytest.approx(0.1 * 25 / 2)
    np.testing.assert_allclose(gradient, 0.1 * theta)
    value, gradient = l1_penalty(theta, 0.1)
    assert value == pytest.approx(0.7)
    np.testing.assert_allclose(gradient, [0.1, -0.1, 0])
    free = l2_penalty(theta, [0.1, 0, 0.1])
    assert free[0] == pytest.approx(0.45) and free[1][1] == 0


@given(theta=st.floats(-5, 5), amount=st.floats(0, 3))
@some
def test_soft_threshold_minimizes_what_it_says(theta, amount):
    z = np.append(np.linspace(-5, 5, 2001), soft_threshold(theta, amount))
    cost = (z - theta) ** 2 / 2 + amount * np.abs(z)
    assert cost[-1] <= cost.min() + 1e-12


def test_proximal_descent_finds_the_lasso(rng):
    """Of ½‖Xw − y‖² + λ|w|: where w is not 0 the residual's slope is −λ sign w, elsewhere it is within λ."""
    X, strength = rng.normal(size=(30, 6)), 8.0
    y = X @ [3.0, -2, 0, 0, 0.1, 0] + 0.1 * rng.normal(size=30)
    w, lr = np.zeros(6), 1 / np.linalg.norm(X, 2) ** 2
    for _ in range(2000):
        w = soft_threshold(w - lr * X.T @ (X @ w - y), lr * strength)
    slope = X.T @ (X @ w - y)
    np.testing.assert_allclose(slope[w != 0], -strength * np.sign(w[w != 0]), rtol=1e-6)
    assert (w == 0).sum() >= 3 and (np.abs(slope) <= strength * (1 + 1e-9)).all()


def test_decoupled_decay_is_pytorchs_adamw():
    with np.load(REFERENCES / "optim.npz") as reference:
        x, opt = reference["start"], DecoupledDecay(Adam(0.1, eps=1e-3), 0.05)
        for g, there in zip(reference["gradients"], reference["adamw"], strict=True):
            x = opt.step(x, g)
            np.testing.assert_allclose(x, there, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("opt", [GradientDescent(0.1), Adam(0.1), RMSprop(0.1)])
def test_decay_is_the_l2_penalty_for_gradient_descent_only(opt):
    start, grad, decay = np.array([2.0, -1.0, 0.5]), lambda x: x**3 - 1, 0.2
    *_, decayed = descend(DecoupledDecay(opt, decay), grad, start, 10)
    *_, penalized = descend(replace(opt), lambda x: grad(x) + l2_penalty(x, decay)[1], start, 10)
    assert np.allclose(decayed, penalized, rtol=1e-12) is isinstance(opt, GradientDescent)


def test_decoupled_decay_keeps_choices_and_dtype_and_its_hands_off_the_original():
    adam = Adam(0.1)
    opt = DecoupledDecay(adam, np.float64(0.1))
    x = opt.step(np.ones(3, np.float32), np.ones(3, np.float32))
    assert x.dtype == np.float32 and adam.t == 0 and opt.opt.t == 1 and replace(opt).opt.t == 0
    assert repr(DecoupledDecay(Momentum(1), 0.5)) == "DecoupledDecay(opt=Momentum(lr=1, beta=0.9), decay=0.5)"
    grid = DecoupledDecay(GradientDescent(np.array([[0.1], [0.2]])), 0.5).step([1.0, 2.0], [0.0, 0.0])
    np.testing.assert_allclose(grid, [[0.95, 1.9], [0.9, 1.8]])


# Noise

@pytest.mark.parametrize("noise", [input_noise, weight_noise])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_noise_has_the_deviation_it_says_and_the_dtype_it_was_given(noise, dtype, rng):
    x = np.ones((20_000, 2), dtype)
    noisy = noise(x, [0.5, 0.0], rng)
    assert noisy.dtype == dtype and (x == 1).all()
    np.testing.assert_allclose(noisy.std(axis=0), [0.5, 0], rtol=0.03)
    np.testing.assert_allclose(noisy.mean(axis=0), 1, atol=0.02)
    np.testing.assert_array_equal(noise(x, 0, rng), x)
    assert noise(np.float64(3.0), 0.1, rng).shape == ()


def test_input_noise_is_a_penalty_on_the_slope(rng):
    """For a linear model E‖(X + ε)w − y‖² = ‖Xw − y‖² + nσ²‖w‖²."""
    X, y, w = rng.normal(size=(40, 3)), rng.normal(size=40), np.array([1.0, -2.0, 0.5])
    errors = [((input_noise(X, 0.3, rng) @ w - y) ** 2).sum() for _ in range(4000)]
    expected = ((X @ w - y) ** 2).sum() + 2 * l2_penalty(w, 40 * 0.3**2)[0]
    assert np.mean(errors) == pytest.approx(expected, abs=5 * np.std(errors) / 4000**0.5)


# Images

@given(images=batches(), data=st.data())
@some
def test_shift_is_scipys(images, data):
    dy, dx = data.draw(st.tuples(st.integers(-8, 8), st.integers(-8, 8)))
    expected = scipy.ndimage.shift(images, (*(0,) * (images.ndim - 2), dy, dx), order=0, mode="constant")
    np.testing.assert_array_equal(shift(images, dy, dx), expected)
    each = shift(images, np.full(len(images), dy), np.full(len(images), dx))
    np.testing.assert_array_equal(each, expected)


def test_shift_there_and_back_loses_only_what_went_over_the_edge(rng):
    images = rng.normal(size=(3, 2, 5, 6))
    there = shift(images, [1, 0, -2], [2, -1, 0])
    back = shift(there, [-1, 0, 2], [-2, 1, 0])
    inner = [np.s_[:, :4, :4], np.s_[:, :, 1:], np.s_[:, 2:]]
    for image, again, kept in zip(images, back, inner, strict=True):
        np.testing.assert_array_equal(again[kept], image[kept])
        assert np.count_nonzero(again) == image[kept].size


@given(images=batches(square=True), turns=st.integers(-5, 5))
@some
def test_right_angles_are_rot90(images, turns):
    np.testing.assert_allclose(rotate(images, 90 * turns), np.rot90(images, turns, axes=(-2, -1)), atol=1e-10)


@given(images=batches(), degrees=st.floats(-360, 360))
@some
def test_rotate_is_scipys(images, degrees):
    how = {"axes": (-1, -2), "reshape": False, "order": 1, "mode": "grid-constant"}
    expected = scipy.ndimage.rotate(images, degrees, **how)
    np.testing.assert_allclose(rotate(images, degrees), expected, atol=1e-9)


def test_rotate_turns_each_by_its_own_angle(rng):
    images = rng.normal(size=(4, 3, 6, 5))
    angles = [0, 10, -33.5, 180]
    expected = [rotate(image[None], angle)[0] for image, angle in zip(images, angles, strict=True)]
    np.testing.assert_allclose(rotate(images, angles), expected)
    np.testing.assert_allclose(rotate(images, 180), images[..., ::-1, ::-1], atol=1e-12)


def test_random_shift_and_rotate_stay_within_their_bounds():
    images = np.zeros((500, 1, 7, 7))
    images[..., 3, 3] = 1
    moved = random_shift(images, 2, np.random.default_rng(1))
    _, _, y, x = np.nonzero(moved)
    assert len(y) == 500 and set(y) == set(x) == {1, 2, 3, 4, 5}
    assert len(set(zip(y, x, strict=True))) == 25
    angles = np.random.default_rng(2).uniform(-30, 30, 500)
    bars = np.random.default_rng(0).normal(size=(500, 1, 7, 7))
    np.testing.assert_array_equal(random_rotate(bars, 30, np.random.default_rng(2)), rotate(bars, angles))
    np.testing.assert_array_equal(random_shift(bars, 0, np.random.default_rng(2)), bars)


@given(images=batches(), data=st.data())
@some
def test_flip_mirrors_only_where_the_label_allows(images, data):
    labels = np.array(data.draw(st.lists(st.integers(0, 9), min_size=len(images), max_size=len(images))))
    flipped = flip(images, labels, {0, 8})
    by_chance = random_flip(images, labels, {0, 8}, np.random.default_rng(data.draw(st.integers(0, 9))))
    for image, label, new, maybe in zip(images, labels, flipped, by_chance, strict=True):
        np.testing.assert_array_equal(new, image[..., ::-1] if label in (0, 8) else image)
        assert np.array_equal(maybe, image) or np.array_equal(maybe, new)
    np.testing.assert_array_equal(flip(flipped, labels, [0, 8]), images)
    np.testing.assert_array_equal(flip(images, labels, []), images)


def test_random_flip_is_a_fair_coin(rng):
    images = np.tile([[0.0, 1.0]], (2000, 1, 1))
    share = random_flip(images, np.zeros(2000, int), {0}, rng)[:, 0, 0].mean()
    assert share == pytest.approx(0.5, abs=0.05)


@given(images=batches(), size=st.integers(1, 9), seed=st.integers(0, 99))
@some
def test_cutout_is_a_square_around_a_pixel(images, size, seed):
    holes = cutout(images, size, np.random.default_rng(seed)) == 0
    h, w = images.shape[-2:]
    for hole in holes:
        planes = hole.reshape(-1, h, w)
        assert (planes == planes[0]).all()
        y, x = np.nonzero(planes[0])
        rows, cols = np.ptp(y) + 1, np.ptp(x) + 1
        assert len(y) == rows * cols and rows <= size and cols <= size
        assert rows == size or y.min() == 0 or y.max() == h - 1
        assert cols == size or x.min() == 0 or x.max() == w - 1


def test_cutout_takes_every_pixel_as_middle_equally_often(rng):
    gone = cutout(np.ones((9000, 3, 3)), 1, rng) == 0
    np.testing.assert_allclose(gone.mean(axis=0), 1 / 9, atol=0.015)


# Soft labels

def test_label_smoothing_is_pytorchs():
    with np.load(REFERENCES / "regularize.npz") as reference:
        logits, labels = reference["logits"], reference["labels"]
        smoothings, losses, gradients = (reference[name] for name in ("smoothings", "losses", "gradients"))
        for s, loss, gradient in zip(smoothings, losses, gradients, strict=True):
            ours = softmax_cross_entropy(logits, label_smoothing(labels, 4, s))
            assert ours[0] == pytest.approx(loss, rel=1e-13)
            np.testing.assert_allclose(ours[1], gradient, rtol=1e-11, atol=1e-16)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=20), st.floats(0, 1))
@some
def test_soft_labels_are_rows_that_sum_to_one(labels, smoothing):
    soft = label_smoothing(labels, 7, smoothing)
    np.testing.assert_allclose(soft.sum(axis=1), 1, rtol=1e-14)
    assert (soft >= 0).all() and (soft[range(len(labels)), labels] >= soft.max(axis=1) - 1e-15).all()
    np.testing.assert_array_equal(one_hot(labels, 7), np.eye(7)[labels])
    np.testing.assert_array_equal(label_smoothing(labels, 7, 0), one_hot(labels, 7))


@given(n=st.integers(1, 9), seed=st.integers(0, 99))
@some
def test_mixup_mixes_inputs_and_targets_by_the_same_share(n, seed):
    x, targets = np.eye(n) * 2, np.eye(n)
    mixed_x, mixed = mixup(x, targets, 0.4, np.random.default_rng(seed))
    np.testing.assert_allclose(mixed_x, 2 * mixed, rtol=1e-14)
    np.testing.assert_allclose(mixed.sum(axis=1), 1)
    assert len(set(mixed.diagonal()) - {1.0}) <= 1


def test_mixup_draws_its_share_from_the_beta_distribution():
    rng, shares = np.random.default_rng(0), []
    for _ in range(3000):
        _, mixed = mixup(np.zeros((5, 1)), np.eye(5), 0.5, rng)
        shares += [s for s in mixed.diagonal() if s < 1][:1]
    assert scipy.stats.kstest(shares, scipy.stats.beta(0.5, 0.5).cdf).pvalue > 1e-3


@given(images=batches(), alpha=st.sampled_from([0.2, 1.0, 5]), seed=st.integers(0, 999))
@some
def test_cutmix_weighs_labels_by_the_pixels_pasted(images, alpha, seed):
    n = len(images)
    images[:] = np.arange(n).reshape(n, *(1,) * (images.ndim - 1))
    mixed, targets = cutmix(images, np.eye(n), alpha, np.random.default_rng(seed))
    for i in range(n):
        shares = [(mixed[i] == k).mean() for k in range(n)]
        np.testing.assert_allclose(targets[i], shares, atol=1e-12)
    np.testing.assert_allclose(targets.sum(axis=1), 1)


def test_cutmix_pastes_one_rectangle_of_about_the_share_drawn():
    rng, areas = np.random.default_rng(0), []
    for _ in range(400):
        mixed, _ = cutmix(np.stack([np.zeros((32, 32)), np.ones((32, 32))]), np.eye(2), 1.0, rng)
        y, x = np.nonzero(mixed[0])
        if len(y):
            assert len(y) == (np.ptp(y) + 1) * (np.ptp(x) + 1)
        areas.append(len(y) / 32**2)
    # Half of all orders of two leave both in place; the rest paste E(1 − λ) = ½, less what lies outside.
    assert 0.1 < np.mean(areas) < 0.25


# All of them

def stir(rng):
    return {
        "input_noise": lambda x: input_noise(x, 0.1, rng),
        "shift": lambda x: shift(x, 1, -1),
        "random_shift": lambda x: random_shift(x, 1, rng),
        "rotate": lambda x: rotate(x, 20),
        "random_rotate": lambda x: random_rotate(x, 20, rng),
        "flip": lambda x: flip(x, np.arange(len(x)), {0, 1}),
        "random_flip": lambda x: random_flip(x, np.arange(len(x)), {0, 1}, rng),
        "mixup": lambda x: mixup(x, np.eye(len(x), dtype=x.dtype), 1.0, rng)[0],
        "cutout": lambda x: cutout(x, 3, rng),
        "cutmix": lambda x: cutmix(x, np.eye(len(x), dtype=x.dtype), 1.0, rng)[0],
        "l2": lambda x: l2_penalty(x, np.float64(0.1))[1],
        "l1": lambda x: l1_penalty(x, np.float64(0.1))[1],
        "soft_threshold": lambda x: soft_threshold(x, np.float64(0.1)),
    }


@pytest.mark.parametrize("name", stir(None))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_shape_are_kept_and_inputs_left_alone(name, dtype, rng):
    x = rng.normal(size=(5, 6, 4, 2)).astype(dtype).transpose(0, 3, 1, 2)[:, :, ::2]
    before = x.copy()
    x.flags.writeable = False
    new = stir(rng)[name](x)
    assert new.shape == x.shape and new.dtype == dtype and not np.shares_memory(new, x)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(stir(np.random.default_rng(3))[name](x),
                                  stir(np.random.default_rng(3))[name](before))


@pytest.mark.parametrize("name", ["shift", "random_shift", "flip", "random_flip", "cutout", "cutmix"])
def test_whole_numbers_stay_so_where_nothing_is_interpolated(name, rng):
    assert stir(rng)[name](np.ones((2, 5, 5), np.uint8)).dtype == np.uint8


IMAGES, LABELS, TARGETS = np.ones((2, 4, 4)), np.array([0, 1]), np.eye(2)
BAD = [
    (lambda rng: EarlyStopping(0), ValueError, "patience must be at least 1, got 0"),
    (lambda rng: EarlyStopping(2.5), TypeError, r"patience must be a whole number, got 2\.5"),
    (lambda rng: DecoupledDecay(Adam(), -1), ValueError, "decay must be >= 0, got -1"),
    (lambda rng: DecoupledDecay(Adadelta(), 0.1), TypeError, r"a learning rate, got Adadelta\(rho=0\.95"),
    (lambda rng: DecoupledDecay(Adam, 0.1), TypeError, "opt must be a gradient method"),
    (lambda rng: DecoupledDecay(0.1, 0.1), TypeError, r"opt must be a gradient method .* got 0\.1"),
    (lambda rng: l2_penalty([1.0, np.nan], 1), ValueError, "theta must not hold NaN, got nan at index"),
    (lambda rng: l2_penalty([], 1), ValueError, "theta must not be empty"),
    (lambda rng: l2_penalty([1.0], -1), ValueError, "strength must be >= 0, got -1"),
    (lambda rng: l2_penalty([1.0], [1, 2]), ValueError, r"strength must broadcast to shape \(1,\)"),
    (lambda rng: l1_penalty("a", 1), TypeError, "theta must hold real numbers"),
    (lambda rng: l1_penalty([1.0], None), TypeError, "strength must be a number, got None"),
    (lambda rng: soft_threshold([1.0], -0.1), ValueError, r"amount must be >= 0, got -0\.1"),
    (lambda rng: input_noise([1.0], -1, rng), ValueError, "scale must be >= 0, got -1"),
    (lambda rng: input_noise([1.0], 1, 0), TypeError, "rng must be a numpy.random.Generator"),
    (lambda rng: weight_noise([np.nan], 1, rng), ValueError, "theta must not hold NaN"),
    (lambda rng: shift(np.ones((4, 4)), 1, 1), ValueError, r"images must have shape .* got \(4, 4\)"),
    (lambda rng: shift(IMAGES, 1.5, 0), TypeError, r"dy must be whole pixels, got 1\.5"),
    (lambda rng: shift(IMAGES, 1, [1, 2, 3]), ValueError, r"dx must be one number or 2, .* got shape \(3,\)"),
    (lambda rng: shift(np.ones((0, 4, 4)), 1, 1), ValueError, "images must not be empty"),
    (lambda rng: random_shift(IMAGES, -1, rng), ValueError, "most must be at least 0, got -1"),
    (lambda rng: random_shift(IMAGES, 1, 7), TypeError, "rng must be"),
    (lambda rng: rotate(IMAGES, np.nan), ValueError, "degrees must be finite, got nan"),
    (lambda rng: rotate(IMAGES * np.inf, 1), ValueError, "images must be finite, got inf"),
    (lambda rng: rotate(IMAGES, [1, 2, 3]), ValueError, "degrees must be one number or 2"),
    (lambda rng: random_rotate(IMAGES, -1, rng), ValueError, "most must be >= 0, got -1"),
    (lambda rng: flip(IMAGES, [1], {1}), ValueError, "the same length, got 2 and 1"),
    (lambda rng: flip(IMAGES, LABELS, 8), TypeError, "allowed must be a collection of labels .* got 8"),
    (lambda rng: flip(IMAGES, LABELS, "08"), TypeError, "allowed must be a collection of labels .* got '08'"),
    (lambda rng: random_flip(IMAGES, LABELS, {8}, None), TypeError, "rng must be .* got None"),
    (lambda rng: one_hot([0, 3], 3), ValueError, "labels must be between 0 and 2, got 3"),
    (lambda rng: one_hot([0, -1], 3), ValueError, "labels must be between 0 and 2, got -1"),
    (lambda rng: one_hot([0.0, 1.0], 3), TypeError, "labels must be whole numbers"),
    (lambda rng: one_hot([[0]], 3), ValueError, "labels must have 1 axes"),
    (lambda rng: one_hot([0], 0), ValueError, "classes must be at least 1, got 0"),
    (lambda rng: label_smoothing([0], 2, 1.1), ValueError, r"smoothing must be >= 0 and <= 1, got 1\.1"),
    (lambda rng: mixup(IMAGES, LABELS, 1.0, rng), TypeError, "targets must be soft labels, as from one_hot"),
    (lambda rng: mixup(IMAGES, np.eye(3), 1.0, rng), ValueError, "the same length, got 2 and 3"),
    (lambda rng: mixup(IMAGES, TARGETS, 0, rng), ValueError, "alpha must be > 0, got 0"),
    (lambda rng: mixup(3.0, TARGETS, 1, rng), ValueError, "x must have rows"),
    (lambda rng: cutout(IMAGES, 0, rng), ValueError, "size must be at least 1, got 0"),
    (lambda rng: cutout(IMAGES, 2, 1), TypeError, "rng must be"),
    (lambda rng: cutmix(IMAGES, TARGETS, -1, rng), ValueError, "alpha must be > 0, got -1"),
    (lambda rng: cutmix(np.ones((2, 16)), TARGETS, 1, rng), ValueError, r"images must have shape \(N, …"),
    (lambda rng: cutmix(IMAGES, TARGETS, 1, np.random), TypeError, "rng must be"),
]


@pytest.mark.parametrize("call, error, message", BAD)
def test_bad_input(call, error, message, rng):
    with pytest.raises(error, match=message):
        call(rng)
