"""From what a student handed in to a notebook of the form that was handed out.

Every cell of ours is taken from our own copy; of the student's only the answers are taken over, and the cells that
the student added. So it does not matter what became of ours: edited, deleted, copied, renamed, without metadata.
"""

import copy
import html
import json
import os
import re
from dataclasses import dataclass, field

import nbformat
from nbformat.v4 import new_code_cell

from homework.source import defined

MOST = {"bytes": 50_000_000, "cells": 1_000, "characters in a cell": 100_000}
GONE = "# This cell was not in what was handed in."


class Unreadable(Exception):
    """What was handed in cannot be graded by a program; the message says why."""


@dataclass
class Rebuilt:
    """The rebuilt notebook, what had to be mended (`notes`), and the answers that were not found (`missing`)."""

    notebook: nbformat.NotebookNode
    notes: list = field(default_factory=list)
    missing: list = field(default_factory=list)


def read(path):
    """The cells of a notebook that somebody else wrote, as (type, source, id, grade_id)."""
    if path.is_symlink() or not path.is_file():
        raise Unreadable(f"{path.name} is not a plain file")
    _few(path, "bytes", os.path.getsize(path))
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if not text.strip():
            raise Unreadable(f"{path.name} is empty")
        content = json.loads(text)
        sheets = content.get("worksheets")                   # the format before 2015
        cells = [cell for sheet in sheets for cell in sheet["cells"]] if sheets else content["cells"]
        _few(path, "cells", len(cells))
        cells = [_cell(cell) for cell in cells]
        _few(path, "characters in a cell", max((len(cell[1]) for cell in cells), default=0))
        return cells
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{path.name} is not a notebook: {str(error)[:100]}") from None
    except (KeyError, TypeError, AttributeError):
        raise Unreadable(f"{path.name} is not a notebook: it has no list of cells") from None


def _few(path, what, number):
    if number > MOST[what]:
        raise Unreadable(f"{path.name} has {number:,} {what}; the most is {MOST[what]:,}")


def _cell(cell):
    source = cell.get("source", cell.get("input", ""))
    source = source if isinstance(source, str) else "".join(map(str, source))
    source = source.encode("utf-8", "replace").decode()      # half a character cannot be written again
    metadata = cell.get("metadata")
    ours = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = ours.get("grade_id") if isinstance(ours, dict) else None
    return str(cell.get("cell_type")), source, cell.get("id"), grade_id


def rebuild(theirs, release):
    """`release`, the notebook that was handed out, with the answers and the added cells of `theirs`."""
    cells = [_cell(cell) for cell in release.cells]
    places = {n: [] for n in range(len(cells) + 1)}          # what the student has at, or before, each of our cells
    found, last = {}, 0
    for kind, source, id, grade_id in theirs:
        place = _place(kind, source, id, grade_id, cells, last)
        if place is None:
            if kind == "code" and source.strip():
                places[last + 1 if last in found else last].append(source)
        else:
            last = place
            found.setdefault(place, []).append(source)
    return _assemble(release, cells, places, found)


def _place(kind, source, id, grade_id, cells, last):
    """Which of our cells this is: by its function and name, its name for nbgrader, its id, its text, its neighbour."""
    same = [n for n, cell in enumerate(cells) if cell[0] == kind]
    names = set(defined(source)) if kind == "code" else set()
    answers = [n for n in same if names & set(defined(cells[n][1]))]
    named = [n for n in same if (grade_id and grade_id == cells[n][3]) or (id and id == cells[n][2])]
    text = [n for n in same if source.strip() == cells[n][1].strip()]
    for n in [*(n for n in answers if n in named), *answers[-1:], *named, *text]:
        return n
    after = last + 1
    if kind == "markdown" and after in same and cells[after][3] and source.strip():
        return after                                         # a free answer right after its statement
    return None


def _assemble(release, cells, places, found):
    out = Rebuilt(copy.deepcopy(release))
    notebook, out.notebook.cells = out.notebook, []
    for n, cell in enumerate(release.cells):
        notebook.cells += [new_code_cell(source, id=f"added-{n}-{i}") for i, source in enumerate(places[n])]
        cell = copy.deepcopy(cell)
        ours = cell.metadata.get("nbgrader", {})
        if ours:
            texts = found.get(n, [])
            if ours["solution"]:
                answers = [text for text in texts if text.strip() != cell.source.strip()]
                text = "\n\n".join(dict.fromkeys(answers))
                cell.source = (words(text) if cell.cell_type == "markdown" and text else text) or cell.source
                if not texts:
                    cell.source = GONE if cell.cell_type == "code" else cell.source
                    out.missing.append(ours["grade_id"])
            elif not texts:
                out.notes.append(f"{ours['grade_id']} was missing and was put back")
            elif any(text.strip() != cell.source.strip() for text in texts):
                out.notes.append(f"{ours['grade_id']} was edited and was put back")
            if len(texts) > 1:
                out.notes.append(f"{ours['grade_id']} was there {len(texts)} times")
        notebook.cells.append(cell)
        if ours.get("grade_id") == "setup":                  # what else the student imports there
            known = cell.source.splitlines()
            lines = [line for text in found.get(n, []) for line in text.splitlines() if line not in known]
            notebook.cells += [new_code_cell("\n".join(lines), id="added-setup")] if any(lines) else []
    notebook.cells += [new_code_cell(source, id=f"added-end-{i}") for i, source in enumerate(places[len(cells)])]
    return out


def words(text):
    """What a student wrote in words, to be shown as it stands: no script of it runs in the browser of who reads it."""
    return f"<div>{'<br>'.join(html.escape(text).splitlines())}</div>"


def clean(text):
    """One line without control characters, for tables that other programs open."""
    text = re.sub(r"\s+", " ", re.sub(r"[\x00-\x1f\x7f]", " ", str(text))).strip()[:2000]
    return "'" + text if re.match("[=+@-]", text) else text      # no formula for a spreadsheet
