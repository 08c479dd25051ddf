import functools
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from byhand import _svg, plots
from byhand.explore import explore, picture
from matplotlib import pyplot as plt

HOSTILE = 'a "quote", <b> & </script> </text> id="d0123abcd" 12.5px #000000 ns0: {x} \'single\''
SMALL = {"figsize": (2.4, 1.6), "layout": "none"}


def lines(a):
    ax = plots.axes(**SMALL)
    ax.plot([0, 1, 2], [0, a, 4], color="k")
    ax.plot([0, 1, np.nan, 3, 4], [1, 2, 3, 2, a])
    ax.set(xlabel="the same in all", title=f"value {a}", ylim=(0, 5))
    return ax


def logarithmic(a):
    ax = plots.axes(**SMALL)
    ax.semilogy([0, 1], [1, 10.0**a])
    ax.set_title(rf"$\eta = \frac{{{a}}}{{2}}$")
    return ax


def marks(a):
    ax = plots.axes(**SMALL)
    ax.scatter([0, 0.1, 1, 2], [0, a, 1, 2], s=300, c="k", alpha=0.4)
    ax.scatter(range(20), [a] * 20, s=np.arange(20) * 3, c=np.arange(20), alpha=0.5)
    ax.plot([0, 1], [a, a], "o", alpha=0.5)
    ax.fill_between([0, 1, 2], [0, a, 0], [2, 2, 2], alpha=0.3, hatch="//")
    return ax


def image(a):
    grid = plots.axes(1, 2, **SMALL)
    grid[0].imshow(np.arange(6.0).reshape(2, 3) * a, vmin=0, vmax=9)
    grid[1].imshow(np.full((300, 300), a), vmin=0, vmax=9, interpolation="none")
    return grid


def words(a):
    ax = plots.axes(**SMALL)
    ax.text(0.1, 0.5, HOSTILE)
    ax.text(0.1, 0.1, f"{a}", rotation=30)
    ax.text(0.1, 0.9, "경사하강법")
    return ax.figure


def blank(**_):
    return mpl.figure.Figure(figsize=(1, 1))


DRAWINGS = [lines, logarithmic, marks, image, words]
VALUES = [1.0, 2.0, 3.0]


@functools.cache
def built(draw, *values):
    return explore(draw, alt="{a}", a=values or VALUES).html()


class Page(HTMLParser):
    """A page as a browser reads it: the elements with their attributes, and the text in each."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs), []))
        self.open.append(self.found[-1])

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs), []))

    def handle_data(self, data):
        if self.open:
            self.open[-1][2].append(data)

    def handle_endtag(self, tag):
        while self.open.pop()[0] != tag:
            pass

    def all(self, tag):
        return [(attributes, "".join(text)) for name, attributes, text in self.found if name == tag]


def svg(text):
    return ElementTree.fromstring(re.search("<svg.*</svg>", text, re.S)[0])


def shown(root, frame):
    """What is seen at a frame: every element in order, a name replaced by what it stands for."""
    names = {item.get("id"): ElementTree.tostring(strip(item)) for item in root[0]}

    def walk(element):
        for child in element:
            if "data-frames" in child.attrib:
                on = frame in map(int, child.get("data-frames").split())
                assert frame != 0 or on == (child.get("display") is None), "at first the first frame is shown"
                yield from walk(child) if on else ()
            elif child.tag != "defs":
                attributes = {key: re.sub(r"#(f\w{6}-\d+)", lambda name: str(names[name[1]]), value)
                              for key, value in child.attrib.items()}
                yield child.tag, attributes, child.text
                yield from walk(child)
                yield "end"
    return list(walk(root))


def strip(item):
    item = ElementTree.fromstring(ElementTree.tostring(item))
    item.attrib.pop("id")
    return item


@pytest.mark.parametrize("draw", DRAWINGS)
def test_each_frame_of_the_merged_figure_is_the_frame_alone(draw):
    merged = svg(built(draw))
    for frame, value in enumerate(VALUES):
        assert shown(merged, frame) == shown(svg(built(draw, value)), 0)


def test_two_parameters_count_as_the_script_counts_them():
    def draw(a, b):
        ax = plots.axes(**SMALL)
        ax.set_title(f"{a} and {b}")
        return ax

    figure = explore(draw, alt="a is {a}, b is {b}", a=[1, 2], b=["x", "y", "z"])
    merged, page = svg(figure.html()), Page(figure.html())
    alts = json.loads(page.all("script")[0][1])
    for i, a in enumerate([1, 2]):
        for j, b in enumerate("xyz"):
            frame = i * 3 + j                   # frame = frame * (max + 1) + value, as in explore.js
            assert f"{a} and {b}" in [part[2] for part in shown(merged, frame) if part != "end"]
            assert alts[frame] == f"a is {a}, b is {b}"


@pytest.mark.parametrize("draw", DRAWINGS)
def test_no_part_stands_twice(draw):
    for group in svg(built(draw)).iter("g"):
        frames = group.get("data-frames")
        assert frames != "0 1 2" and (len(group) or not frames), "a group that is always shown, or empty"
        variants = [b"".join(map(ElementTree.tostring, one)) for one in group if "data-frames" in one.attrib]
        assert len(variants) == len(set(variants))


def test_what_all_frames_share_stands_once():
    groups = [group for group in svg(built(lines)).iter("g") if "data-frames" in group.attrib]
    moving = [element.tag for group in groups for element in group.iter() if element.tag != "g"]
    assert sorted(moving) == ["path"] * 6 + ["text"] * 3, "two lines and the title, in three frames"


@pytest.mark.parametrize("draw", DRAWINGS)
def test_the_svg_can_stand_in_a_page(draw):
    text = re.search("<svg.*</svg>", built(draw), re.S)[0]
    root = ElementTree.fromstring(text)
    tags = {element.tag for element in root.iter()}
    assert not tags & {"style", "metadata", "script", "title"}
    assert "xmlns" not in text.replace(HOSTILE, "") and "xlink" not in text and "dc:date" not in text
    for parent in root.iter():
        for child in parent:
            assert child.tag != "g" or parent.tag in ("svg", "g"), f"a group in {parent.tag} is not drawn"
    values = [value for element in root.iter() for value in element.attrib.values()]
    assert not any("#000000" in value or "DejaVu" in value for value in values)
    assert root.get("role") == "img" and root.get("aria-label") == "1" and root.get("fill") == "currentColor"
    names = [element.get("id") for element in root.iter() if "id" in element.attrib]
    used = {name for value in values for name in re.findall(r"#(f\w{6}-\d+)", value)}
    assert len(names) == len(set(names)) and used <= set(names)


def test_black_is_the_colour_of_the_page():
    root = svg(built(lines))
    black = [path for path in root.iter("path") if "currentColor; stroke-width: 1.8" in path.get("style", "")]
    assert len(black) == 3


def test_each_mark_keeps_its_own_opacity():
    def draw(a):
        ax = plots.axes(**SMALL)
        ax.scatter([0, 0.01], [0, 0], s=900, c="k", alpha=0.4)
        ax.plot([0, 0.01], [0, 0], "o", alpha=0.4)
        return ax

    # A group with an opacity as a whole would not show where its marks overlap; fill and stroke each have theirs.
    root = svg(explore(draw, alt="{a}", a=[1]).html())
    looks = [group.get("style", "") for group in root.iter("g") if len(group.findall("use")) > 1]
    assert len(looks) == 2 and not any(re.search("(?<!-)opacity", look) for look in looks)
    assert all("fill-opacity: 0.4" in look for look in looks)


def test_a_large_image_keeps_its_scale():
    ax = plots.axes(**SMALL)
    ax.imshow(np.zeros((1000, 1000)), interpolation="none")
    root = svg(picture(ax, "A black square.").html())
    (drawn,) = root.iter("image")
    scale = float(re.search(r"matrix\(([\d.]+)", drawn.get("transform"))[1])
    assert drawn.get("href").startswith("data:image/png;base64,")
    assert 60 < scale * float(drawn.get("width")) < 116, "most of the height of the figure, 115 points"
    assert scale != round(scale, 2)


def test_texts_stand_as_they_were_written():
    root = svg(built(words))
    texts = [element.text for element in root.iter("text")]
    assert HOSTILE in texts and "경사하강법" in texts


def test_two_figures_on_one_page_share_no_name():
    first, second = (explore(lines, alt="{a}", a=values).html() for values in ([1, 2], [1, 3]))
    names = [set(re.findall(r' id="([^"]+)"', text)) for text in (first, second)]
    assert names[0] and names[1] and not names[0] & names[1]


def test_frames_are_the_same_in_every_process():
    said = subprocess.run([sys.executable, "-c", "import test_explore as t; t.say()"], check=True,
                          timeout=60, capture_output=True, cwd=Path(__file__).parent,
                          env=os.environ | {"PYTHONHASHSEED": "7", "PYTHONIOENCODING": "utf-8"})
    assert said.stdout.decode() == "".join(map(built, [lines, marks, image]))


def say():
    sys.stdout.write("".join(map(built, [lines, marks, image])))


@pytest.mark.parametrize("draw", DRAWINGS)
def test_frames_are_the_same_whatever_the_readers_settings(draw):
    expected = built(draw, 1.0)
    with mpl.rc_context({"figure.dpi": 200, "savefig.dpi": 50, "savefig.bbox": "tight",
                         "svg.fonttype": "path", "svg.hashsalt": None, "svg.image_inline": False}):
        assert explore(draw, alt="{a}", a=[1.0]).html() == expected


def test_no_figure_is_left_open():
    plt.close("all")
    mine = plt.figure()
    explore(lines, alt="{a}", a=[1, 2]).html()
    assert plt.get_fignums() == [mine.number]
    picture(lines(1), "A line.")
    assert plt.get_fignums() == [mine.number]

    def fails(a):
        lines(a)
        lines(a)
        raise KeyError("oh")

    for draw, error in ((fails, KeyError), (lambda a: lines(a).lines[0].get_xdata(), TypeError)):
        with pytest.raises(error):
            explore(draw, alt="{a}", a=[1, 2])
        assert plt.get_fignums() == [mine.number]
    plt.close(mine)


def test_hostile_texts_are_only_texts():
    figure = explore(lines, alt=lambda a: f"{HOSTILE} {a}", a=[1, 2, 3], labels={"a": HOSTILE}, play="a")
    page = Page(figure.html())
    assert [attributes["aria-label"] for attributes, _ in page.all("svg")] == [f"{HOSTILE} 1"]
    assert [text for _, text in page.all("span")] == [HOSTILE]
    assert len(page.all("script")) == 2 and len(page.all("style")) == 1 and not page.all("b")
    assert json.loads(page.all("script")[0][1]) == [f"{HOSTILE} {a}" for a in (1, 2, 3)]
    assert HOSTILE in page.all("p")[0][1]


def test_hostile_options_are_only_texts():
    page = Page(explore(blank, alt="{a}", a=[HOSTILE, "<!--", "b"]).html())
    ((slider, _),) = page.all("input")
    assert slider["aria-valuetext"] == HOSTILE and json.loads(slider["data-texts"]) == [HOSTILE, "<!--", "b"]
    assert [text for _, text in page.all("output")] == [HOSTILE]
    assert json.loads(page.all("script")[0][1]) == [HOSTILE, "<!--", "b"]


def test_controls():
    figure = explore(blank, alt="η is {lr} at {t}", labels={"lr": "learning rate η"}, play="t",
                     lr=np.array([0.01, -0.5], dtype=np.float64), t=np.arange(3))
    page = Page(figure.html())
    sliders = [attributes for attributes, _ in page.all("input")]
    assert [(s["type"], s["min"], s["max"], s["value"], s["aria-valuetext"]) for s in sliders] == [
        ("range", "0", "1", "0", "0.01"), ("range", "0", "2", "0", "0")]
    assert json.loads(sliders[0]["data-texts"]) == ["0.01", "−0.5"]
    assert [text for _, text in page.all("span")] == ["learning rate η", "t"]
    assert [text for _, text in page.all("output")] == ["0.01", "0"]
    assert [attributes["type"] for attributes, _ in page.all("button")] == ["button"]
    assert "learning rate η 0.01, t 0" in page.all("p")[0][1]
    assert figure.alts == [f"η is {lr} at {t}" for lr in ("0.01", "−0.5") for t in (0, 1, 2)]
    assert repr(figure) == "Figure with sliders: learning rate η (2), t (3). η is 0.01 at 0"
    assert not Page(explore(lines, alt="{a}", a=[1, 2]).html()).all("button")


@pytest.mark.parametrize("values, texts", [
    ([0.1, 1 / 3], ["0.1", "0.333"]),
    ([0.0, -0.0], ["0", "0"]),
    ([1e-5, 1.0, 1000.0, 1100.0, 1e9], ["1e−05", "1", "1000", "1100", "1e+09"]),
    (np.arange(2010.0, 2013), ["2010", "2011", "2012"]),
    ([0.1, 0.1005, 0.101], ["0.1", "0.1005", "0.101"]),
    ([-1, 2], ["−1", "2"]),
    ([True, False], ["True", "False"]),
    (["a-b", "c"], ["a-b", "c"]),
    (np.float32([0.1, 0.2]), ["0.1", "0.2"]),
    (np.array(["ridge", "lasso"]), ["ridge", "lasso"]),
    (range(3), ["0", "1", "2"]),
    ((v / 2 for v in range(3)), ["0", "0.5", "1"]),
    (0.5, ["0.5"]),
    ("alone", ["alone"]),
])
def test_values_are_named_so_that_they_differ(values, texts):
    assert explore(blank, alt="{a}", a=values).alts == texts


def test_draw_receives_pythons_own_numbers():
    seen = []
    explore(lambda a, b: seen.append((a, b)) or blank(), alt="{a}", a=np.float32([0.5]), b=np.arange(2))
    assert seen == [(0.5, 0), (0.5, 1)] and [tuple(map(type, pair)) for pair in seen] == [(float, int)] * 2


def test_a_live_slider_stops_between_the_frames():
    seen = []

    def draw(a):
        seen.append(a)
        return lines(a)

    figure = explore(draw, alt="a is {a}", a=[0.01, 1 / 3, 2.0])
    seen.clear()
    show, slider = figure.widget().children
    assert not seen and "a is 0.01" in show.value
    values = [value for _, value in slider.options]
    assert {0.01, 1 / 3, 2.0} <= set(values) and len(values) == 9 and values == sorted(values)
    assert len({text for text, _ in slider.options}) == 9
    slider.value = values[2]
    assert seen == [values[2]] and 0.01 < seen[0] < 1 / 3
    assert f'aria-label="a is {slider.label}"' in show.value
    slider.value = 1 / 3
    assert shown(svg(show.value), 0) == shown(svg(figure.html()), 1)


@pytest.mark.parametrize("values, stops", [
    ([0, 4, 8], [0, 1, 2, 3, 4, 5, 6, 7, 8]),
    ([0, 1, 3], [0, 1, 2, 3]),
    ([5, 0], [5, 4, 2, 1, 0]),
    ([2], [2]),
    (["a", "b"], ["a", "b"]),
    ([True, False], [True, False]),
    ([0, 0.4], [0, 0.1, 0.2, 0.3, 0.4]),
    ([1.00001, 1.00002], [1.00001, 1.000013, 1.000015, 1.000018, 1.00002]),
])
def test_stops_of_a_live_slider(values, stops):
    slider = explore(blank, alt="{a}", a=values).widget().children[1]
    got = [value for _, value in slider.options]
    assert got == pytest.approx(stops, abs=2e-6) if isinstance(stops[-1], float) else got == stops
    assert set(values) <= set(got)
    if all(type(value) is int for value in values):
        assert {type(value) for value in got} == {int}


def test_a_live_figure_plays():
    from ipywidgets import Play

    figure = explore(blank, alt="{t} {b}", t=[0, 2], b=["x", "y"], play="t", labels={"t": "time"})
    show, *sliders, play = figure.widget().children
    assert isinstance(play, Play) and play.max == 2 and [s.description for s in sliders] == ["time", "b"]
    sliders[1].value = "y"
    sliders[0].value = 1
    assert 'aria-label="1 y"' in show.value


def test_the_bundle_has_both_lives(monkeypatch):
    view = "application/vnd.jupyter.widget-view+json"
    figure = explore(lines, alt="a is {a}", a=[1, 2])
    monkeypatch.delenv("BYHAND_STATIC", raising=False)
    bundle = figure._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", view} and bundle["text/plain"] == repr(figure)
    assert bundle["text/html"] == figure.html() and set(bundle[view]) >= {"model_id", "version_major"}
    assert bundle[view] | {"model_id": ""} == figure.widget()._repr_mimebundle_()[view] | {"model_id": ""}
    monkeypatch.setenv("BYHAND_STATIC", "1")
    assert set(figure._repr_mimebundle_()) == {"text/plain", "text/html"}
    monkeypatch.delenv("BYHAND_STATIC")
    assert set(picture(lines(1), "A line.")._repr_mimebundle_()) == {"text/plain", "text/html"}


@pytest.mark.parametrize("make", [lambda: lines(1), lambda: lines(1).figure, lambda: image(1),
                                  lambda: list(image(1)), lambda: mpl.figure.Figure().add_subplot(),
                                  lambda: plt.figure().subfigures(1, 2)[0].subplots()])
def test_picture_takes_axes_and_figures(make):
    alt = "Set {a, b}, {0} and } <&>"
    still = picture(make(), alt)
    page = Page(still.html())
    assert page.all("svg")[0][0]["aria-label"] == alt and repr(still) == f"Figure. {alt}"
    assert not page.all("input") and not page.all("script")


def test_doubled_braces_in_an_alt_are_braces():
    assert explore(lines, alt="{{a}} is {a}", a=[1]).alts == ["{a} is 1"]


def two_sizes(a):
    return plots.axes(figsize=(2 + a, 2), layout="none")


def raises(a):
    raise KeyError("oh")


@pytest.mark.parametrize("arguments, error, message", [
    ({"draw": 3}, TypeError, "draw must be a function, got 3"),
    ({"alt": None}, TypeError, "alt must be a text or a function that returns one, got None"),
    ({"alt": ""}, ValueError, "alt must be a text that says what is shown, got ''"),
    ({"alt": lambda a: None}, ValueError, "alt must be a text that says what is shown, got None for {'a':"),
    ({"alt": "{b}"}, ValueError, "alt may name only ['a'] in braces, got '{b}'"),
    ({"alt": "{}"}, ValueError, "alt may name only ['a'] in braces, got '{}'"),
    ({"alt": "{a"}, ValueError, "alt may name only ['a'] in braces, got '{a'"),
    ({"alt": "{a.b}"}, ValueError, "alt may name only ['a'] in braces"),
    ({"a": []}, ValueError, "a must have at least one value, got []"),
    ({"a": np.array([])}, ValueError, "a must have at least one value, got []"),
    ({"a": [1.0, np.nan]}, ValueError, "a must hold finite values, got nan at index 1"),
    ({"a": np.array([np.inf])}, ValueError, "a must hold finite values, got inf at index 0"),
    ({"a": [None]}, TypeError, "a must hold numbers or texts, got None at index 0"),
    ({"a": np.ones((2, 2))}, TypeError, "a must hold numbers or texts, got array([1., 1.]) at index 0"),
    ({"a": [1j]}, TypeError, "a must hold numbers or texts, got 1j at index 0"),
    ({"a": {"x", "y"}}, TypeError, "a must be a list of values in order"),
    ({"a": {"x": 1}}, TypeError, "a must be a list of values in order, got {'x': 1}"),
    ({"a": range(401)}, ValueError, "explore draws at most 400 frames, got 401"),
    ({"a": range(1000)}, ValueError, "explore draws at most 400 frames, got 1000"),
    ({"a": iter(int, 1)}, ValueError, "explore draws at most 400 frames"),
    ({"a": range(21), "b": range(20)}, ValueError, "explore draws at most 400 frames, got 420"),
    ({"b": [1], "c": [1]}, ValueError, "explore takes one or two parameters, got 3: ['a', 'b', 'c']"),
    ({"play": "t"}, ValueError, "'t' is not among the parameters ['a']"),
    ({"play": 3}, ValueError, "3 is not among the parameters ['a']"),
    ({"labels": {"t": "time"}}, ValueError, "'t' is not among the parameters ['a']"),
    ({"labels": ["a"]}, TypeError, "labels must be a dict of parameter → text, got ['a']"),
    ({"labels": {"a": 3}}, TypeError, "labels must be a dict of parameter → text, got {'a': 3}"),
    ({"draw": lambda a: None}, TypeError, "draw must return an Axes or a Figure, got None"),
    ({"draw": lambda a: "figure"}, TypeError, "draw must return an Axes or a Figure, got 'figure'"),
    ({"draw": lambda a: []}, TypeError, "draw must return an Axes or a Figure, got []"),
    ({"draw": lambda a: [lines(a), 3]}, TypeError, "draw must return an Axes or a Figure, got [<Axes"),
    ({"draw": lambda a: [lines(a), lines(a)]}, TypeError, "draw must return an Axes or a Figure, got [<"),
    ({"draw": lambda a: plt.Line2D([0], [0])}, TypeError, "draw must return an Axes or a Figure, got <"),
    ({"draw": lambda b: lines(b)}, TypeError, "unexpected keyword argument 'a'"),
    ({"draw": raises}, KeyError, "oh"),
    ({"draw": two_sizes, "a": [0, 1]}, ValueError, "return figures of one size, got 0 0 144 144"),
])
def test_bad_input_to_explore(arguments, error, message):
    arguments = {"draw": lines, "alt": "{a}", "a": [1, 2]} | arguments
    with pytest.raises(error, match=re.escape(message)):
        explore(arguments.pop("draw"), **arguments)


def test_no_values():
    with pytest.raises(ValueError, match=re.escape("explore takes one or two parameters, got 0: []")):
        explore(lines, alt="nothing")


def test_an_error_says_where_it_came():
    with pytest.raises(ZeroDivisionError) as caught:
        explore(lambda a: lines(1 / (a - 2)), alt="{a}", a=[1, 2])
    assert caught.value.__notes__ == ["This came while drawing the figure at {'a': 2}."]


@pytest.mark.parametrize("ax, alt, error, message", [
    (None, "A line.", TypeError, "ax must be an Axes or a Figure, got None"),
    (np.array([]), "A line.", TypeError, "ax must be an Axes or a Figure, got array([]"),
    (np.ones(2), "A line.", TypeError, "ax must be an Axes or a Figure, got array([1., 1.])"),
    (mpl.figure.Figure(), 3, TypeError, "alt must be a text, got 3"),
    (mpl.figure.Figure(), " ", ValueError, "alt must be a text that says what is shown, got ' '"),
])
def test_bad_input_to_picture(ax, alt, error, message):
    with pytest.raises(error, match=re.escape(message)):
        picture(ax, alt)


def test_the_script_shows_each_frame_in_a_browser(browser):
    values, seen = [1.0, 2.0, 3.0], []
    figure = explore(marks, alt=lambda a: f"{HOSTILE} {a}", a=values, labels={"a": HOSTILE})
    alone = [f'<div class="explore">{_svg.serialize(frame, "alone")}</div>' for frame in figure.frames]
    page = browser.new_page()
    page.on("console", lambda message: seen.append(message.text))
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.set_content(f"<meta charset=utf-8><body>{figure.html()}{''.join(alone)}")
    page.add_style_tag(content=".explore{width:300px}")
    live, *still = page.locator("svg").all()
    for i, value in enumerate(values):
        page.locator("input").fill(str(i))
        assert live.get_attribute("aria-label") == f"{HOSTILE} {value}"
        assert page.locator("output").inner_text() == f"{value:g}"
        assert len(live.evaluate(PICTURE)) > 20 and live.evaluate(PICTURE) == still[i].evaluate(PICTURE)
    assert page.locator("span").inner_text().split() == HOSTILE.split() and not seen
    page.close()


# What is drawn where: the boxes of all that is shown and has a size, from the corner of the figure.
PICTURE = """svg => { const home = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("path, use, text, image")].map(e => [e, e.getBoundingClientRect()])
    .filter(([e, box]) => !e.closest("defs") && (box.width || box.height)).map(([e, box]) => [e.tagName,
      ...[box.x - home.x, box.y - home.y, box.width, box.height].map(v => Math.round(16 * v))]); }"""
