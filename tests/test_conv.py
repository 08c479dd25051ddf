import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from byhand import conv as module
from byhand.conv import conv, conv_backward, conv_backward_loops, conv_loops, output_size
from byhand.gradcheck import numerical_gradient, relative_error
from byhand.pool import max_pool, max_pool_backward, mean_pool, mean_pool_backward
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

TORCH = np.load(Path(__file__).parent / "references" / "nn.npz")
# The settings that PyTorch was given in references/make_nn.py.
CONVOLUTIONS = {
    "conv_1d": {"stride": 2, "padding": 1, "dilation": 2},
    "conv_2d": {"stride": (1, 2), "padding": (2, 0), "dilation": (1, 2)},
    "conv_3d": {"stride": (2, 1, 1), "padding": (1, 1, 0), "dilation": (1, 2, 1)},
}
POOLINGS = {"pool_1d": (2, None), "pool_2d": ((3, 2), (2, 2)), "pool_3d": (2, 2)}
both = pytest.mark.parametrize("forward, backward", [(conv, conv_backward), (conv_loops, conv_backward_loops)],
                               ids=["fast", "loops"])


def from_torch(group):
    return {name.split("/")[1]: TORCH[name] for name in TORCH.files if name.startswith(group + "/")}


@st.composite
def convolutions(draw, most=3):
    """Random x, w, b, and how to convolve them: a kernel that fits, in 1 to `most` dimensions."""
    dims = draw(st.integers(1, most))
    axes = [draw(st.tuples(*[st.integers(low, high) for low, high in ((1, 3), (1, 3), (0, 3), (1, 3), (0, 4))]))
            for _ in range(dims)]
    kernel, stride, padding, dilation, more = (tuple(values) for values in zip(*axes, strict=True))
    size = [max(1, d * (k - 1) + 1 - 2 * p) + m
            for k, p, d, m in zip(kernel, padding, dilation, more, strict=True)]
    n, c, f = (draw(st.integers(1, 3)) for _ in range(3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x, w, b = rng.normal(size=(n, c, *size)), rng.normal(size=(f, c, *kernel)), rng.normal(size=f)
    return x, w, b, {"stride": stride, "padding": padding, "dilation": dilation}


@both
@pytest.mark.parametrize("group", CONVOLUTIONS)
def test_convolution_and_its_gradients_are_those_of_pytorch(group, forward, backward):
    t, how = from_torch(group), CONVOLUTIONS[group]
    np.testing.assert_allclose(forward(t["x"], t["w"], t["b"], **how), t["y"], rtol=1e-12, atol=1e-12)
    for got, name in zip(backward(t["dy"], t["x"], t["w"], **how), ("dx", "dw", "db"), strict=True):
        np.testing.assert_allclose(got, t[name], rtol=1e-12, atol=1e-12, err_msg=name)


@given(convolutions())
@settings(max_examples=60, deadline=None)
def test_the_fast_twin_agrees_with_the_loops(drawn):
    x, w, b, how = drawn
    y = conv_loops(x, w, b, **how)
    np.testing.assert_allclose(conv(x, w, b, **how), y, rtol=1e-10, atol=1e-12)
    dy = np.cos(np.arange(y.size)).reshape(y.shape)
    pairs = zip(conv_backward(dy, x, w, **how), conv_backward_loops(dy, x, w, **how), strict=True)
    for fast, plain in pairs:
        np.testing.assert_allclose(fast, plain, rtol=1e-10, atol=1e-12)
    none, *rest = conv_backward(dy, x, w, **how, dx=False)
    assert none is None and all(map(np.array_equal, rest, conv_backward(dy, x, w, **how)[1:]))


@given(convolutions())
@settings(max_examples=60, deadline=None)
def test_backward_is_the_adjoint_of_the_convolution(drawn):
    x, w, _, how = drawn
    y = conv(x, w, **how)
    dy = np.sin(np.arange(y.size)).reshape(y.shape)
    dx, dw, db = conv_backward(dy, x, w, **how)
    assert np.vdot(y, dy) == pytest.approx(np.vdot(x, dx), rel=1e-10, abs=1e-10)
    assert np.vdot(y, dy) == pytest.approx(np.vdot(w, dw), rel=1e-10, abs=1e-10)
    np.testing.assert_allclose(db, dy.sum((0, *range(2, dy.ndim))), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("size, kernel", [((9,), (4,)), ((6, 7), (3, 2)), ((4, 5, 6), (2, 3, 1))])
def test_it_is_the_correlation_of_scipy_summed_over_the_channels(size, kernel):
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(2, 3, *size)), rng.normal(size=(4, 3, *kernel))
    expected = [[sum(signal.correlate(x[n, c], w[f, c], "valid") for c in range(3)) for f in range(4)]
                for n in range(2)]
    np.testing.assert_allclose(conv(x, w), expected, rtol=1e-10)


@pytest.mark.parametrize("size, kernel", [((7,), (3,)), ((4, 5), (2, 3)), ((3, 3, 4), (2, 1, 2))])
def test_gradients_pass_finite_differences(size, kernel):
    rng = np.random.default_rng(2)
    x, w, b = rng.normal(size=(2, 2, *size)), rng.normal(size=(3, 2, *kernel)), rng.normal(size=3)
    dy = rng.normal(size=conv(x, w, b, stride=2, padding=1).shape)
    dx, dw, db = conv_backward(dy, x, w, stride=2, padding=1)
    for got, numerical in [
        (dx, numerical_gradient(lambda x: np.sum(dy * conv(x, w, b, stride=2, padding=1)), x)),
        (dw, numerical_gradient(lambda w: np.sum(dy * conv(x, w, b, stride=2, padding=1)), w)),
        (db, numerical_gradient(lambda b: np.sum(dy * conv(x, w, b, stride=2, padding=1)), b)),
    ]:
        assert relative_error(got, numerical) < 1e-8


@pytest.mark.parametrize("block", [1, 300, 1000, 10**9])
@pytest.mark.parametrize("stride", [1, 2])
def test_the_size_of_a_block_does_not_matter(block, stride, monkeypatch):
    rng = np.random.default_rng(3)
    x, w = rng.normal(size=(7, 2, 6, 5)), rng.normal(size=(3, 2, 3, 3))
    how = {"stride": stride, "padding": 1}
    one_by_one = np.concatenate([conv(x[i:i + 1], w, **how) for i in range(7)])
    dy = rng.normal(size=one_by_one.shape)
    parts = [conv_backward(dy[i:i + 1], x[i:i + 1], w, **how) for i in range(7)]
    monkeypatch.setattr(module, "BLOCK", block)
    np.testing.assert_allclose(conv(x, w, **how), one_by_one, rtol=1e-12, atol=1e-13)
    dx, dw, db = conv_backward(dy, x, w, **how)
    np.testing.assert_allclose(dx, np.concatenate([part[0] for part in parts]), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(dw, sum(part[1] for part in parts), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(db, sum(part[2] for part in parts), rtol=1e-10, atol=1e-12)


def test_large_images_are_multiplied_in_parts():
    """30 · 40 · 3·48 · 16 multiplications a sample: more than OpenBLAS does at once on its fast path."""
    rng = np.random.default_rng(4)
    x, w = rng.normal(size=(2, 48, 30, 40)), rng.normal(size=(16, 48, 3, 3))
    y = conv(x, w, padding=1)
    corner = [signal.correlate(np.pad(x[1], ((0, 0), (1, 1), (1, 1))), w[f], "valid")[0] for f in (0, 15)]
    np.testing.assert_allclose(y[1, [0, 15]], corner, rtol=1e-9, atol=1e-9)
    dy = rng.normal(size=y.shape)
    dx, dw, _ = conv_backward(dy, x, w, padding=1)
    assert np.vdot(y, dy) == pytest.approx(np.vdot(x, dx), rel=1e-9)
    assert np.vdot(y, dy) == pytest.approx(np.vdot(w, dw), rel=1e-9)


@both
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_float32_stays_float32_and_inputs_stay_as_they_were(dims, forward, backward):
    rng = np.random.default_rng(5)
    x, w, b = (rng.normal(size=shape).astype(np.float32) for shape in ((2, 3, *[4] * dims), (2, 3, *[2] * dims), 2))
    before = [a.copy() for a in (x, w, b)]
    y = forward(x, w, b, padding=1)
    exact = forward(x.astype(float), w.astype(float), b.astype(float), padding=1)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, exact, rtol=1e-4, atol=1e-5)
    assert [a.dtype for a in backward(y, x, w, padding=1)] == [np.float32] * 3
    for now, then in zip((x, w, b), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_lists_whole_numbers_and_strided_arrays_are_welcome():
    assert conv([[[1, 2, 3]]], [[[1, 1]]]).tolist() == [[[3.0, 5.0]]]
    assert conv([[[1, 2, 3]]], [[[1, 1]]], [1], padding=[1]).tolist() == [[[2.0, 4.0, 6.0, 4.0]]]
    rng = np.random.default_rng(6)
    x, w = rng.normal(size=(4, 5, 6, 2)).transpose(0, 3, 2, 1), rng.normal(size=(6, 4, 3, 3))[::2, ::2]
    y = conv(x, w, padding=1)
    np.testing.assert_allclose(y, conv(x.copy(), w.copy(), padding=1))
    strided = conv_backward(np.asfortranarray(y), x, w, padding=1)
    for got, expected in zip(strided, conv_backward(y, x.copy(), w.copy(), padding=1), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12)


def test_memory_peaks_below_four_times_input_and_output():
    x, w = np.ones((64, 32, 28, 28), np.float32), np.ones((32, 32, 3, 3), np.float32)
    for work in (lambda: conv(x, w, padding=1), lambda: conv_backward(x, x, w, padding=1)):
        tracemalloc.start()
        work()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4 * (x.nbytes + x.nbytes)     # the result is as large as x


@given(st.integers(1, 12), st.integers(1, 4), st.integers(1, 4), st.integers(0, 3), st.integers(1, 3))
@settings(max_examples=80, deadline=None)
def test_output_size_counts_where_the_kernel_fits(n, k, stride, padding, dilation):
    last = n + 2 * padding - 1
    fits = sum(start + dilation * (k - 1) <= last for start in range(0, last + 1, stride))
    if fits:
        assert output_size(n, k, stride, padding, dilation) == fits
    else:
        with pytest.raises(ValueError, match=f"got a reach of {dilation * (k - 1) + 1} in {last + 1}"):
            output_size(n, k, stride, padding, dilation)


X, W = np.ones((2, 3, 5, 5)), np.ones((4, 3, 3, 3))


@pytest.mark.parametrize("error, message, call", [
    (ValueError, r"x must have shape \(N, C, \*spatial\) with 1, 2 or 3 .* got \(2, 3\)", lambda f: f(X[..., 0, 0], W)),
    (ValueError, r"x must have shape .* got \(2, 3, 5, 5, 1, 1\)", lambda f: f(X[..., None, None], W)),
    (ValueError, r"w must have shape \(F, 3, \*kernel\), .* got \(4, 2, 3, 3\)", lambda f: f(X, W[:, :2])),
    (ValueError, r"w must have shape \(F, 3, \*kernel\), .* got \(4, 3, 3\)", lambda f: f(X, W[..., 0])),
    (ValueError, r"b must have shape \(4,\) to fit w \(4, 3, 3, 3\), got \(3,\)", lambda f: f(X, W, np.ones(3))),
    (ValueError, r"kernel must fit the padded input, got a reach of 9 in 7", lambda f: f(X, W, padding=1, dilation=4)),
    (ValueError, r"x must not be empty, got shape \(0, 3, 5, 5\)", lambda f: f(X[:0], W)),
    (ValueError, r"x must not hold NaN, got nan at index \(0, 0, 0, 0\)", lambda f: f(X * np.nan, W)),
    (ValueError, "w must not hold NaN", lambda f: f(X, W * np.nan)),
    (ValueError, "b must not hold NaN", lambda f: f(X, W, np.full(4, np.nan))),
    (ValueError, "stride must be at least 1, got 0", lambda f: f(X, W, stride=0)),
    (ValueError, "padding must be at least 0, got -1", lambda f: f(X, W, padding=(0, -1))),
    (ValueError, "dilation must be at least 1, got 0", lambda f: f(X, W, dilation=0)),
    (ValueError, r"stride must be one number, or 2, .* got \(1, 1, 1\)", lambda f: f(X, W, stride=(1, 1, 1))),
    (TypeError, "stride must be a whole number, got 1.5", lambda f: f(X, W, stride=1.5)),
    (TypeError, "x must hold real numbers, got", lambda f: f("abc", W)),
    (ValueError, "x must be a rectangular array", lambda f: f([[[1, 2]], [[1]]], W)),
])
@pytest.mark.parametrize("function", [conv, conv_loops])
def test_bad_input_is_named(function, error, message, call):
    with pytest.raises(error, match=message):
        call(function)


@pytest.mark.parametrize("function", [conv_backward, conv_backward_loops])
def test_backward_names_a_dy_that_does_not_fit(function):
    with pytest.raises(ValueError, match=r"dy must have shape \(2, 4, 3, 3\), got \(2, 4, 5, 5\)"):
        function(np.ones((2, 4, 5, 5)), X, W)
    with pytest.raises(ValueError, match="dy must not hold NaN"):
        function(np.full((2, 4, 3, 3), np.nan), X, W)


@pytest.mark.parametrize("group", POOLINGS)
@pytest.mark.parametrize("kind, forward, backward", [
    ("max", max_pool, max_pool_backward), ("mean", mean_pool, mean_pool_backward)])
def test_pooling_and_its_gradient_are_those_of_pytorch_with_ties(group, kind, forward, backward):
    t, how = from_torch(group), POOLINGS[group]
    np.testing.assert_allclose(forward(t["x"], *how), t[f"{kind}_y"], rtol=1e-12)
    np.testing.assert_allclose(backward(t[f"{kind}_dy"], t["x"], *how), t[f"{kind}_dx"], rtol=1e-12, atol=1e-15)


@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 3), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_pooling_is_its_definition_for_any_window(dims, size, stride, more, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 2, *[size + more] * dims))
    windows = np.lib.stride_tricks.sliding_window_view(x, (size,) * dims, tuple(range(2, 2 + dims)))
    windows = windows[:, :, *(slice(None, None, stride),) * dims].reshape(2, 2, *[more // stride + 1] * dims, -1)
    np.testing.assert_array_equal(max_pool(x, size, stride), windows.max(-1))
    np.testing.assert_allclose(mean_pool(x, size, stride), windows.mean(-1), atol=1e-14)
    dy = rng.normal(size=windows.shape[:-1])
    for pool, backward in (max_pool, max_pool_backward), (mean_pool, mean_pool_backward):
        dx = backward(dy, x, size, stride)
        assert np.vdot(dx, x) == pytest.approx(np.vdot(dy, pool(x, size, stride)), abs=1e-10)
        assert dx.sum() == pytest.approx(dy.sum(), abs=1e-10)


@pytest.mark.parametrize("forward, backward", [(max_pool, max_pool_backward), (mean_pool, mean_pool_backward)])
def test_pooling_keeps_dtype_and_names_bad_input(forward, backward):
    x = np.arange(36, dtype=np.float32).reshape(1, 1, 6, 6)
    assert forward(x, 2).dtype == backward(forward(x, 2), x, 2).dtype == np.float32
    assert forward([[[1, 2, 4]]], 2).shape == (1, 1, 1)
    for error, message, call in [
        (ValueError, "must fit the padded input, got a reach of 7 in 6", lambda: forward(x, 7)),
        (ValueError, "size must be at least 1, got 0", lambda: forward(x, 0)),
        (TypeError, "stride must be a whole number, got 0.5", lambda: forward(x, 2, 0.5)),
        (ValueError, r"size must be one number, or 2, .* got \(2, 2, 2\)", lambda: forward(x, (2, 2, 2))),
        (ValueError, r"x must have shape .* got \(6, 6\)", lambda: forward(x[0, 0], 2)),
        (ValueError, "x must not hold NaN", lambda: forward(x * np.nan, 2)),
        (ValueError, r"dy must have shape \(1, 1, 3, 3\), got \(1, 1, 6, 6\)", lambda: backward(x, x, 2)),
    ]:
        with pytest.raises(error, match=message):
            call()
