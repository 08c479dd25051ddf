"""A matplotlib figure as SVG that can stand in a page, and many such figures as one.

What comes out is the same at every run. It has no names but those of its definitions, no style rules that
would leak into the page, and the page's text colour in place of black.
"""

import hashlib
import html
import io
import re
import warnings
from xml.etree import ElementTree

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
# What a notebook's or a reader's own settings would change from one machine to the next.
FIXED = {"svg.fonttype": "none", "svg.hashsalt": "byhand", "svg.image_inline": True,
         "font.family": "sans-serif", "savefig.dpi": 144, "savefig.bbox": None,
         "figure.constrained_layout.use": False, "figure.autolayout": False}


def element(figure):
    """The figure as an SVG element whose first child holds the definitions."""
    file, canvas, dpi, engine = io.StringIO(), figure.canvas, figure.dpi, figure.get_layout_engine()
    with mpl.rc_context(FIXED), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")               # it is the page that has the font
        try:
            if figure.axes and engine:      # laid out here, since savefig would draw the whole figure once for that
                FigureCanvasSVG(figure)
                figure.dpi = 72
                engine.execute(figure)
                figure.set_layout_engine(None)
            figure.savefig(file, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
        finally:
            figure.set_canvas(canvas)
            figure.dpi = dpi
            figure.set_layout_engine(engine)
    return _tidy(ElementTree.fromstring(file.getvalue()))


def merge(frames):
    """One SVG for all frames: what they share stands once, what differs in groups that name their frames."""
    definitions = {item.get("id"): item for frame in frames for item in frame[0]}
    root = ElementTree.Element(frames[0].tag, frames[0].attrib)
    ElementTree.SubElement(root, "defs").extend(definitions[name] for name in sorted(definitions))
    root.extend(_merged([list(frame)[1:] for frame in frames]))
    return root


def serialize(root, alt):
    """The SVG as text for an HTML page. Its names get a prefix: one page holds many figures."""
    text = "".join(ElementTree.tostring(child, encoding="unicode") for child in root).replace(" />", "/>")
    mark = hashlib.sha256(text.encode()).hexdigest()[:6]
    names = {item.get("id"): f"f{mark}-{i}" for i, item in enumerate(root[0])}

    def renamed(tag):
        return re.sub(r'(id="|#)(d\w{8})\b', lambda name: name[1] + names.get(name[2], name[2]), tag[0])

    text = re.sub(r"<[^>]+>", renamed, text)
    return (f'<svg viewBox="{root.get("viewBox")}" role="img" aria-label="{html.escape(alt)}" '
            f'fill="currentColor" font-family="sans-serif" stroke-linejoin="round">{text}</svg>')


def _tidy(root):
    """Drops metadata and the style rule that would leak into the page, rounds coordinates, and names each
    definition by what it holds, so that one name means one thing in all frames; nothing else keeps a name."""
    definitions, names = ElementTree.Element("defs"), {}
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{SVG}metadata":
                parent.remove(child)
            elif child.tag in (f"{SVG}defs", f"{SVG}filter"):
                parent.remove(child)
                definitions.extend(child.findall("*") if child.tag == f"{SVG}defs" else [child])
    for rule in definitions.findall(f"{SVG}style"):
        definitions.remove(rule)
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
        if "matrix" not in element.get(name, "matrix"):             # which may shrink an image a hundredfold
            element.set(name, _rounded(element.get(name), digits))
    if "transform" in element.attrib:
        turned = re.sub(r" ?rotate\(-?0( [^)]*)?\)", "", element.attrib.pop("transform"))
        element.attrib |= {"transform": turned} if turned else {}
    for name in ("style", "fill", "stroke"):
        if name in element.attrib:
            element.set(name, _styled(element.get(name)))
    looks = {(child.tag, child.get("style")) for child in element}
    tag, look = looks.pop() if len(looks) == 1 else (None, None)
    if tag == f"{SVG}use" and look and "style" not in element.attrib:
        element.set("style", _styled(look))                         # said once for a whole row of marks
        for mark in element:
            mark.attrib.pop("style")


def _styled(style):
    """Black as the page's text colour; the font's name out of every text, since the whole picture has it."""
    style = re.sub(r"(; )?font-family: [^;]*(sans-serif|'DejaVu Sans')(?=;|$)", "", style)
    return re.sub(r"(?<=\dpx )[^;]*", "sans-serif", style).replace("#000000", "currentColor")


def _rounded(text, digits):
    def short(match):
        number = f"{float(match[0]):.{digits}f}".rstrip("0").rstrip(".")
        return "0" if number in ("-0", "") else number
    return " ".join(re.sub(r"-?\d+\.\d+(?:e-?\d+)?", short, text).split())


def _merged(rows):
    """The children of one element in every frame, `rows[frame]`, as one list of children."""
    if len({len(row) for row in rows}) > 1:
        return _variants(rows)
    children = []
    for column in zip(*rows, strict=True):
        head = column[0]
        if len({ElementTree.tostring(element) for element in column}) == 1:
            children.append(head)
        elif head.tag == "g" and all((one.tag, one.attrib) == (head.tag, head.attrib) for one in column):
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
        if not row:
            continue
        group = ElementTree.Element("g", {"data-frames": " ".join(map(str, frames))})
        if frames[0] != 0:
            group.set("display", "none")
        group.extend(row)
        children.append(group)
    return children
