"""Figures that move: on a static page with no kernel, and in a live notebook, from the same call.

`explore` draws every combination of the slider's values beforehand and writes them as one inline SVG. What
all frames share stands in it once; the rest is switched on and off by native sliders and the few lines of
`explore.js`. A live kernel shows ipywidgets instead, whose sliders also stop between the frames. Their names
are random, so the environment variable BYHAND_STATIC leaves them out where notebooks are stored.
"""

import html
import itertools
import json
import math
import os
from dataclasses import dataclass
from importlib import resources

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

from byhand import _check, _svg

MOST_FRAMES = 400
FINER = 4           # stops of a live slider for each step between frames


def explore(draw, /, *, alt, labels=None, play=None, **values):
    """A figure with one slider, or two, for the parameters of `draw`.

        explore(lambda lr: plots.curves(…), lr=np.geomspace(0.01, 1, 20), alt="Loss with η = {lr}: …")

    draw    a function of the one or two parameters named in `values`; it returns an Axes or a Figure.
    alt     what the figure shows for the current values: a text with the parameters in braces, or a
            function of them that returns one. A screen reader reads it in the picture's place.
    labels  a dict of parameter → the words beside its slider, where its name alone would not do.
    play    the parameter that is time: it gets a play button.
    values  for each parameter the values to draw, in order; the first are shown at first.

    Raises TypeError or ValueError where `draw` or `alt` is not as said, for an empty list or a NaN among the
    values, and for more than 400 frames. An error in `draw` says at which values it came.
    """
    _check.function("draw", draw)
    if not callable(alt) and not isinstance(alt, str):
        raise TypeError(f"alt must be a text or a function that returns one, got {alt!r:.60}")
    if not 1 <= len(values) <= 2:
        raise ValueError(f"explore takes one or two parameters, got {len(values)}: {list(values)}")
    values = {name: _values(name, options) for name, options in values.items()}
    frames = math.prod(len(options) for options in values.values())
    if frames > MOST_FRAMES:
        raise ValueError(f"explore draws at most {MOST_FRAMES} frames, got {frames}")
    labels = {} if labels is None else labels
    if not isinstance(labels, dict) or not all(isinstance(label, str) and label for label in labels.values()):
        raise TypeError(f"labels must be a dict of parameter → text, got {labels!r:.60}")
    for name in [play] * (play is not None) + list(labels):
        if name not in list(values):
            raise ValueError(f"{name!r} is not among the parameters {list(values)}")
    return Explorable(draw, alt, {name: labels.get(name, name) for name in values}, play, values)


def picture(ax, alt):
    """A figure that stands still, in the same form. `ax` is an Axes, an array of them, or a Figure.

    `alt`, a text, says what it shows.
    """
    if not isinstance(alt, str):
        raise TypeError(f"alt must be a text, got {alt!r:.60}")
    _figure("ax must be", ax)
    return Explorable(lambda: ax, lambda: alt, {}, None, {})


@dataclass(eq=False, repr=False)
class Explorable:
    """What `explore` and `picture` return. Rich front ends show the figure; elsewhere it reads as `alt`."""

    draw: object
    alt: object
    labels: dict
    play: str | None
    values: dict

    def __post_init__(self):
        self.texts = {name: _texts(options) for name, options in self.values.items()}
        self.alts = list(map(self._alt, _combinations(self.values), _combinations(self.texts)))
        self.frames = [_frame(self.draw, at) for at in _combinations(self.values)]
        if len(sizes := {frame.get("viewBox"): None for frame in self.frames}) > 1:
            raise ValueError(f"draw must return figures of one size, got {' and '.join(sizes)}")

    def __repr__(self):
        sliders = ", ".join(f"{self.labels[name]} ({len(options)})" for name, options in self.values.items())
        return f"Figure{f' with sliders: {sliders}' if sliders else ''}. {self.alts[0]}"

    def _alt(self, at, texts):
        try:
            text = self.alt if callable(self.alt) else self.alt.format(**texts)
        except (LookupError, ValueError, AttributeError) as error:
            raise ValueError(f"alt may name only {list(texts)} in braces, got {self.alt!r}") from error
        text = text(**at) if callable(text) else text
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"alt must be a text that says what is shown, got {text!r} for {texts}")
        return text

    def html(self):
        """The figure as it stands on a static page: one SVG, its sliders, and the script that joins them."""
        rows = []
        for name, texts in self.texts.items():
            label, first = html.escape(self.labels[name]), html.escape(texts[0])
            rows.append(f'<label><span>{label}</span> <input type="range" min="0" max="{len(texts) - 1}" '
                        f'value="0" aria-valuetext="{first}" data-texts="{html.escape(json.dumps(texts))}"> '
                        f"<output>{first}</output></label>")
            if name == self.play:
                rows.append('<button type="button">Play</button>')
        svg = _svg.serialize(_svg.merge(self.frames), self.alts[0])
        style = f"<style>{_resource('explore.css')}</style>"
        if not rows:
            return f'<div class="explore">{style}{svg}</div>'
        first = ", ".join(f"{self.labels[name]} {texts[0]}" for name, texts in self.texts.items())
        return (f'<div class="explore">{style}{svg}<div class="controls" hidden>{"".join(rows)}</div>'
                f"<noscript><p>Without JavaScript the sliders do not move; shown: {html.escape(first)}.</p>"
                f'</noscript><script type="application/json">{_json(self.alts)}</script>'
                f"<script>{_resource('explore.js')}</script></div>")

    def widget(self):
        """The same figure for a live kernel: sliders with stops between the frames, drawn when reached."""
        import ipywidgets as widgets

        picture = widgets.HTML(_svg.serialize(self.frames[0], self.alts[0]), layout={"max_width": "38rem"})
        stops = {name: _finer(options) for name, options in self.values.items()}
        sliders = {name: widgets.SelectionSlider(
            options=list(zip(_texts(options), options, strict=True)), description=self.labels[name],
            style={"description_width": "initial"}, layout={"width": "26rem", "max_width": "100%"})
            for name, options in stops.items()}

        def redraw(_):
            at = {name: slider.value for name, slider in sliders.items()}
            alt = self._alt(at, {name: slider.label for name, slider in sliders.items()})
            picture.value = _svg.serialize(_frame(self.draw, at), alt)

        rows = [picture, *sliders.values()]
        for slider in sliders.values():
            slider.observe(redraw, "value")
        if self.play:
            play = widgets.Play(max=len(sliders[self.play].options) - 1, interval=150)
            widgets.jslink((play, "value"), (sliders[self.play], "index"))
            rows.append(play)
        return widgets.VBox(rows)

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"text/plain": repr(self), "text/html": self.html()}
        if self.values and not os.environ.get("BYHAND_STATIC"):
            bundle["application/vnd.jupyter.widget-view+json"] = {           # ipywidgets 7 has no mimebundle of its own
                "version_major": 2, "version_minor": 0, "model_id": self.widget().model_id}
        return bundle


def _combinations(lists):
    return [dict(zip(lists, at, strict=True)) for at in itertools.product(*lists.values())]


def _values(name, options):
    """The options as a list of Python's own numbers and texts; refuses what has no order or no words."""
    if isinstance(options, (set, frozenset, dict)):
        raise TypeError(f"{name} must be a list of values in order, got {options!r:.60}")
    options = [options] if isinstance(options, str) or not np.iterable(options) else options
    options = list(options if hasattr(options, "__len__") else itertools.islice(options, MOST_FRAMES + 1))
    if not options:
        raise ValueError(f"{name} must have at least one value, got {options}")
    for i, value in enumerate(options):
        if isinstance(value, np.generic):
            options[i] = value = value.item()
        if not isinstance(value, (int, float, str)):
            raise TypeError(f"{name} must hold numbers or texts, got {value!r:.60} at index {i}")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{name} must hold finite values, got {value} at index {i}")
    return options


def _finer(options):
    """The frames' values and those between them, where they are numbers; whole numbers stay whole."""
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in options):
        return options
    whole = all(isinstance(value, int) for value in options)
    digits = _digits(options) + 1
    stops = options[:1]
    for left, right in itertools.pairwise(options):
        between = (left + (right - left) * k / FINER for k in range(1, FINER))
        stops += [*(round(stop) if whole else float(f"{stop:.{digits}g}") for stop in between), right]
    return list(dict.fromkeys(stops))


def _texts(options):
    digits = _digits(options)
    return [_text(value, digits) for value in options]


def _digits(options):
    """How many significant digits tell the values apart: three, or more where three do not."""
    numbers = {value for value in options if isinstance(value, float)}
    return next(digits for digits in range(3, 18)
                if len({f"{value:.{digits}g}" for value in numbers}) == len(numbers))


def _text(value, digits):
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        text = f"{value + 0.0:.{digits}g}"                      # + 0.0 takes the sign from −0
        value = f"{float(text):.0f}" if "e+" in text and abs(value) < 1e6 else text
    return str(value).replace("-", "−")


def _json(thing):
    return json.dumps(thing, ensure_ascii=False).replace("<", "\\u003c")


def _resource(name):
    return resources.files("byhand").joinpath(name).read_text(encoding="utf-8").strip()


def _figure(what, drawn):
    """The one figure that `drawn` belongs to."""
    many = isinstance(drawn, (np.ndarray, list, tuple))
    parts = np.ravel(np.asarray(drawn, dtype=object)).tolist() if many else [drawn]
    figures = {part.get_figure(root=True) if isinstance(part, mpl.artist.Artist) else None for part in parts}
    if len(figures) != 1 or None in figures:
        raise TypeError(f"{what} an Axes or a Figure, got {drawn!r:.60}")
    return figures.pop()


def _frame(draw, at):
    """What `draw` draws, as an SVG element; no figure of pyplot's is left open."""
    opened = plt.get_fignums()
    try:
        figure = _figure("draw must return", draw(**at))
        frame = _svg.element(figure)
        plt.close(figure)
        return frame
    except Exception as error:
        if at:
            error.add_note(f"This came while drawing the figure at {at}.")
        raise
    finally:
        for number in set(plt.get_fignums()) - set(opened):
            plt.close(number)
