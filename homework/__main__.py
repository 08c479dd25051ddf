"""The commands behind `make handout`, `make grade` and `make homework`; what they need is in the environment.

CHAPTER, SUBMISSIONS, GRADED, SEED, DUE, LATE, WORKERS, TIME_LIMIT, DASK and UNSANDBOXED are described in
chapters/for-instructors.md.
"""

import os
import secrets
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import nbformat

from homework import report, sandbox, source
from homework.course import Course, find, utc

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "chapters" / "for-instructors.md"
README = """\
Homework: {chapter}

1. You need Python 3.11 or newer with NumPy and Jupyter: pip install numpy jupyterlab (VS Code will do as well).
   On Google Colab, upload this zip, open the notebook, and run  !unzip -o {chapter}.zip  in a cell of its own first.
2. Open {chapter}.ipynb in this folder; it imports the folder byhand beside it.
3. Write each answer in its own cell, with all that it needs, and run the check below it. It says what is wrong.
4. Hand in {chapter}.ipynb under that name. The checks run again, on other inputs. Do not change the other cells;
   whatever becomes of them, they are put back before grading.
"""


def chapter():
    known, name = source.chapters(), os.environ.get("CHAPTER", "")
    if name not in known:
        sys.exit(f"CHAPTER must be one of {', '.join(known)}; got {name!r}. "
                 f"For example: make handout CHAPTER={next(iter(known))}")
    return name


def folder(name, example):
    value = os.environ.get(name, "")
    if not value or not Path(value).is_dir():
        sys.exit(f"{name} must be a folder, got {value!r}. For example: {example}")
    return Path(value).resolve()


def due():
    """DUE, the time by which work was to be handed in, and LATE, what follows."""
    value, late = os.environ.get("DUE", ""), os.environ.get("LATE", "")
    if late not in ("", "none", "zero"):
        sys.exit(f"LATE must be none or zero, got {late!r}. Other rules: chapters/for-instructors.md.")
    try:
        return value and utc(value)
    except (ValueError, OverflowError):
        sys.exit(f"DUE must be a time such as 2026-03-01 23:59 +0900, got {value!r}.")


def number(name):
    value = os.environ.get(name, "")
    if value and not (value.isdecimal() and int(value) > 0):
        sys.exit(f"{name} must be a whole number above 0, got {value!r}.")
    return int(value) if value else None


def release(name):
    """The student's version, made by nbgrader."""
    with tempfile.TemporaryDirectory() as place:
        course = Course(place, name)
        course.prepare(keep=False)
        return course.release.read_text(encoding="utf-8")


def imported(notebook):
    """The files of this library that the notebook's first cell imports, in a process that has imported no other."""
    code = ("import sys; sys.path.insert(0, '.'); from homework import source; "
            "before = {name for name in sys.modules if name.startswith('byhand')}; assert not before; "
            "source.setup(source.read(sys.argv[1])); "
            "print('\\n'.join(m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'byhand'))")
    run = subprocess.run([sys.executable, "-c", code, str(notebook)], capture_output=True, text=True, cwd=ROOT,
                         check=True)
    return sorted(map(Path, run.stdout.splitlines()))


def handout():
    """Writes the zip: notebook, what it imports, README."""
    name = chapter()
    target = Path(os.environ.get("TO") or ".").resolve() / f"{name}.zip"
    library = ROOT / "lib"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(f"{name}/{name}.ipynb", release(name))
        bundle.writestr(f"{name}/README.txt", README.format(chapter=name))
        for path in imported(source.chapters()[name]):
            bundle.write(path, f"{name}/{path.relative_to(library)}")
        bundle.write(ROOT / "LICENSE", f"{name}/byhand/LICENSE")
    print(f"{target} is ready to be handed out.")


def grade():
    """Grades a folder of submissions; running it again grades only what is new or changed."""
    name, handed_in = chapter(), folder("SUBMISSIONS", "make grade CHAPTER=gradient-methods SUBMISSIONS=handed-in")
    unsandboxed, workers = os.environ.get("UNSANDBOXED", "") == "yes", number("WORKERS")
    if not sandbox.command(unsandboxed):
        print("UNSANDBOXED=yes: a student's code can read and change your files, and read the answers.",
              file=sys.stderr)
    number("TIME_LIMIT")
    deadline, submissions = due(), find(handed_in, name)
    if not submissions:
        sys.exit(f"SUBMISSIONS={handed_in} holds no student.ipynb and no folder of a student.")
    start, course = time.monotonic(), Course(os.environ.get("GRADED") or f"{handed_in}-graded", name)
    course.prepare()
    begun = time.monotonic()
    count = course.judge(submissions, seed(course), workers=workers, address=os.environ.get("DASK"),
                         unsandboxed=unsandboxed, tell=progress)
    if count:
        pace = 60 * count / (time.monotonic() - begun)
        print(f"{count} submissions judged, {pace:.0f} a minute.")
    course.enter(submissions, due=deadline, workers=workers, tell=progress)
    tasks = source.tasks(source.read(course.key))
    rows = list(report.rows(course, submissions, tasks))
    report.tables(course.root, name, tasks, rows)
    report.picture(course.root, name, report.outcomes(course, submissions, tasks))
    human = sum(bool(row.why) for row in rows)
    print(f"{len(rows)} submissions in {time.monotonic() - start:.0f} s, {human} need a human. "
          f"See {course.root / 'grades.csv'}, class.png and feedback/.")


def progress(text):
    print(f"\r\033[K{text}" if sys.stderr.isatty() else text, end="" if sys.stderr.isatty() else "\n", file=sys.stderr,
          flush=True)


def seed(course):
    """The instructor's private seed: SEED, else what was drawn for this folder at the first grading."""
    path = course.path("seed.txt")
    given = os.environ.get("SEED") or (path.read_text().strip() if path.exists() else str(secrets.randbits(64)))
    path.write_text(given + "\n")
    path.chmod(0o600)
    return given


def homework():
    """Brings up to date what is made from the source notebooks: their metadata, the students' versions, the table."""
    for name, path in source.chapters().items():
        notebook = source.read(path)
        nbformat.write(source.mark(notebook), path)
        (path.parent / "student").mkdir(exist_ok=True)
        (path.parent / "student" / path.name).write_text(release(name), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def draft():
    """Writes a first source notebook for CHAPTER from the exercises of its lessons, to be gone through by hand."""
    from homework.draft import draft as write

    name = os.environ.get("CHAPTER", "")
    path, toc = ROOT / "homework" / f"{name}.ipynb", (ROOT / "_toc.yml").read_text(encoding="utf-8")
    lessons = sorted((ROOT / "chapters" / name).glob("*.ipynb"), key=lambda path: toc.find(f"{name}/{path.stem}\n"))
    if not name or not lessons or path.exists():
        known = sorted({path.parent.name for path in (ROOT / "chapters").glob("*/*.ipynb")} - set(source.chapters()))
        sys.exit(f"CHAPTER must be one of {', '.join(known)}, which have no homework yet; got {name!r}.")
    nbformat.write(write(name, lessons), path)
    print(f"{path} is a first version: choose, and write goals, points and minutes.")


def page(text):
    """The page for instructors with the tables of all chapters between its two marks."""
    head, rest = text.split("<!-- tasks -->\n", 1)
    _, tail = rest.split("<!-- end of tasks -->", 1)
    tables = []
    for name, path in source.chapters().items():
        notebook = source.read(path)
        title = notebook.cells[0].source.splitlines()[0].removeprefix("# Homework: ").capitalize()
        tables.append(f"### {title}\n\n`CHAPTER={name}`, [the page with the answers](../homework/{name}).\n\n"
                      f"{report.table(notebook)}\n")
    return f"{head}<!-- tasks -->\n" + "\n".join(tables) + f"<!-- end of tasks -->{tail}"


if __name__ == "__main__":
    commands = {"handout": handout, "grade": grade, "homework": homework, "draft": draft}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit(f"python -m homework {' | '.join(commands)}, got {' '.join(sys.argv[1:])!r}")
    try:
        commands[sys.argv[1]]()
    except source.SourceError as error:
        sys.exit(f"homework/{os.environ.get('CHAPTER', '')}.ipynb: {error}")
