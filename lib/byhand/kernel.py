"""An image under a 3 × 3 kernel whose nine numbers the reader sets: on a static page, and in a live notebook.

The page computes the convolution itself, in the few lines of `kernel.js`; a live kernel shows ipywidgets and
computes it with `conv`. As everywhere in the book the kernel is not flipped. A border of zeros around the image
makes the result as large as the image.
"""

import html
import os
from dataclasses import dataclass

import numpy as np

from byhand import _check
from byhand.conv import conv
from byhand.explore import _json, _resource
from byhand.plots import BLUE, RED

MOST = 99           # no number of the kernel is larger, on either side of 0
OWN = "your own"    # what a kernel that is not in the list is called


def explore_kernel(images, kernels):
    """A figure with a list of images, a list of kernels to start from, and nine numbers to change.

    images   a dict of name → image (H, W) with numbers from 0 up, all of one shape; the first is shown at first.
    kernels  a dict of name → 3 × 3 numbers between −99 and 99; the first is set at first.
    """
    return KernelFigure(_arrays("images", images), _arrays("kernels", kernels))


@dataclass(eq=False, repr=False)
class KernelFigure:
    """What `explore_kernel` returns. Rich front ends show the figure; elsewhere it reads as its words."""

    images: dict
    kernels: dict

    def __post_init__(self):
        if len(shapes := {image.shape for image in self.images.values()}) > 1:
            raise ValueError(f"images must all have one shape, got {' and '.join(map(str, sorted(shapes)))}")
        for name, image in self.images.items():
            _check.number(f"images[{name!r}]", image, 0)
        for name, kernel in self.kernels.items():
            if kernel.shape != (3, 3):
                raise ValueError(f"kernels must be 3 × 3, got {kernel.shape} for {name!r}")
            _check.number(f"kernels[{name!r}]", kernel, -MOST, MOST)

    def words(self, name, kernel):
        """What the figure shows for an image and a kernel."""
        y = _filtered(self.images[name], kernel)
        rows = "; ".join(" ".join(map(_text, row)) for row in kernel)
        return f"{name}, and what the kernel {rows} makes of it: numbers from {_text(y.min())} to {_text(y.max())}."

    def svg(self, name, kernel):
        """The image and the result side by side: more ink is more opaque; blue is positive and red negative."""
        image = self.images[name]
        y, (height, width) = _filtered(image, kernel), image.shape
        top, most = max(map(np.max, self.images.values())) or 1, abs(y).max() or 1
        cells = [(j, i, "currentColor", image[i, j] / top) for i, j in np.ndindex(image.shape)]
        cells += [(j + width + 1, i, RED if y[i, j] < 0 else BLUE, abs(y[i, j]) / most)
                  for i, j in np.ndindex(image.shape)]
        rects = "".join(f'<rect x="{10 * x}" y="{10 * y}" width="10" height="10" fill="{fill}" '
                        f'fill-opacity="{opacity:.3g}"/>' for x, y, fill, opacity in cells)
        frames = "".join(f'<rect x="{x}" y="0" width="{10 * width}" height="{10 * height}" fill="none" '
                         'stroke="#808080" stroke-width="0.5"/>' for x in (0, 10 * width + 10))
        return (f'<svg viewBox="-1 -1 {20 * width + 12} {10 * height + 2}" role="img" '
                f'aria-label="{html.escape(self.words(name, kernel))}">{rects}{frames}</svg>')

    def html(self):
        """The figure as it stands on a static page."""
        (name, *_), ((chosen, kernel), *_) = self.images, self.kernels.items()
        numbers = "".join(f'<input type="number" step="any" min="-{MOST}" max="{MOST}" value="{kernel[i, j]:g}" '
                          f'aria-label="row {i + 1}, column {j + 1}">' for i, j in np.ndindex(3, 3))
        data = {"images": {key: image.tolist() for key, image in self.images.items()},
                "kernels": {key: one.ravel().tolist() for key, one in self.kernels.items()},
                "colours": [BLUE, RED], "most": MOST}
        return (f'<div class="kernel"><style>{_resource("kernel.css")}</style>{self.svg(name, kernel)}'
                f'<p aria-live="polite">{html.escape(self.words(name, kernel))}</p><div class="controls" hidden>'
                f'{_list("image", self.images)}{_list("kernel", [*self.kernels, OWN])}'
                f"<fieldset><legend>the nine numbers</legend>{numbers}</fieldset></div>"
                "<noscript><p>Without JavaScript the numbers cannot be changed; shown: "
                f'{html.escape(chosen)}.</p></noscript><script type="application/json">{_json(data)}</script>'
                f'<script>{_resource("kernel.js")}</script></div>')

    def widget(self):
        """The same figure for a live kernel."""
        import ipywidgets as widgets

        image = widgets.Dropdown(options=list(self.images), description="image")
        choice = widgets.Dropdown(options=[*self.kernels, OWN], description="kernel")
        numbers = [widgets.BoundedFloatText(value, min=-MOST, max=MOST, step=0.5, layout={"width": "5rem"})
                   for value in self.kernels[choice.value].ravel()]
        picture = widgets.HTML(layout={"max_width": "30rem"})

        def redraw(_=None):
            kernel = np.reshape([one.value for one in numbers], (3, 3))
            same = [name for name, given in self.kernels.items() if np.array_equal(given, kernel)]
            choice.value = same[0] if same else OWN
            words = html.escape(self.words(image.value, kernel))
            picture.value = f"{self.svg(image.value, kernel)}<p>{words}</p>"

        def choose(change):
            for one, value in zip(numbers, self.kernels.get(change.new, np.empty(0)).ravel(), strict=False):
                one.unobserve(redraw, "value")
                one.value = value
                one.observe(redraw, "value")
            redraw()

        for thing, react in [(image, redraw), (choice, choose), *((one, redraw) for one in numbers)]:
            thing.observe(react, "value")
        redraw()
        rows = [widgets.HBox(numbers[i:i + 3]) for i in (0, 3, 6)]
        return widgets.VBox([picture, image, choice, *rows])

    def __repr__(self):
        (name, *_), (kernel, *_) = self.images, self.kernels.values()
        return f"Figure with nine numbers to set. {self.words(name, kernel)}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"text/plain": repr(self), "text/html": self.html()}
        if not os.environ.get("BYHAND_STATIC"):
            bundle["application/vnd.jupyter.widget-view+json"] = {
                "version_major": 2, "version_minor": 0, "model_id": self.widget().model_id}
        return bundle


def _list(label, options):
    options = "".join(f"<option>{html.escape(option)}</option>" for option in options)
    return f"<label><span>{label}</span> <select>{options}</select></label>"


def _filtered(image, kernel):
    return conv(image[None, None], np.asarray(kernel, float)[None, None], padding=1)[0, 0]


def _text(number):
    """Two decimals at most, as `kernel.js` writes them."""
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def _arrays(what, given):
    if not isinstance(given, dict) or not given or not all(isinstance(name, str) and name for name in given):
        raise TypeError(f"{what} must be a dict of name → array, got {given!r:.60}")
    return {name: _check.finite(f"{what}[{name!r}]", array, ndim=2).astype(float) for name, array in given.items()}
