"""The source notebook of a chapter's homework, which is also its key: what it must look like, and what it asks.

A task is a markdown cell with its statement, whose heading ends in "(2 points, 10 minutes)", then a code cell with
the solution between `### BEGIN SOLUTION` and `### END SOLUTION`, then a code cell `check(function, EXERCISE)`. A
free answer is a statement and a markdown cell that begins with `<details>`, the model answer. `mark` turns that into
nbgrader's metadata; nobody types it.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

HERE = Path(__file__).parent
HEADING = re.compile(r"^## (\d+)\. (.*) \((\d+) points?, (\d+) minutes\)$", re.M)
GOAL = re.compile(r"^\*Goal: (.*)\*$", re.M)


class SourceError(Exception):
    """A source notebook that is not what it must be."""


@dataclass(frozen=True, eq=False)
class Task:
    """One task: its check is the cell `id`, its answer the cell `answer`; a free answer has no `exercise`."""

    id: str
    answer: str
    title: str
    goal: str
    points: int
    minutes: int
    function: str | None = None
    exercise: object = None


def chapters():
    """The chapters that have homework, by name."""
    return {path.stem: path for path in sorted(HERE.glob("*.ipynb"))}


def read(path):
    return nbformat.read(path, as_version=4)


def setup(notebook):
    """What the notebook's first code cell of content gives: it is ours, so it is run here."""
    given = {}
    exec(next(cell for cell in notebook.cells if cell.cell_type == "code" and not installs(cell)).source, given)
    given.pop("__builtins__")
    return given


def installs(cell):
    """Whether this is the cell that gets the book's library on Colab."""
    return "remove-cell" in cell.metadata.get("tags", [])


def called(source):
    """The function's and the exercise's name in `check(function, EXERCISE)`, or None if that is not all there is."""
    try:
        call = ast.parse(source.strip(), mode="eval").body
    except SyntaxError:
        return None
    plain = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "check"
    if plain and len(call.args) == 2 and not call.keywords and isinstance(call.args[0], ast.Name):
        return call.args[0].id, ast.unparse(call.args[1])
    return None


def defined(source):
    """The names of the functions that the source defines, also where it does not compile."""
    return re.findall(r"^(?:async )?def (\w+)", source, re.M)


def tasks(notebook):
    """Every task of a source notebook, in order; SourceError where it breaks the form."""
    return [task for _, role, task in roles(notebook) if role in ("check", "free")]


def roles(notebook):
    """Yields (cell, role, task) of the cells that nbgrader must know: colab, setup, answer, check, free."""
    given, heading, answer, first = setup(notebook), None, None, True
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (match := HEADING.search(cell.source)):
            heading, goal = match, GOAL.search(cell.source)
            if not goal:
                raise SourceError(f"the statement {match[0]!r} needs a line *Goal: …*")
        code = cell.cell_type == "code"
        if code and installs(cell):
            yield cell, "colab", None
        elif code and first:
            first = False
            yield cell, "setup", None
        elif "### BEGIN SOLUTION" in cell.source or cell.source.startswith("<details>\n<summary>Model answer"):
            if heading is None or answer:
                raise SourceError(f"{cell.source[:60]!r} needs a statement of its own, whose heading ends in "
                                  "(… points, … minutes), and an answer needs its check before the next")
            about = heading[2], goal[1], int(heading[3]), int(heading[4])
            if code:
                answer = defined(cell.source)
                yield cell, "answer", Task(f"{answer[-1]}-check", answer[-1], *about)
            else:
                yield cell, "free", Task(f"answer-{heading[1]}", f"answer-{heading[1]}", *about)
                heading = None
        elif code and answer:
            function, exercise = called(cell.source) or (None, None)
            if function != answer[-1]:
                raise SourceError(f"after the answer must come check({answer[-1]}, EXERCISE), got {cell.source!r:.60}")
            yield cell, "check", Task(f"{function}-check", function, *about, function, eval(exercise, dict(given)))
            heading = answer = None
    if answer:
        raise SourceError(f"no check follows the answer {answer[-1]}")


def mark(notebook):
    """Writes nbgrader's metadata, and what folds the solutions on the page, into a source notebook."""
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
    for cell, role, task in list(roles(notebook)):
        id = role if task is None else task.answer if role == "answer" else task.id
        cell.id = id.replace("_", "-")
        graded, solution = role in ("check", "free"), role in ("answer", "free")
        cell.metadata.nbgrader = {"grade_id": id, "locked": not solution, "grade": graded, "task": False,
                                  "solution": solution, "schema_version": 3}
        if graded:
            cell.metadata.nbgrader["points"] = task.points
        if role == "answer":
            cell.metadata.tags = ["hide-cell"]
            cell.metadata.mystnb = {"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
    return notebook
