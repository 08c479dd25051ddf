import itertools
import pickle

import numpy as np
import pytest
import scipy.signal
import scipy.stats
from byhand.stats import (
    Effect,
    best_of_others,
    cartesian_product,
    combinations,
    cumulative_average,
    exponential_average,
    moving_average,
    paired_effect,
    permutations,
    simpson,
    student_t,
    variance,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.model_selection import LeaveOneOut

series = hnp.arrays(float, hnp.array_shapes(max_dims=3, max_side=9), elements=st.floats(-1e3, 1e3))
some = settings(deadline=None, max_examples=50)


@some
@given(series, st.data())
def test_moving_average_is_a_convolution_with_a_box(x, data):
    k = data.draw(st.integers(1, len(x)))
    ours = moving_average(x, k)
    assert ours.shape == (len(x) - k + 1, *x.shape[1:])
    box = np.full((k, *[1] * (x.ndim - 1)), 1 / k)
    np.testing.assert_allclose(ours, scipy.signal.convolve(x, box, mode="valid", method="direct"), atol=1e-9)


@some
@given(series)
def test_cumulative_average_is_the_mean_so_far(x):
    ours = cumulative_average(x)
    for t in range(len(x)):
        np.testing.assert_allclose(ours[t], x[:t + 1].mean(axis=0), atol=1e-9)


@some
@given(series, st.floats(0, 0.999))
def test_exponential_average_is_a_first_order_filter(x, beta):
    plain = scipy.signal.lfilter([1 - beta], [1, -beta], x, axis=0)
    np.testing.assert_allclose(exponential_average(x, beta, correct=False), plain, atol=1e-9)
    weights = (1 - beta ** np.arange(1, len(x) + 1)).reshape(-1, *[1] * (x.ndim - 1))
    np.testing.assert_allclose(exponential_average(x, beta), plain / weights, atol=1e-9)


def test_exponential_average_of_a_constant_needs_the_correction():
    np.testing.assert_allclose(exponential_average(np.full(5, 3.0), 0.99), 3.0)
    assert exponential_average([3.0], 0.99, correct=False)[0] == pytest.approx(0.03)


def test_an_array_of_rates_runs_every_rate():
    x, beta = np.random.default_rng(0).normal(size=12), np.array([0.0, 0.5, 0.9])
    each = [exponential_average(x, b) for b in beta]
    np.testing.assert_allclose(exponential_average(x, beta), np.stack(each, axis=1))


@some
@given(series, st.integers(0, 2))
def test_variance_is_numpys(x, ddof):
    for axis in [None, *range(x.ndim)]:
        n = x.size if axis is None else x.shape[axis]
        if n <= ddof:
            with pytest.raises(ValueError, match=f"ddof must be less than n={n}, got {ddof}"):
                variance(x, ddof, axis)
        else:
            np.testing.assert_allclose(variance(x, ddof, axis), np.var(x, ddof=ddof, axis=axis), atol=1e-9)


def test_variance_over_all_small_samples_is_unbiased_only_with_n_minus_1():
    # Every sample of 3 from a die, each as likely as the other: the mean is an expectation, exactly.
    samples = np.array(cartesian_product(*[range(1, 7)] * 3))
    assert variance(samples, axis=1).mean() == pytest.approx(35 / 12)
    assert variance(samples, ddof=0, axis=1).mean() == pytest.approx(35 / 12 * 2 / 3)


@pytest.mark.parametrize("f", [lambda x: moving_average(x, 2), cumulative_average, variance,
                               lambda x: exponential_average(x, np.float64(0.9))])
def test_dtype_stays_and_the_input_is_left_alone(f):
    x = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)[:, ::2]
    before = x.copy()
    assert f(x).dtype == np.float32
    np.testing.assert_array_equal(x, before)
    np.testing.assert_allclose(f([1, 2, 5]), f(np.array([1.0, 2.0, 5.0])))


@pytest.mark.parametrize("df", [1, 2, 3, 4, 5, 7, 10, 29, 30, 101, 10_000])
@pytest.mark.parametrize("confidence", [0.01, 0.1, 0.5, 0.683, 0.9, 0.95, 0.99, 0.999999])
def test_student_t_is_scipys(df, confidence):
    assert student_t(confidence, df) == pytest.approx(scipy.stats.t.ppf((1 + confidence) / 2, df), rel=1e-6)


@some
@given(st.integers(2, 40), st.floats(0.01, 0.999), st.integers(0, 2**32 - 1))
def test_paired_effect_is_scipys_paired_t_test(n, confidence, seed):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=n)
    b = a + 0.3 * rng.normal(size=n) + 0.2
    effect, test = paired_effect(a, b, confidence), scipy.stats.ttest_rel(a, b)
    interval = test.confidence_interval(confidence)
    assert effect.n == n
    assert effect.mean / effect.se == pytest.approx(test.statistic)
    assert (effect.low, effect.high) == pytest.approx((interval.low, interval.high), rel=1e-6)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    effects = [paired_effect(rng.normal(1, 1, 5), rng.normal(0, 1, 5), 0.9) for _ in range(2000)]
    covered = np.mean([e.low <= 1 <= e.high for e in effects])
    assert abs(covered - 0.9) < 4 * np.sqrt(0.9 * 0.1 / 2000)


@pytest.mark.parametrize(("effect", "text"), [
    (Effect(-0.4512, 0.0311, 5, 0, 0), "−0.45 ± 0.03"),
    (Effect(-0.4512, 0.0131, 5, 0, 0), "−0.451 ± 0.013"),
    (Effect(-0.4512, 0.0981, 5, 0, 0), "−0.45 ± 0.10"),
    (Effect(7.21, 0.7, 5, 0, 0), "7.2 ± 0.7"),
    (Effect(451.2, 31.1, 5, 0, 0), "451 ± 31"),
    (Effect(2.5, 0.0, 5, 0, 0), "2.5 ± 0"),
])
def test_an_effect_prints_the_digits_that_its_error_supports(effect, text):
    assert str(effect) == f"{effect}" == text


def test_an_effect_takes_a_format_and_stays_as_it_is():
    effect = paired_effect([1, 2, 4], [0, 2, 3])
    assert f"{effect:.2f}" == "0.67 ± 0.33"
    assert f"{effect:+.1%}" == "+66.7% ± 33.3%"
    assert pickle.loads(pickle.dumps(effect)) == effect
    assert {type(v) for v in (effect.mean, effect.se, effect.low, effect.high)} == {float}
    with pytest.raises(AttributeError):
        effect.mean = 0.0


KIDNEY_STONES = [[81, 192], [234, 55]], [[87, 263], [270, 80]]      # Charig et al. (1986)


def test_simpsons_reversal_of_the_kidney_stones():
    table = simpson(*KIDNEY_STONES)
    assert table.reversed is True
    np.testing.assert_allclose(table.rates, [[81 / 87, 192 / 263], [234 / 270, 55 / 80]])
    np.testing.assert_allclose(table.pooled, [273 / 350, 289 / 350])
    assert repr(table).splitlines() == [
        "                group 1          group 2           pooled",
        "     A    81/87 (93.1%)  192/263 (73.0%)  273/350 (78.0%)",
        "     B  234/270 (86.7%)    55/80 (68.8%)  289/350 (82.6%)",
        "higher                A                A                B",
    ]


@some
@given(st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_equal_trials_never_reverse_and_the_pool_is_the_weighted_mean(groups, seed):
    rng = np.random.default_rng(seed)
    trials = np.tile(rng.integers(1, 30, groups), (2, 1))
    table = simpson(rng.integers(0, trials + 1), trials)
    assert not table.reversed
    np.testing.assert_allclose(table.pooled, (table.rates * trials).sum(axis=1) / trials.sum(axis=1))


def test_one_group_that_ties_is_no_reversal():
    successes, trials = np.array(KIDNEY_STONES)
    assert not simpson(np.c_[successes, [1, 2]], np.c_[trials, [2, 4]]).reversed
    assert simpson(successes[::-1], trials[::-1]).reversed


factors = st.lists(st.lists(st.integers(0, 3), max_size=4), max_size=4)


@some
@given(factors)
def test_cartesian_product_is_itertools_product(lists):
    assert cartesian_product(*lists) == list(itertools.product(*lists))


@some
@given(st.lists(st.integers(0, 3), max_size=5), st.integers(0, 6))
def test_permutations_and_combinations_are_those_of_itertools(items, r):
    assert permutations(items, r) == list(itertools.permutations(items, r))
    assert permutations(items) == list(itertools.permutations(items))
    assert combinations(items, r) == list(itertools.combinations(items, r))


def test_strings_and_generators_are_sequences_too():
    assert cartesian_product("ab", (i for i in range(2))) == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]
    assert permutations("ab") == [("a", "b"), ("b", "a")]


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: moving_average([1, 2, 3], 4), ValueError, "window must be between 1 and 3, got 4"),
    (lambda: moving_average([1, 2, 3], 0), ValueError, "window must be between 1 and 3, got 0"),
    (lambda: moving_average([1, 2, 3], 2.0), TypeError, "window must be a whole number, got 2.0"),
    (lambda: moving_average(5.0, 1), ValueError, "x must have a time axis, got the single number 5.0"),
    (lambda: cumulative_average([]), ValueError, r"x must not be empty, got shape \(0,\)"),
    (lambda: cumulative_average([1, np.nan]), ValueError, r"x must not hold NaN, got nan at index \(1,\)"),
    (lambda: cumulative_average([1, np.inf]), ValueError, r"x must be finite, got inf at index \(1,\)"),
    (lambda: exponential_average([1, 2], 1), ValueError, "beta must be >= 0 and < 1, got 1"),
    (lambda: exponential_average([1, 2], -0.1), ValueError, "beta must be >= 0 and < 1, got -0.1"),
    (lambda: exponential_average(["a"], 0.9), TypeError, "x must hold real numbers"),
    (lambda: exponential_average([[1, 2]], [0.1, 0.2, 0.3]), ValueError,
     r"beta must broadcast against one xₜ, got shapes \(3,\) and \(2,\)"),
    (lambda: variance([1.0]), ValueError, "ddof must be less than n=1, got 1"),
    (lambda: variance([1.0, 2.0], -1), ValueError, "ddof must be >= 0, got -1"),
    (lambda: variance([1.0, 2.0], axis=1), ValueError, "axis 1 is out of bounds"),
    (lambda: paired_effect([1], [2]), ValueError, "a and b must hold at least 2 pairs, got 1"),
    (lambda: paired_effect([1, 2], [1, 2, 3]), ValueError, "a and b must have the same length, got 2 and 3"),
    (lambda: paired_effect([1, 2], [1, np.nan]), ValueError, "b must not hold NaN"),
    (lambda: paired_effect([[1, 2]], [[1, 2]]), ValueError, r"a must have 1 axes, got shape \(1, 2\)"),
    (lambda: paired_effect([1, 2], [1, 3], 1), ValueError, "confidence must be > 0 and < 1, got 1"),
    (lambda: paired_effect([1, 2], [1, 3], [0.9, 0.95]), TypeError, "confidence must be one number"),
    (lambda: student_t(0.95, 0), ValueError, "df must be at least 1, got 0"),
    (lambda: simpson([[5], [1]], [[4], [2]]), ValueError, r"successes must not exceed trials, got 5 of 4 at"),
    (lambda: simpson([[1], [1]], [[1], [0]]), ValueError, r"trials must be >= 1, got 0 at index \(1, 0\)"),
    (lambda: simpson([[1], [-1]], [[1], [1]]), ValueError, r"successes must be >= 0, got -1 at index"),
    (lambda: simpson([[1, 2]], [[3, 3]]), ValueError, r"successes must have 2 rows, .* got shape \(1, 2\)"),
    (lambda: simpson([[0.5], [1]], [[1], [1]]), TypeError, "successes must hold whole numbers, got float64"),
    (lambda: simpson([[1], [1]], [[1, 2], [1, 2]]), ValueError, "must have the same shape, got"),
    (lambda: cartesian_product([1], 3), TypeError, "factor 1 must be a sequence, got 3"),
    (lambda: permutations([1, 2], -1), ValueError, "r must be at least 0, got -1"),
    (lambda: combinations(4, 2), TypeError, "items must be a sequence, got 4"),
])
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("n, k", [(2, 1), (3, 4), (9, 7)])
def test_best_of_others_is_a_search_with_one_seed_left_out(n, k):
    losses = np.random.default_rng(n).lognormal(size=(n, k))
    losses[0, -1] = np.inf                                              # one that diverged
    chosen = best_of_others(losses)
    for others, (seed,) in LeaveOneOut().split(losses):
        assert chosen[seed] == np.argmin([np.mean(column[others]) for column in losses.T])


def test_best_of_others_never_looks_at_the_seed_itself():
    losses = np.random.default_rng(0).normal(size=(6, 5))
    before = best_of_others(losses)
    for seed in range(6):
        changed = losses.copy()
        changed[seed] = -changed[seed] * 100
        assert best_of_others(changed)[seed] == before[seed]
    for wrong, seen in (([[1.0, 2.0]], "got 1"), ([1.0, 2.0], "axes"), ([[1.0], [np.nan]], "NaN"), ([[], []], "empty")):
        with pytest.raises(ValueError, match=seen):
            best_of_others(wrong)
