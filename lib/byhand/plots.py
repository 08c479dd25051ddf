"""What the lessons draw. Each function takes an `ax`, or makes one, and returns it.

The colours keep their contrast on a white and on a dark page and differ for every kind of
colour-blindness (after Okabe and Ito, 2008); lines differ in their dashes too. Importing this module sets
matplotlib's style for the session, so that a reader's own figures match.
"""

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

from byhand import _check

BLUE, RED, GREEN, PURPLE, GREY = "#2a7fc1", "#d55e00", "#0a9372", "#b35c9c", "#808080"
COLOURS = [BLUE, RED, GREEN, PURPLE, GREY]
DASHES = ["-", "--", "-.", ":", (0, (6, 2, 1, 2, 1, 2))]
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
    return plt.subplots(rows, columns, **kwargs)[1]


def curves(lines, x=None, *, xlabel, ylabel, log="", band=None, ax=None):
    """One line for each entry of `lines`, a dict of name → values, against `x` (default: 0, 1, 2, …).

    `log` names the logarithmic axes: "", "x", "y" or "xy". `band` is a dict of name → half-width of a shaded
    band, such as a standard error. The legend names every line.
    """
    ax = axes() if ax is None else ax
    for i, (name, values) in enumerate(lines.items()):
        values = _check.array(name, values, ndim=1)
        at = np.arange(len(values)) if x is None else _check.array("x", x, ndim=1)
        _check.same_length("x", at, name, values)
        colour = COLOURS[i % len(COLOURS)]
        ax.plot(at, values, label=name, color=colour, linestyle=DASHES[i % len(DASHES)])
        if band and name in band:
            ax.fill_between(at, values - band[name], values + band[name], color=colour, alpha=0.25, linewidth=0)
    ax.set_xscale("log" if "x" in log else "linear")
    ax.set_yscale("log" if "y" in log else "linear")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend()
    return ax


def landscape(f, xlim, ylim, *, levels=12, points=60, ax=None):
    """Contours of `f`, a function of points of shape (…, 2), a constant factor apart; the axes are its two parameters."""
    ax = axes() if ax is None else ax
    _check.function("f", f)
    grid = np.stack(np.meshgrid(np.linspace(*xlim, points), np.linspace(*ylim, points)), axis=-1)
    height = f(grid)
    top, low = height.max(), height.min()
    rises = np.geomspace(1e-3, 1, levels) * (top - low)
    ax.contour(grid[..., 0], grid[..., 1], height, levels=low + rises, colors=GREY, linewidths=0.7, alpha=0.8)
    ax.set(xlim=xlim, ylim=ylim, xlabel="x₁", ylabel="x₂")
    ax.grid(False)
    return ax


def path(points, *, name=None, colour=BLUE, dash="-", dots=True, ax=None):
    """The iterates `points` (T, 2) joined in order: a ring at the start, a disc at the last, a dot at each where wanted."""
    points = _check.array("points", points, ndim=2)
    ax = axes() if ax is None else ax
    ax.plot(*points.T, color=colour, linestyle=dash, linewidth=1.4, label=name)
    if dots:                            # lines of no length with round ends: a fifth of the bytes of as many markers
        ax.plot(*_apart(points).T, color=colour, linestyle="-", linewidth=4.5, solid_capstyle="round")
    ax.plot(*points[0], "o", color=colour, markerfacecolor="none", markersize=9)
    ax.plot(*points[-1], "o", color=colour, markersize=7)
    return ax


def _apart(points):
    """Each point twice, then a gap."""
    return np.stack([points, points, np.full_like(points, np.nan)], axis=1).reshape(-1, 2)


def images(batch, titles=None, *, columns=8, top=None):
    """A grid of grey-scale images, `batch` of shape (N, H, W), dark where the value is high; returns the array of axes."""
    batch = _check.array("batch", batch, ndim=3)
    rows = -(-len(batch) // columns)
    grid = axes(rows, columns, figsize=(5.0, 5.0 / columns * rows * (1.25 if titles is not None else 1)), squeeze=False)
    for i, ax in enumerate(grid.flat):
        ax.axis("off")
        if i < len(batch):
            ax.imshow(batch[i], cmap="gray_r", vmin=0, vmax=top or batch.max(), interpolation="nearest")
            if titles is not None:
                ax.set_title(titles[i], fontsize=9)
    return grid
