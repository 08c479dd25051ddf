"""A first version of a chapter's source notebook, from the exercises that its lessons have.

Goals, points and minutes are still to be thought of, and so is what a statement says of a lesson's formulas.
"""

import ast
import re

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from homework import source

TITLE = """\
# Homework: {name}

Each answer has a check that runs at once and says what it found.

- Write each answer in its own cell, with all that it needs beside what the first cell imports.
- When it is graded, the checks run again on other inputs, in a place where the book's library is not: only what the
  first cell imports.
- Leave the arrays that you are given as they are, and return new ones."""
PAGE = """\
Here on the page the solutions are folded. To work on them, take
{{download}}`the notebook without them <student/{chapter}.ipynb>`. It runs wherever this book's lessons do."""
METADATA = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"}}


def draft(chapter, lessons):
    """The notebook; `lessons` are paths, in order."""
    imports, extra, cells, colab = {}, set(), [], None
    for lesson in lessons:
        notebook, section = source.read(lesson), None
        code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
        colab = next(cell for cell in notebook.cells if source.installs(cell))
        module = re.search(r"from byhand\.exercises import .*?(\w+) as tasks", code)
        for cell in notebook.cells:
            if cell.cell_type == "markdown" and "\n### " in f"\n{cell.source}":
                section = re.split(r"^### \d+\. ", cell.source, flags=re.M)[-1]
            check = re.search(r"^check\((\w+), tasks\.(\w+)\)\s*$", cell.source, re.M)
            if module and section and check and cell.source.startswith("# Solution"):
                imports.setdefault(module[1], []).append(check[2])
                extra |= _needed(code, cell.source)
                cells += _task(len(cells) // 3 + 1, section, cell.source[: check.start()], *check.groups())
    lines = ["import numpy as np", "from byhand.exercises import check"]
    lines += sorted(extra)
    lines += [f"from byhand.exercises.{module} import {', '.join(sorted(names))}" for module, names in imports.items()]
    page = new_markdown_cell(PAGE.format(chapter=chapter), id="page", metadata={"tags": ["page"]})
    head = [new_markdown_cell(TITLE.format(name=chapter.replace("-", " ")), id="title"), page,
            new_code_cell(colab.source, id="colab", metadata=colab.metadata),
            new_code_cell("\n".join(lines), id="setup")]
    return source.mark(new_notebook(cells=head + cells, metadata=METADATA))


def _needed(lesson, solution):
    """The lesson's imports that the solution makes use of."""
    used = {node.id for node in ast.walk(ast.parse(solution)) if isinstance(node, ast.Name)} - {"np", "check", "tasks"}
    return {ast.unparse(ast.ImportFrom(node.module, [name], 0) if isinstance(node, ast.ImportFrom) else
                        ast.Import([name]))
            for node in ast.walk(ast.parse(lesson)) if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in node.names if (name.asname or name.name) in used}


def _task(number, section, solution, function, exercise):
    """The three cells of a task. What the solution holds besides the function follows it, where it works as well."""
    title, _, statement = section.partition("\n")
    node = next(node for node in ast.parse(solution).body if getattr(node, "name", "") == function)
    lines = solution.splitlines()
    doc = ast.get_docstring(node) is not None
    start, body = node.lineno - 1, node.body[doc].lineno - 1
    others = [line for line in lines[:start] + lines[node.end_lineno :] if line.strip() and not line.startswith("# ")]
    parts = [*lines[start:body], "    ### BEGIN SOLUTION", *lines[body : node.end_lineno], *others,
             "    ### END SOLUTION"]
    text = f"## {number}. {title} (2 points, 10 minutes)\n\n*Goal: … .*\n{statement.rstrip()}"
    return (new_markdown_cell(text, id=f"task-{number}"), new_code_cell("\n".join(parts), id=f"answer-{number}"),
            new_code_cell(f"check({function}, {exercise})", id=f"check-{number}"))
