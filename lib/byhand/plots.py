"""What the lessons draw. Each function takes an `ax`, or makes one, and returns it.

The colours keep their contrast on a white and on a dark page and differ for every kind of
colour-blindness (after Okabe and Ito, 2008); lines differ in their dashes too. Importing this module sets
matplotlib's style for the session, so that a reader's own figures match.
"""

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

from byhand import _check, _ticks

BLUE, RED, GREEN, PURPLE, GREY = "#2a7fc1", "#d55e00", "#0a9372", "#b35c9c", "#808080"
COLOURS = [BLUE, RED, GREEN, PURPLE, GREY]
DASHES = ["-", "--", "-.", ":", (0, (6, 2, 1, 2, 1, 2))]
MARKERS = ["o", "^", "s", "D", "v"]
STYLE = {
    "axes.grid": True, "grid.color": GREY, "grid.alpha": 0.3, "grid.linewidth": 0.6,
    "axes.spines.top": False, "axes.spines.right": False,
    "axes.prop_cycle": mpl.cycler(color=COLOURS) + mpl.cycler(linestyle=DASHES),
    "figure.figsize": (5.0, 3.1), "figure.constrained_layout.use": True,
    "path.simplify": False, "figure.facecolor": "none", "axes.facecolor": "none", "savefig.facecolor": "none",
    "font.size": 10, "legend.frameon": False, "lines.linewidth": 1.8, "lines.markersize": 4,
}
plt.rcParams.update(STYLE)


def axes(rows=1, columns=1, **kwargs):
    """A new figure: its one `ax`, or the array of them."""
    return plt.subplots(_check.count("rows", rows), _check.count("columns", columns), **kwargs)[1]


def curves(lines, x=None, *, xlabel, ylabel, log="", band=None, ax=None):
    """One line for each entry of `lines`, a dict of name → values, against `x` (default: 0, 1, 2, …).

    `log` names the logarithmic axes: "", "x", "y" or "xy". `band` is a dict of name → half-width of a shaded
    band, such as a standard error. The legend names every line; one of a single point is a dot.
    """
    lines, band = _named("lines", lines), {} if band is None else _named("band", band)
    if not isinstance(log, str) or not set(log) <= set("xy"):
        raise ValueError(f'log must be "", "x", "y" or "xy", got {log!r}')
    for name, width in band.items():
        if name not in lines:
            raise ValueError(f"band must name lines among {list(lines)}, got {name!r}")
        _check.number(f"band of {name}", width, 0)
        if np.shape(width) not in ((), lines[name].shape):
            _check.same_shape(f"band of {name}", np.asarray(width), name, lines[name])
    places = [_places(x, name, values, log) for name, values in lines.items()]
    ax = _ready(ax)
    for i, (at, (name, values)) in enumerate(zip(places, lines.items(), strict=True)):
        colour, dash = COLOURS[i % len(COLOURS)], DASHES[(i + i // len(COLOURS)) % len(DASHES)]
        ax.plot(at, values, label=name, color=colour, linestyle=dash, marker="o" if len(values) == 1 else "")
        if name in band:
            low, high = values - band[name], values + band[name]
            ax.fill_between(at, low, high, color=colour, alpha=0.25, linewidth=0)
    ax.set_xscale("log" if "x" in log else "linear")
    ax.set_yscale("log" if "y" in log else "linear")
    for axis in (getattr(ax, f"{name}axis") for name in log):
        axis.set_major_formatter(_ticks.Powers())
        axis.set_minor_formatter(_ticks.Powers())
        axis.set_minor_locator(_ticks.Between(subs="auto"))
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend()
    return ax


def landscape(f, xlim, ylim, *, levels=12, points=60, ax=None):
    """Contours of `f`, a function of points (…, 2), a constant factor apart; the axes are its two parameters."""
    _check.function("f", f)
    _check.count("levels", levels)
    sides = [np.linspace(*_limits(name, limits), _check.count("points", points, 2))
             for name, limits in (("xlim", xlim), ("ylim", ylim))]
    grid = np.stack(np.meshgrid(*sides), axis=-1)
    height = _check.finite("f(points)", f(grid))
    if height.shape != grid.shape[:-1]:
        raise ValueError(f"f must turn points {grid.shape} into values {grid.shape[:-1]}, got {height.shape}")
    top, low = height.max(), height.min()
    if top == low:
        raise ValueError(f"f must not be constant where it is drawn, got {low} everywhere")
    rises = np.geomspace(1e-3, 1, levels) * (top - low)
    ax = _ready(ax)
    ax.contour(*sides, height, levels=low + rises, colors=GREY, linewidths=0.7, alpha=0.8)
    ax.set(xlim=xlim, ylim=ylim, xlabel="x₁", ylabel="x₂")
    ax.grid(False)
    return ax


def path(points, *, name=None, colour=BLUE, dash="-", dots=True, ends=True, ax=None):
    """The iterates `points` (T, 2) joined in order, with `dots` at all, and `ends`: a ring first and a disc last."""
    points = _check.array("points", points, ndim=2).astype(float)
    if points.shape[1] != 2:
        raise ValueError(f"points must have shape (T, 2), got {points.shape}")
    ax = _ready(ax)
    ax.plot(*points.T, color=colour, linestyle=dash, linewidth=1.4, label=name)
    if dots:                            # lines of no length with round ends: a fifth of the bytes of as many markers
        ax.plot(*_apart(points).T, color=colour, linestyle="-", linewidth=4.5, solid_capstyle="round")
    if ends:
        ax.plot(*points[0], "o", color=colour, markerfacecolor="none", markersize=9)
        ax.plot(*points[-1], "o", color=colour, markersize=7)
    return ax


def histogram(samples, bins=30, *, xlabel, ylabel="share of the values", ax=None):
    """Which share of its values lies in each bin, for each entry of `samples`, a dict of name → values.

    `bins` is how many there are, of equal width over all samples, or their edges; beyond those nothing is drawn.
    """
    samples = _named("lines", samples)
    if np.ndim(bins) == 0:
        bins = np.histogram_bin_edges(np.concatenate(list(samples.values())), _check.count("bins", bins))
    elif len(_check.finite("bins", bins, ndim=1)) < 2 or not (np.diff(bins) > 0).all():
        raise ValueError(f"bins must be edges that rise, got {bins!r:.60}")
    ax = _ready(ax)
    for i, (name, values) in enumerate(samples.items()):
        share, colour = np.histogram(values, bins)[0] / len(values), COLOURS[i % len(COLOURS)]
        ax.stairs(share, bins, fill=True, color=colour, alpha=0.2)
        ax.stairs(share, bins, color=colour, linestyle=DASHES[i % len(DASHES)], linewidth=1.4, label=name)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend()
    return ax


def scatter(groups, *, xlabel, ylabel, size=5, ax=None):
    """Points (n, 2) for each entry of `groups`, a dict of name → points; each group has a mark of its own.

    `size` is how wide a mark is, in points, or a dict of name → widths (n,), drawn to the nearest whole one.
    """
    if not isinstance(groups, dict) or not groups:
        raise TypeError(f"groups must be a dict of name → points, got {groups!r:.60}")
    marks = {}
    for name, points in groups.items():
        points = _check.array(name, points, ndim=2)
        if points.shape[1] != 2:
            raise ValueError(f"{name} must have shape (n, 2), got {points.shape}")
        width = _check.number(f"size of {name}", np.asarray(size[name] if isinstance(size, dict) else size), 0)
        marks[name] = points, np.broadcast_to(np.rint(width) if isinstance(size, dict) else width, len(points))
    ax = _ready(ax)
    for i, (name, (points, width)) in enumerate(marks.items()):
        look = {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)], "linestyle": "none"}
        for one in np.unique(width):                    # marks of one width share one drawing
            ax.plot(*points[width == one].T, markersize=one, alpha=0.8, markeredgewidth=0, **look)
        ax.plot([], [], markersize=6, label=name, **look)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend()
    return ax


def regions(predict, xlim, ylim, *, points=100, ax=None):
    """Where in the plane `predict`, a function of points (n, 2), answers 0, 1, …: in the colours of `scatter`."""
    _check.function("predict", predict)
    sides = [np.linspace(*_limits(name, limits), 2 * _check.count("points", points, 2) + 1)[1::2]
             for name, limits in (("xlim", xlim), ("ylim", ylim))]
    label = _check.array("predict(points)", predict(np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)), ndim=1)
    if len(label) != points**2 or label.dtype.kind not in "iub" or label.min() < 0:
        raise ValueError(f"predict must turn ({points**2}, 2) into that many of 0, 1, …, got {label!r:.60}")
    ax = _ready(ax)
    colours = mpl.colors.ListedColormap([COLOURS[i % len(COLOURS)] for i in range(label.max() + 1)])
    ax.imshow(label.reshape(points, points), cmap=colours, vmin=-0.5, vmax=label.max() + 0.5, alpha=0.25, aspect="auto",
              interpolation="nearest", origin="lower", extent=(*xlim, *ylim), zorder=0)
    ax.grid(False)
    return ax


def images(batch, titles=None, *, columns=8, top=None):
    """A grid of grey-scale images (N, H, W), `top` and above in black, 0 in white; returns the array of axes.

    `top` is by default the highest value of all. `titles` are N texts or numbers.
    """
    batch = _check.finite("batch", batch, ndim=3)
    top = batch.max() if top is None else _check.scalar("top", top, 0, open_low=True)
    rows = -(-len(batch) // _check.count("columns", columns))
    if titles is not None:
        _check.same_length("titles", titles, "batch", batch)
    size = (5.0, 5.0 / columns * rows * (1.25 if titles is not None else 1))
    grid = axes(rows, columns, figsize=size, squeeze=False)
    for i, ax in enumerate(grid.flat):
        ax.axis("off")
        if i < len(batch):
            ax.imshow(batch[i], cmap="gray_r", vmin=0, vmax=top if top > 0 else 1, interpolation="nearest")
            if titles is not None:
                ax.set_title(titles[i], fontsize=9)
    return grid


def mosaic(batch, titles=None, *, columns=8, top=None, ax=None):
    """`images` in one `ax`, so that a figure of many frames is drawn in a fifth of the time.

    The images (N, H, W) stand in rows of `columns`, each below its title, `top` and above in black.
    """
    batch = _check.finite("batch", batch, ndim=3)
    top = batch.max() if top is None else _check.scalar("top", top, 0, open_low=True)
    (n, height, width), columns = batch.shape, _check.count("columns", columns)
    if titles is not None:
        _check.same_length("titles", titles, "batch", batch)
    gap = 1 + width // 8
    above = gap + (0 if titles is None else round(columns * (width + gap) / 30))            # room for a line of text
    whole = np.full((-(-n // columns) * (height + above), columns * (width + gap) - gap), np.nan)
    ax = axes(figsize=(5.0, 5.0 * whole.shape[0] / whole.shape[1])) if ax is None else _ready(ax)
    for i, image in enumerate(batch):
        y, x = i // columns * (height + above) + above, i % columns * (width + gap)
        whole[y : y + height, x : x + width] = image
        if titles is not None:
            ax.annotate(titles[i], (x + (width - 1) / 2, y - 0.5), (0, 3), textcoords="offset points",
                        ha="center", fontsize=9)
    ax.imshow(whole, cmap="gray_r", vmin=0, vmax=top if top > 0 else 1, interpolation="nearest")
    ax.axis("off")
    return ax


def cells(values, texts=None, *, rows=None, columns=None, top=None, title="", ax=None):
    """A matrix as squares: blue where positive, red where negative, the stronger the nearer to ±`top`.

    `top` is by default the largest size of all. `texts` (H, W) stand in the squares, `rows` and `columns`
    beside them; without these the axes have no ticks.
    """
    values = _check.finite("values", values, ndim=2).astype(float)
    top = abs(values).max() or 1 if top is None else _check.scalar("top", top, 0, open_low=True)
    height, width = values.shape
    for name, given, wanted in (("texts", texts, (height, width)), ("rows", rows, (height,)),
                                ("columns", columns, (width,))):
        if given is not None and np.shape(given) != wanted:
            raise ValueError(f"{name} must have shape {wanted} to fit values, got {np.shape(given)}")
    ax = _ready(ax)
    signs = np.array([mpl.colors.to_rgb(RED), (0, 0, 0), mpl.colors.to_rgb(BLUE)])
    strength = np.minimum(abs(values) / top, 1)[..., None] * 0.8       # below 1: a text shows on it, in both themes
    ax.imshow(np.concatenate([signs[np.sign(values).astype(int) + 1], strength], -1), interpolation="nearest")
    for given, axis in ((rows, ax.yaxis), (columns, ax.xaxis)):
        axis.set_ticks([] if given is None else range(len(given)), given)
    ax.tick_params(length=0)
    ax.set_xticks(np.arange(width + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(height + 1) - 0.5, minor=True)
    ax.grid(False)
    ax.grid(which="minor", color=GREY, alpha=0.5, linewidth=0.6)
    ax.tick_params(which="minor", length=0)
    ax.spines[:].set_visible(False)
    for i, j in np.ndindex(height, width):
        if texts is not None and str(texts[i][j]):
            ax.text(j, i, str(texts[i][j]), ha="center", va="center", fontsize=9)
    ax.set_title(title)
    return ax


def links(above, below, pairs, *, strong=(), title="", ax=None):
    """Two rows of knots, named by the lists `above` and `below`, and the links between them.

    `pairs` is a dict (i, j) → text: a link from `above[i]` to `below[j]`. Those in `strong` are heavy and show
    their text, and so are the knots at their ends.
    """
    for name, knots in (("above", above), ("below", below)):
        if not isinstance(knots, (list, tuple)) or not knots:
            raise TypeError(f"{name} must be a list of names, got {knots!r:.60}")
    if not set(strong) <= set(pairs):
        raise ValueError(f"strong must name links among {list(pairs)}, got {list(strong)}")
    if wrong := [(i, j) for i, j in pairs if not (0 <= i < len(above) and 0 <= j < len(below))]:
        raise ValueError(f"pairs must join {len(above)} knots to {len(below)}, got {wrong[0]}")
    ax = _ready(ax)
    places = [np.arange(len(knots)) - (len(knots) - 1) / 2 for knots in (above, below)]
    for (i, j), text in pairs.items():
        at, heavy = (places[0][i], places[1][j]), (i, j) in strong
        ax.plot(at, (1, 0), color=BLUE if heavy else GREY, linestyle="-", linewidth=2.4 if heavy else 0.8)
        if heavy:                               # its text stands near the end where the heavy links are apart
            up = 0.3 if sum(one == i for one, _ in strong) > 1 else 0.65
            ax.annotate(text, (up * at[0] + (1 - up) * at[1], up), (5, 0), textcoords="offset points", color=BLUE)
    for row, (knots, height) in enumerate(((above, 1), (below, 0))):
        for i, name in enumerate(knots):
            heavy = any(pair[row] == i for pair in strong)
            ax.text(places[row][i], height + (0.13 if height else -0.13), str(name), ha="center",
                    va="bottom" if height else "top", weight="bold" if heavy else "normal")
            ax.plot(places[row][i], height, "o", markersize=11, color=BLUE if heavy else GREY)
    ax.set(ylim=(-0.5, 1.5), title=title)
    ax.margins(x=0.12)
    ax.axis("off")
    return ax


def _named(what, lines):
    """A dict of name → array of numbers, as it should be."""
    if not isinstance(lines, dict) or not all(isinstance(name, str) for name in lines):
        raise TypeError(f"{what} must be a dict of name → values, got {lines!r:.60}")
    if what == "lines" and not lines:
        raise ValueError(f"{what} must not be empty, got {lines}")
    for name in lines:
        if not name or name.startswith("_"):
            raise ValueError(f"{what} must have names that a legend shows, not empty or with _ first, got {name!r}")
    return {name: _check.array(name, values, ndim=1 if what == "lines" else (0, 1)) for name, values in lines.items()}


def _places(x, name, values, log):
    """Where along x the values stand; refuses what has no logarithm at all where one is taken."""
    at = np.arange(len(values)) if x is None else _check.array("x", x, ndim=1)
    _check.same_length("x", at, name, values)
    for axis, what, numbers in (("x", "x", at), ("y", name, values)):
        if axis in log and not numbers.max() > 0:
            raise ValueError(f"{what} must hold a positive number for a log axis, got at most {numbers.max()}")
    return at


def _limits(name, limits):
    low, high = pair = _check.number(name, np.ravel(limits)) if np.size(limits) == 2 else (0, 0)
    if not low < high:
        raise ValueError(f"{name} must be two numbers, low < high, got {limits!r:.60}")
    return pair


def _ready(ax):
    if ax is not None and not isinstance(ax, mpl.axes.Axes):
        raise TypeError(f"ax must be an Axes, got {ax!r:.60}")
    return axes() if ax is None else ax


def _apart(points):
    """Each point twice, then a gap."""
    return np.stack([points, points, np.full_like(points, np.nan)], axis=1).reshape(-1, 2)
