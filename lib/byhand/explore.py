"""Figures that move: on a static page with no kernel, and in a live notebook, from the same call.

`explore` draws every combination of the slider's values beforehand and writes them as one inline SVG. What
all frames share stands in it once; the rest is switched on and off by native sliders and the few lines of
`explore.js`. A live kernel shows ipywidgets instead, whose sliders also stop between the frames. Their names
are random, so the environment variable BYHAND_STATIC leaves them out where notebooks are stored.
"""

import hashlib
import html
import io
import itertools
import json
import math
import os
import re
import warnings
from dataclasses import dataclass
from importlib import resources
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

from byhand import _check

MOST_FRAMES = 400
SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
FINER = 4           # stops of a live slider for each step between frames
# What a notebook's or a reader's own settings would change from one machine to the next.
FIXED = {"svg.fonttype": "none", "svg.hashsalt": "byhand", "svg.image_inline": True, "font.family": "sans-serif",
         "savefig.dpi": 144, "savefig.bbox": None}


def explore(draw, /, *, alt, labels=None, play=None, **values):
    """A figure with one slider, or two, for the parameters of `draw`.

        explore(lambda lr: plots.curves(…), lr=np.geomspace(0.01, 1, 20), alt="Loss with η = {lr}: …")

    draw    a function of the one or two parameters named in `values`; it draws and returns an Axes or a Figure.
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
    """A figure that stands still, in the same form: `ax` is an Axes, an array of them, or a Figure; `alt` says what it shows."""
    if not isinstance(alt, str):
        raise TypeError(f"alt must be a text, got {alt!r:.60}")
    _figure("ax must be", ax)
    return Explorable(lambda: ax, lambda: alt, {}, None, {})


@dataclass(eq=False, repr=False)
class Explorable:
    """What `explore` and `picture` return. Rich front ends show the figure; elsewhere it reads as its `alt`."""

    draw: object
    alt: object
    labels: dict
    play: str | None
    values: dict

    def __post_init__(self):
        self.texts = {name: _texts(options) for name, options in self.values.items()}
        combinations = [dict(zip(self.values, at, strict=True)) for at in itertools.product(*self.values.values())]
        texts = [dict(zip(self.values, at, strict=True)) for at in itertools.product(*self.texts.values())]
        self.alts = list(map(self._alt, combinations, texts))
        self.frames = [_svg(self.draw, at) for at in combinations]
        if len(sizes := {frame.get("viewBox"): None for frame in self.frames}) > 1:
            raise ValueError(f"draw must return figures of one size, got {' and '.join(sizes)}")

    def __repr__(self):
        sliders = ", ".join(f"{self.labels[name]} ({len(options)})" for name, options in self.values.items())
        return f"Figure{f' with sliders: {sliders}' if sliders else ''}. {self.alts[0]}"

    def _alt(self, at, texts):
        try:
            text = self.alt(**at) if callable(self.alt) else self.alt.format(**texts)
        except (LookupError, ValueError, AttributeError) as error:
            if callable(self.alt):
                raise
            raise ValueError(f"alt may name {list(texts)} in braces, nothing else, got {self.alt!r}") from error
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"alt must be a text that says what is shown, got {text!r} for {texts}")
        return text

    def html(self):
        """The figure as it stands on a static page: one SVG, its sliders, and the script that joins them."""
        rows = []
        for name, options in self.values.items():
            label, texts = html.escape(self.labels[name]), self.texts[name]
            first = html.escape(texts[0])
            rows.append(f'<label><span>{label}</span> <input type="range" min="0" max="{len(options) - 1}" value="0" '
                        f'aria-valuetext="{first}" data-texts="{html.escape(json.dumps(texts))}"> '
                        f"<output>{first}</output></label>")
            if name == self.play:
                rows.append('<button type="button">Play</button>')
        merged = _merge(self.frames)
        svg = _serialize(merged, self.alts[0])
        style = f"<style>{_resource('explore.css')}</style>"
        if not rows:
            return f'<div class="explore">{style}{svg}</div>'
        first = ", ".join(f"{self.labels[name]} {texts[0]}" for name, texts in self.texts.items())
        return (f'<div class="explore">{style}{svg}<div class="controls" hidden>{"".join(rows)}</div>'
                f"<noscript><p>Without JavaScript the sliders do not move; shown: {html.escape(first)}.</p></noscript>"
                f'<script type="application/json">{_json(self.alts)}</script>'
                f"<script>{_resource('explore.js')}</script></div>")

    def widget(self):
        """The same figure for a live kernel: ipywidgets sliders with stops between the frames, drawn when reached."""
        import ipywidgets as widgets

        picture = widgets.HTML(_serialize(self.frames[0], self.alts[0]))
        stops = {name: _finer(options) for name, options in self.values.items()}
        sliders = {name: widgets.SelectionSlider(
            options=list(zip(_texts(options), options, strict=True)), description=self.labels[name],
            style={"description_width": "initial"}) for name, options in stops.items()}

        def redraw(_):
            at = {name: slider.value for name, slider in sliders.items()}
            alt = self._alt(at, {name: slider.label for name, slider in sliders.items()})
            picture.value = _serialize(_svg(self.draw, at), alt)

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
            bundle |= self.widget()._repr_mimebundle_()
            bundle["text/plain"] = repr(self)
        return bundle


def _values(name, options):
    """The options as a list of Python's own numbers and texts; refuses what has no order or no words."""
    if isinstance(options, (set, frozenset, dict)):
        raise TypeError(f"{name} must be a list of values in order, got {options!r:.60}")
    options = [options] if isinstance(options, str) or not np.iterable(options) else options
    options = list(itertools.islice(options, MOST_FRAMES + 1))
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
    return next(digits for digits in range(3, 18) if len({f"{value:.{digits}g}" for value in numbers}) == len(numbers))


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
    parts = list(np.ravel(drawn)) if isinstance(drawn, (np.ndarray, list, tuple)) else [drawn]
    figures = {part.get_figure(root=True) if isinstance(part, (mpl.figure.FigureBase, mpl.axes.Axes)) else None
               for part in parts}
    if len(figures) != 1 or None in figures:
        raise TypeError(f"{what} an Axes or a Figure, got {drawn!r:.60}")
    return figures.pop()


def _svg(draw, at):
    """One frame as an SVG element without what changes from run to run, black being the page's own text colour."""
    opened, file = plt.get_fignums(), io.StringIO()
    try:
        figure = _figure("draw must return", draw(**at))
        with mpl.rc_context(FIXED), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing")           # it is the page that has the font
            figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    except Exception as error:
        if at:
            error.add_note(f"This came while drawing the figure at {at}.")
        raise
    finally:
        for number in set(plt.get_fignums()) - set(opened):
            plt.close(number)
    plt.close(figure)
    return _tidy(ElementTree.fromstring(file.getvalue()))


def _tidy(root):
    """Drops metadata and the style rule that would leak into the page, rounds coordinates, and names each definition by
    what it holds, so that one name means one thing in all frames; nothing else keeps a name."""
    definitions, names = ElementTree.Element("defs"), {}
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{SVG}metadata", f"{SVG}style"):
                parent.remove(child)
            elif child.tag == f"{SVG}defs" or child.tag == f"{SVG}filter":
                parent.remove(child)
                definitions.extend([child] if child.tag == f"{SVG}filter" else child)
    for element in [*root.iter(), *definitions.iter()]:
        _clean(element)
    for item in definitions:
        name = item.attrib.pop("id", None)
        names[name] = "d" + hashlib.sha256(ElementTree.tostring(item)).hexdigest()[:8]
        item.set("id", names[name])
    for element in root.iter():
        element.attrib.pop("id", None)
        for key, value in element.items():
            if "#" in value:
                element.set(key, re.sub(r"#([\w-]+)", lambda name: f"#{names.get(name[1], name[1])}", value))
    root.insert(0, definitions)
    return root


def _clean(element):
    element.tag = element.tag.removeprefix(SVG)
    element.tail = None
    element.text = element.text if element.text and element.text.strip() else None
    if LINK in element.attrib:
        element.set("href", element.attrib.pop(LINK))
    for name, digits in (("d", 1), ("x", 1), ("y", 1), ("transform", 2), ("points", 1)):
        if "matrix" not in element.get(name, "matrix"):             # which may shrink a large image a hundredfold
            element.set(name, _rounded(element.get(name), digits))
    if "transform" in element.attrib:
        turned = re.sub(r" ?rotate\(-?0( [^)]*)?\)", "", element.attrib.pop("transform"))
        element.attrib |= {"transform": turned} if turned else {}
    for name in ("style", "fill", "stroke"):
        if name in element.attrib:
            element.set(name, _styled(element.get(name)))
    marks = [child.get("style", "") for child in element]
    same = "style" not in element.attrib and marks and len(set(marks)) == 1 and all(
        child.tag == f"{SVG}use" for child in element)
    if same and not re.search(r"(?<!-)opacity", marks[0]):          # an opacity of the row is not that of each mark
        element.set("style", _styled(marks[0]))                     # said once for a whole row of marks
        for mark in element:
            mark.attrib.pop("style", None)


def _styled(style):
    """Black as the page's text colour; the font's name out of every text, since the whole picture has it."""
    style = re.sub(r"(; )?font-family: [^;]*(sans-serif|'DejaVu Sans')(?=;|$)", "", style)
    return re.sub(r"(?<=\dpx )[^;]*", "sans-serif", style).replace("#000000", "currentColor")


def _rounded(text, digits):
    def short(match):
        number = f"{float(match[0]):.{digits}f}".rstrip("0").rstrip(".")
        return "0" if number in ("-0", "") else number
    return " ".join(re.sub(r"-?\d+\.\d+(?:e-?\d+)?", short, text).split())


def _merge(frames):
    """One SVG for all frames: an element they share stands once, one that differs in a group that names its frames."""
    definitions = {item.get("id"): item for frame in frames for item in frame[0]}
    root = ElementTree.Element(frames[0].tag, frames[0].attrib)
    ElementTree.SubElement(root, "defs").extend(definitions[name] for name in sorted(definitions))
    root.extend(_merged([list(frame)[1:] for frame in frames]))
    return root


def _merged(rows):
    """The children of one element in every frame, `rows[frame]`, as one list of children."""
    if len({len(row) for row in rows}) > 1:
        return _variants(rows)
    children = []
    for column in zip(*rows, strict=True):
        head = column[0]
        if len({ElementTree.tostring(element) for element in column}) == 1:
            children.append(head)
        elif head.tag == "g" and len({(element.tag, *sorted(element.attrib.items())) for element in column}) == 1:
            same = ElementTree.Element(head.tag, head.attrib)
            same.extend(_merged([list(element) for element in column]))
            children.append(same)
        else:
            children += _variants([[element] for element in column])
    return children


def _variants(rows):
    groups = {}
    for frame, row in enumerate(rows):
        groups.setdefault(b"".join(map(ElementTree.tostring, row)), (row, []))[1].append(frame)
    children = []
    for row, frames in groups.values():
        group = ElementTree.Element("g", {"data-frames": " ".join(map(str, frames))})
        if frames[0] != 0:
            group.set("display", "none")
        group.extend(row)
        children.append(group)
    return children


def _serialize(root, alt):
    """The SVG as text for an HTML page. Its names get a prefix of their own, since one page holds many figures."""
    text = "".join(ElementTree.tostring(child, encoding="unicode") for child in root).replace(" />", "/>")
    mark = hashlib.sha256(text.encode()).hexdigest()[:6]
    names = {item.get("id"): f"f{mark}-{i}" for i, item in enumerate(root[0])}

    def renamed(tag):
        return re.sub(r'(id="|#)(d\w{8})\b', lambda name: name[1] + names.get(name[2], name[2]), tag[0])

    text = re.sub(r"<[^>]+>", renamed, text)
    return (f'<svg viewBox="{root.get("viewBox")}" role="img" aria-label="{html.escape(alt)}" fill="currentColor" '
            f'font-family="sans-serif" stroke-linejoin="round">{text}</svg>')
