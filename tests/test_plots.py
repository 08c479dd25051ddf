import re

import matplotlib as mpl
import numpy as np
import pytest
from byhand import plots
from byhand.landscapes import Quadratic
from matplotlib import pyplot as plt

NAMES = {"xlabel": "step", "ylabel": "loss"}


@pytest.fixture(autouse=True)
def closed():
    plt.close("all")
    yield
    for number in plt.get_fignums():        # drawing finds what building does not, such as an axis without a logarithm
        plt.figure(number).draw_without_rendering()
    plt.close("all")


def looks(line):
    return line.get_color(), str(line._dash_pattern)


def test_axes():
    assert isinstance(plots.axes(), mpl.axes.Axes)
    assert plots.axes(2, 3).shape == (2, 3) and plots.axes(1, 2, sharey=True).shape == (2,)


def test_curves_draws_what_it_is_given():
    ax = plots.curves({"a": [3, 1, 2], "b": np.array([1.0, 2.0])}, **NAMES)
    first, second = ax.lines
    assert first.get_xdata().tolist() == [0, 1, 2] and first.get_ydata().tolist() == [3, 1, 2]
    assert second.get_xdata().tolist() == [0, 1] and looks(first) != looks(second)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xscale(), ax.get_yscale()) == ("step", "loss", "linear", "linear")


def test_a_line_of_one_point_is_seen():
    for values in ([2.0], [2.0, 3.0]):
        ax = plots.curves({"a": values}, np.arange(1, 1 + len(values)), **NAMES)
        ax.legend().remove()                        # whose sample of the line would be seen in any case
        ax.figure.canvas.draw()
        drawn = np.asarray(ax.figure.canvas.buffer_rgba())[..., :3]
        blue = abs(drawn - 255 * np.array(plots.mpl.colors.to_rgb(plots.BLUE))).max(axis=-1) < 2
        assert blue.sum() > 9


def test_curves_takes_an_ax_and_hands_it_back():
    ax = plots.axes()
    assert plots.curves({"a": [1, 2]}, [3, 4], ax=ax, **NAMES) is ax and ax.lines[0].get_xdata().tolist() == [3, 4]
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize("log", ["", "x", "y", "xy", "yx"])
def test_logarithmic_axes(log):
    ax = plots.curves({"a": [1.0, 0.0, np.inf, 4.0]}, [1, 2, 3, 4], log=log, **NAMES)
    assert (ax.get_xscale() == "log", ax.get_yscale() == "log") == ("x" in log, "y" in log)


@pytest.mark.parametrize("width", [0.5, [0.5, 0.5, 0.5], np.array(0.5)])
def test_a_band_is_as_wide_as_it_is_said(width):
    ax = plots.curves({"a": [1.0, 2.0, 3.0], "b": [0, 0, 0]}, band={"a": width}, **NAMES)
    (band,) = ax.collections
    at, height = band.get_paths()[0].vertices.T
    for x, y in ((0, 1), (1, 2), (2, 3)):
        assert {y - 0.5, y + 0.5} <= set(height[at == x]) and np.all(abs(height[at == x] - y) == 0.5)
    assert mpl.colors.same_color(band.get_facecolor()[0, :3], ax.lines[0].get_color())


def test_the_lines_of_one_figure_all_differ():
    ax = plots.curves({f"line {i}": [i, i + 1] for i in range(25)}, **NAMES)
    assert len(set(map(looks, ax.lines))) == 25
    assert len({line.get_color() for line in ax.lines[:5]}) == len({looks(line)[1] for line in ax.lines[:5]}) == 5
    plt.close(ax.figure)                    # no page would have room for its legend


def luminance(colour):
    c = np.array(mpl.colors.to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("page", ["#ffffff", "#121212"])
@pytest.mark.parametrize("colour", plots.COLOURS)
def test_colours_keep_their_contrast_on_both_pages(colour, page):
    dark, light = sorted([luminance(colour), luminance(page)])
    assert (light + 0.05) / (dark + 0.05) >= 3          # WCAG 2.2, 1.4.11, for what is drawn


def test_a_landscape_has_levels_a_constant_factor_apart():
    ax = plots.landscape(Quadratic((1, 30)), (-5, 5), (-1, 2), levels=7)
    (contours,) = ax.collections
    gaps = np.diff(contours.levels)
    assert len(gaps) == 6 and np.allclose(gaps[1:] / gaps[:-1], 1000 ** (1 / 6))
    assert ax.get_xlim() == (-5, 5) and ax.get_ylim() == (-1, 2) and ax.get_xlabel() and ax.get_ylabel()
    other = plots.axes()
    assert plots.landscape(lambda x: x[..., 0], (0, 1), (0, 1), levels=1, points=2, ax=other) is other


def test_a_landscape_is_drawn_the_right_way_round():
    seen = []
    plots.landscape(lambda x: seen.append(x) or x[..., 0] + 10 * x[..., 1], (0, 1), (5, 6), points=3)
    assert seen[0].shape == (3, 3, 2)
    ax = plots.landscape(lambda x: x[..., 0], (0, 1), (5, 6), points=9)
    for path in ax.collections[0].get_paths():          # a height that depends on x₁ alone has upright contours
        assert len(path.vertices) == 0 or np.ptp(path.vertices[:, 0]) < 1e-9 < np.ptp(path.vertices[:, 1])


@pytest.mark.parametrize("points", [[[0, 0], [1, 2], [3, 1]], np.arange(8.0).reshape(4, 2)[::2], [[1, 1]],
                                    np.array([[0, 1], [2, 3]], np.float32), [[0, 0], [1, np.inf]]])
def test_a_path_goes_through_its_points(points):
    ax = plots.path(points, name="momentum", colour=plots.RED, dash="--")
    line, dots, first, last = ax.lines
    np.testing.assert_array_equal(line.get_xydata(), points)
    np.testing.assert_array_equal(dots.get_xydata()[::3], points)
    np.testing.assert_array_equal(dots.get_xydata()[1::3], points)
    assert np.isnan(dots.get_xydata()[2::3]).all()
    np.testing.assert_array_equal(first.get_xydata(), [points[0]])
    np.testing.assert_array_equal(last.get_xydata(), [points[-1]])
    assert line.get_label() == "momentum" and {one.get_color() for one in ax.lines} == {plots.RED}
    assert len(plots.path(points, dots=False).lines) == 3
    assert len(plots.path(points, dots=False, ends=False).lines) == 1
    assert plots.path(points, ax=ax) is ax and len(ax.lines) == 8


def test_a_histogram_draws_shares():
    ax = plots.histogram({"a": [0, 0, 1, 9], "b": [2.5]}, [0, 1, 2, 3], xlabel="median")
    shares = [patch.get_data().values.tolist() for patch in ax.patches]
    assert shares == [[0.5, 0.25, 0]] * 2 + [[0, 0, 1]] * 2
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("median", "share of the values")
    ax = plots.histogram({"a": [0, 1], "b": [4]}, 4, ax=ax, xlabel="x", ylabel="y")
    assert ax.patches[-1].get_data().edges.tolist() == [0, 1, 2, 3, 4] and ax.get_ylabel() == "y"


def test_a_scatter_draws_each_point_once_at_its_size():
    points = np.arange(12.0).reshape(6, 2)
    ax = plots.scatter({"no": points[:4], "yes": points[4:]}, size={"no": [3, 8, 3.2, 3], "yes": [1, 2]}, **NAMES)
    drawn = {(line.get_marker(), line.get_markersize()): line.get_xydata().tolist() for line in ax.lines[:-1]}
    assert drawn[plots.MARKERS[0], 3] == points[[0, 2, 3]].tolist()
    assert drawn[plots.MARKERS[0], 8] == points[[1]].tolist()
    assert sum(len(line.get_xdata()) for line in ax.lines) == 6
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["no", "yes"]
    assert plots.scatter({"a": points}, size=2.5, ax=ax, **NAMES) is ax and ax.lines[-2].get_markersize() == 2.5


def test_regions_are_the_right_way_round_and_in_the_colours_of_the_points():
    ax = plots.regions(lambda x: (x[:, 0] > 0.5).astype(int) + (x[:, 1] > 6), (0, 1), (5, 7), points=4)
    (image,) = ax.images
    assert image.get_array().tolist() == [[0, 0, 1, 1]] * 2 + [[1, 1, 2, 2]] * 2
    assert image.get_extent() == [0, 1, 5, 7] and image.origin == "lower"
    for i, colour in enumerate(plots.COLOURS[:3]):
        assert mpl.colors.same_color(image.cmap(image.norm(i)), colour)
    assert plots.regions(lambda x: np.ones(len(x), bool), (0, 1), (5, 7), ax=ax) is ax


@pytest.mark.parametrize("n, columns, rows", [(1, 8, 1), (8, 8, 1), (4, 3, 2), (3, 1, 3)])
def test_images_stand_in_a_grid(n, columns, rows):
    batch = np.random.default_rng(0).random((n, 4, 3))
    grid = plots.images(batch, titles=range(n), columns=columns)
    assert grid.shape == (rows, columns) and not any(ax.axison for ax in grid.flat)
    for i, ax in enumerate(grid.flat):
        assert len(ax.images) == (i < n) and ax.get_title() == (str(i) if i < n else "")
        if i < n:
            np.testing.assert_array_equal(ax.images[0].get_array(), batch[i])
            assert ax.images[0].get_clim() == (0, batch.max())


@pytest.mark.parametrize("batch, top, limit", [
    (np.zeros((2, 3, 3)), None, 1), (-np.ones((1, 3, 3)), None, 1), (np.full((1, 2, 2), 7), None, 7),
    (np.ones((1, 2, 2), bool), None, 1), (np.ones((1, 2, 2)), 16, 16), ([[[1, 2]]], None, 2)])
def test_images_share_one_scale(batch, top, limit):
    grid = plots.images(batch, top=top)
    assert grid.shape == (1, 8) and grid[0, 0].images[0].get_clim() == (0, limit)


@pytest.mark.parametrize("n, columns, rows, titles", [
    (4, 3, 2, "abcd"), (2, 2, 1, None), (1, 1, 1, ["x"]), (3, 8, 1, None)])
def test_a_mosaic_holds_every_image_once(n, columns, rows, titles):
    batch = np.random.default_rng(0).random((n, 4, 3))
    ax = plots.mosaic(batch, titles, columns=columns, top=2)
    whole = ax.images[0].get_array().filled(np.nan)
    assert not ax.axison and ax.images[0].get_clim() == (0, 2)
    assert np.array_equal(np.sort(whole[~np.isnan(whole)]), np.sort(batch, axis=None))
    for i, image in enumerate(batch):
        y, x = np.argwhere(whole == image[0, 0])[0]
        assert np.array_equal(whole[y : y + 4, x : x + 3], image)
        assert (y // (whole.shape[0] / rows), x // 4) == divmod(i, columns)
    assert [text.get_text() for text in ax.texts] == list(titles or [])
    assert plots.mosaic(batch, ax=ax) is ax


def test_cells_are_as_strong_as_their_numbers():
    ax = plots.cells([[1, -2, 0], [4, 2, -4]], [["a", "", 0], [1, 2, 3]], rows=["r", "s"], columns=["x", "y", "z"],
                     title="W")
    colours = ax.images[0].get_array()
    assert np.allclose(colours[..., 3], np.array([[1, 2, 0], [4, 2, 4]]) / 4 * 0.8)
    assert mpl.colors.same_color(colours[0, 0, :3], plots.BLUE) and mpl.colors.same_color(colours[0, 1, :3], plots.RED)
    assert {(text.get_text(), text.get_position()) for text in ax.texts} == {
        ("a", (0, 0)), ("0", (2, 0)), ("1", (0, 1)), ("2", (1, 1)), ("3", (2, 1))}
    assert [label.get_text() for label in ax.get_xticklabels()] == ["x", "y", "z"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["r", "s"]
    assert ax.get_title() == "W"
    bare = plots.cells(np.zeros((2, 2)), ax=plots.axes())
    assert not bare.texts and not len(bare.get_xticks()) and not bare.images[0].get_array()[..., 3].any()
    assert np.allclose(plots.cells([[1, 5]], top=2).images[0].get_array()[..., 3], [[0.4, 0.8]])


def test_links_join_their_knots():
    pairs = {(0, 0): "a", (1, 0): "b", (2, 1): "c"}
    ax = plots.links(["x", "y", "z"], ["o", "p"], pairs, strong=[(1, 0)], title="first")
    wires = [line for line in ax.lines if len(line.get_xdata()) == 2]
    assert [(*line.get_xdata(), *line.get_ydata()) for line in wires] == [
        (-1, -0.5, 1, 0), (0, -0.5, 1, 0), (1, 0.5, 1, 0)]
    assert [mpl.colors.same_color(line.get_color(), plots.BLUE) for line in wires] == [False, True, False]
    assert {text.get_text(): text.get_weight() for text in ax.texts} == {
        "b": "normal", "x": "normal", "y": "bold", "z": "normal", "o": "bold", "p": "normal"}
    assert ax.get_title() == "first" and not plots.links(["x"], ["o"], {}, ax=ax).axison


F = Quadratic((1, 2))
BAD = [
    (plots.axes, {"rows": 0}, ValueError, "rows must be at least 1, got 0"),
    (plots.axes, {"columns": 1.5}, TypeError, "columns must be a whole number, got 1.5"),
    (plots.curves, {"lines": {}}, ValueError, "lines must not be empty, got {}"),
    (plots.curves, {"lines": [1, 2]}, TypeError, "lines must be a dict of name → values, got [1, 2]"),
    (plots.curves, {"lines": {1: [1, 2]}}, TypeError, "lines must be a dict of name → values, got {1: [1, 2]}"),
    (plots.curves, {"lines": {"_a": [1]}}, ValueError, "a legend shows, not empty or with _ first, got '_a'"),
    (plots.curves, {"lines": {"": [1]}}, ValueError, "a legend shows, not empty or with _ first, got ''"),
    (plots.curves, {"lines": {"a": []}}, ValueError, "a must not be empty, got shape (0,)"),
    (plots.curves, {"lines": {"a": [1, np.nan]}}, ValueError, "a must not hold NaN, got nan at index (1,)"),
    (plots.curves, {"lines": {"a": [[1, 2]]}}, ValueError, "a must have 1 axes, got shape (1, 2)"),
    (plots.curves, {"lines": {"a": "abc"}}, TypeError, "a must hold real numbers"),
    (plots.curves, {"lines": {"a": None}}, TypeError, "a must hold real numbers"),
    (plots.curves, {"x": [1, 2]}, ValueError, "x and a must have the same length, got 2 and 3"),
    (plots.curves, {"x": [1, 2, np.nan]}, ValueError, "x must not hold NaN, got nan at index (2,)"),
    (plots.curves, {"x": "abc"}, TypeError, "x must hold real numbers"),
    (plots.curves, {"log": "z"}, ValueError, 'log must be "", "x", "y" or "xy", got \'z\''),
    (plots.curves, {"log": True}, ValueError, 'log must be "", "x", "y" or "xy", got True'),
    (plots.curves, {"log": "y", "lines": {"a": [-1, -2]}}, ValueError,
     "a must hold a positive number for a log axis, got at most -1"),
    (plots.curves, {"log": "x", "x": [0, 0, 0]}, ValueError,
     "x must hold a positive number for a log axis, got at most 0"),
    (plots.curves, {"band": {"b": 1}}, ValueError, "band must name lines among ['a'], got 'b'"),
    (plots.curves, {"band": [1]}, TypeError, "band must be a dict of name → values, got [1]"),
    (plots.curves, {"band": {"a": -1}}, ValueError, "band of a must be >= 0, got -1"),
    (plots.curves, {"band": {"a": [1, 2]}}, ValueError, "band of a and a must have the same shape, got (2,) and (3,)"),
    (plots.curves, {"band": {"a": np.nan}}, ValueError, "a must not hold NaN"),
    (plots.curves, {"ax": 3}, TypeError, "ax must be an Axes, got 3"),
    (plots.landscape, {"f": 3}, TypeError, "f must be a function, got 3"),
    (plots.landscape, {"f": lambda x: 1.0}, ValueError, "f must turn points (60, 60, 2) into values (60, 60), got ()"),
    (plots.landscape, {"f": lambda x: x}, ValueError, "into values (60, 60), got (60, 60, 2)"),
    (plots.landscape, {"f": lambda x: x[..., 0] * np.nan}, ValueError, "f(points) must not hold NaN"),
    (plots.landscape, {"f": lambda x: x[..., 0] * 0}, ValueError, "f must not be constant where it is drawn, got 0.0"),
    (plots.landscape, {"f": Quadratic((1, 2, 3))}, ValueError, "x must have 3 numbers along its last axis"),
    (plots.landscape, {"xlim": (1, 1)}, ValueError, "xlim must be two numbers, low < high, got (1, 1)"),
    (plots.landscape, {"ylim": (2, 1)}, ValueError, "ylim must be two numbers, low < high, got (2, 1)"),
    (plots.landscape, {"xlim": 3}, ValueError, "xlim must be two numbers, low < high, got 3"),
    (plots.landscape, {"xlim": None}, ValueError, "xlim must be two numbers, low < high, got None"),
    (plots.landscape, {"xlim": (0, np.nan)}, ValueError, "xlim must be finite, got nan at index (1,)"),
    (plots.landscape, {"xlim": ("a", "b")}, TypeError, "xlim must be a number"),
    (plots.landscape, {"levels": 0}, ValueError, "levels must be at least 1, got 0"),
    (plots.landscape, {"points": 1}, ValueError, "points must be at least 2, got 1"),
    (plots.landscape, {"ax": "ax"}, TypeError, "ax must be an Axes, got 'ax'"),
    (plots.path, {"points": []}, ValueError, "points must not be empty, got shape (0,)"),
    (plots.path, {"points": [1.0, 2.0]}, ValueError, "points must have 2 axes, got shape (2,)"),
    (plots.path, {"points": np.ones((3, 3))}, ValueError, "points must have shape (T, 2), got (3, 3)"),
    (plots.path, {"points": [[1, np.nan]]}, ValueError, "points must not hold NaN, got nan at index (0, 1)"),
    (plots.path, {"points": "ab"}, TypeError, "points must hold real numbers"),
    (plots.path, {"ax": 3}, TypeError, "ax must be an Axes, got 3"),
    (plots.histogram, {"samples": {}}, ValueError, "lines must not be empty, got {}"),
    (plots.histogram, {"samples": {"a": [1, np.nan]}}, ValueError, "a must not hold NaN, got nan at index (1,)"),
    (plots.histogram, {"bins": 0}, ValueError, "bins must be at least 1, got 0"),
    (plots.histogram, {"bins": [1]}, ValueError, "bins must be edges that rise, got [1]"),
    (plots.histogram, {"bins": [1, 1, 2]}, ValueError, "bins must be edges that rise, got [1, 1, 2]"),
    (plots.histogram, {"bins": [1, np.inf]}, ValueError, "bins must be finite, got inf at index (1,)"),
    (plots.scatter, {"groups": {}}, TypeError, "groups must be a dict of name → points, got {}"),
    (plots.scatter, {"groups": [1]}, TypeError, "groups must be a dict of name → points, got [1]"),
    (plots.scatter, {"groups": {"a": [[1, 2, 3]]}}, ValueError, "a must have shape (n, 2), got (1, 3)"),
    (plots.scatter, {"groups": {"a": [1, 2]}}, ValueError, "a must have 2 axes, got shape (2,)"),
    (plots.scatter, {"size": -1}, ValueError, "size of a must be >= 0, got -1"),
    (plots.scatter, {"ax": "ax"}, TypeError, "ax must be an Axes, got 'ax'"),
    (plots.regions, {"predict": 3}, TypeError, "predict must be a function, got 3"),
    (plots.regions, {"predict": lambda x: x[:3, 0] > 0}, ValueError, "predict must turn (10000, 2) into that many"),
    (plots.regions, {"predict": lambda x: x[:, 0]}, ValueError, "predict must turn (10000, 2) into that many"),
    (plots.regions, {"xlim": (1, 1)}, ValueError, "xlim must be two numbers, low < high, got (1, 1)"),
    (plots.cells, {"values": [1, 2]}, ValueError, "values must have 2 axes, got shape (2,)"),
    (plots.cells, {"values": [[np.nan]]}, ValueError, "values must not hold NaN"),
    (plots.cells, {"values": [[np.inf]]}, ValueError, "values must be finite"),
    (plots.cells, {"texts": ["a"]}, ValueError, "texts must have shape (2, 2) to fit values, got (1,)"),
    (plots.cells, {"rows": "abc"}, ValueError, "rows must have shape (2,) to fit values, got ()"),
    (plots.cells, {"columns": ["a"]}, ValueError, "columns must have shape (2,) to fit values, got (1,)"),
    (plots.cells, {"top": 0}, ValueError, "top must be > 0, got 0"),
    (plots.links, {"above": []}, TypeError, "above must be a list of names, got []"),
    (plots.links, {"below": "ab"}, TypeError, "below must be a list of names, got 'ab'"),
    (plots.links, {"pairs": {(0, 1): "w"}}, ValueError, "pairs must join 2 knots to 1, got (0, 1)"),
    (plots.links, {"strong": [(1, 0)]}, ValueError, "strong must name links among [(0, 0)], got [(1, 0)]"),
    (plots.images, {"batch": np.ones((2, 64))}, ValueError, "batch must have 3 axes, got shape (2, 64)"),
    (plots.images, {"batch": np.ones((2, 1, 8, 8))}, ValueError, "batch must have 3 axes, got shape (2, 1, 8, 8)"),
    (plots.images, {"batch": np.ones((0, 8, 8))}, ValueError, "batch must not be empty, got shape (0, 8, 8)"),
    (plots.images, {"batch": [[[np.inf]]]}, ValueError, "batch must be finite, got inf at index (0, 0, 0)"),
    (plots.images, {"batch": "digits"}, TypeError, "batch must hold real numbers"),
    (plots.images, {"titles": ["a"]}, ValueError, "titles and batch must have the same length, got 1 and 2"),
    (plots.images, {"columns": 0}, ValueError, "columns must be at least 1, got 0"),
    (plots.images, {"top": 0}, ValueError, "top must be > 0, got 0"),
    (plots.images, {"top": np.nan}, ValueError, "top must be > 0, got nan"),
    (plots.images, {"top": "high"}, TypeError, "top must be a number, got 'high'"),
]
GOOD = {plots.axes: {}, plots.curves: {"lines": {"a": [1, 2, 3]}} | NAMES, plots.path: {"points": [[0, 1], [2, 3]]},
        plots.landscape: {"f": F, "xlim": (-1, 1), "ylim": (-1, 1)}, plots.images: {"batch": np.ones((2, 4, 4))},
        plots.histogram: {"samples": {"a": [1, 2, 3]}, "xlabel": "x"},
        plots.scatter: {"groups": {"a": [[1, 2]]}} | NAMES,
        plots.regions: {"predict": lambda x: x[:, 0] > 0, "xlim": (-1, 1), "ylim": (-1, 1)},
        plots.cells: {"values": [[1, 2], [3, 4]]},
        plots.links: {"above": ["x", "y"], "below": ["o"], "pairs": {(0, 0): "w"}}}


@pytest.mark.parametrize("function, changes, error, message", BAD)
def test_bad_input(function, changes, error, message):
    with pytest.raises(error, match=re.escape(message)):
        function(**GOOD[function] | changes)
    assert not plt.get_fignums(), "an empty figure was left behind"


def test_bad_input_leaves_the_readers_axes_as_they_were():
    ax = plots.axes()
    for lines in ({"a": [1, 2], "b": [np.nan]}, {"a": [1, 2], "_b": [1, 2]}):
        with pytest.raises(ValueError):
            plots.curves(lines, ax=ax, **NAMES)
    assert not ax.lines and not ax.get_xlabel()


def test_importing_it_sets_the_style():
    assert {key: mpl.rcParams[key] for key in ("axes.grid", "path.simplify", "font.size")} == {
        "axes.grid": True, "path.simplify": False, "font.size": 10}
    assert mpl.rcParams["figure.facecolor"] == "none"
