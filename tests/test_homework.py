"""Homework: one source for page, student's version, key and tests; and a grader that is attacked.

A class is graded in one batch, by the command that an instructor types: honest students, one for each classic mistake,
and hostile or broken ones. Each must get exactly what it earned.
"""

import base64
import copy
import csv
import json
import os
import pickle
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import bubblewrap
import nbformat
import pytest
from conftest import ROOT, SITE

sys.path.insert(0, str(ROOT))

from homework import __main__ as command
from homework import course, judge, rebuild, report, sandbox, source

CHAPTERS = source.chapters()
SEED = "a private one"
# Pools of processes fork, and pytest's own workers have threads: since Python 3.12 that is warned of.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
EVERY = pytest.mark.parametrize("chapter", CHAPTERS)


@pytest.fixture(scope="module", autouse=True)
def bwrap():
    """Every test here needs the sandbox."""
    bubblewrap.install()
    sandbox.command()


# One source, five uses

def key(chapter):
    return source.read(CHAPTERS[chapter])


def student(chapter):
    return source.read(ROOT / "homework" / "student" / f"{chapter}.ipynb")


def checked(chapter):
    return [task for task in source.tasks(key(chapter)) if task.exercise]


def solved(chapter):
    """The student's version with every answer as in the key."""
    answers = {cell.id: cell.source for cell in key(chapter).cells}
    notebook = student(chapter)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = answers[cell.id]
    return notebook


def cell(notebook, grade_id):
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def recorded(task, sentence, seed):
    """A source that returns what the mistake returns on the inputs that will be drawn: any mistake, as any student."""
    outputs = [task.exercise.mistakes[sentence](*copy.deepcopy(case)) for case in judge.draw(task, seed)]
    data = base64.b64encode(pickle.dumps(outputs)).decode()
    return (f"import base64, pickle\n_{task.function} = iter(pickle.loads(base64.b64decode('{data}')))\n"
            f"def {task.function}(*arguments):\n    return next(_{task.function})")


def mistakes(tasks):
    """For each n, the n-th mistake of every task that has so many, task → sentence."""
    for n in range(max(len(task.exercise.mistakes) for task in tasks)):
        yield {task: list(task.exercise.mistakes)[n] for task in tasks if n < len(task.exercise.mistakes)}


def make_mistakes(notebook, made, seed):
    for task, sentence in made.items():
        cell(notebook, task.answer).source = recorded(task, sentence, seed)


def wrong_parts(task, sentence, seed):
    """The share of parts that the mistake leaves right, by another way than the grader's."""
    same = [True] * len(task.exercise.parts)
    for case in judge.draw(task, seed):
        pair = [function(*copy.deepcopy(case)) for function in (task.exercise.mistakes[sentence], task.exercise.right)]
        pair = pair if len(same) > 1 else [[part] for part in pair]
        same = [all_close(*parts) and was for *parts, was in zip(*pair, same, strict=True)]
    return sum(same) / len(same)


def all_close(a, b):
    import numpy as np

    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-7, atol=1e-10, equal_nan=True)


def verdicts(chapter, notebook, seed=SEED, at=None):
    """What the grader finds in one notebook, without nbgrader."""
    theirs = [rebuild._cell(cell) for cell in notebook.cells]
    at = at or key(chapter)
    return judge.judge(rebuild.rebuild(theirs, student(chapter)), source.tasks(at), source.setup(at), seed)


@EVERY
def test_the_source_is_marked_and_nothing_made_from_it_is_stale(chapter, monkeypatch):
    path = CHAPTERS[chapter]
    assert nbformat.writes(source.mark(key(chapter))) == path.read_text(encoding="utf-8").rstrip("\n")
    assert command.release(chapter) == (ROOT / "homework" / "student" / path.name).read_text(encoding="utf-8")
    assert command.page(command.PAGE.read_text(encoding="utf-8")) == command.PAGE.read_text(encoding="utf-8")


@EVERY
def test_the_student_gets_statements_stubs_and_checks_but_no_solution(chapter):
    ours, theirs = key(chapter), student(chapter)
    kept = {cell.id: cell for cell in theirs.cells}
    for cell in ours.cells:
        if "page" in cell.metadata.get("tags", []):
            assert cell.id not in kept
        elif not cell.metadata.get("nbgrader", {}).get("solution"):
            assert kept[cell.id].source == cell.source
    text = nbformat.writes(theirs)
    assert "SOLUTION" not in text and "Model answer" not in text and not re.search(r'"outputs": \[\s*\{', text)
    for task in checked(chapter):
        stub = kept[task.answer.replace("_", "-")].source
        assert stub.startswith(f"def {task.function}(") and stub.endswith("\n    ...")
        signature = re.match(r"def (.*?):", stub)[1]
        assert f"`{signature}`" in "\n".join(cell.source for cell in theirs.cells), f"{signature} is in no statement"
    assert len(re.findall(r"<details>", text)) >= 3, "a quiz"


@EVERY
def test_the_key_gets_full_marks_and_the_stub_none(chapter):
    for seed in (SEED, "another"):
        assert {verdict["credit"] for verdict in verdicts(chapter, solved(chapter), seed).values()} == {1.0}
    assert {verdict["text"] for verdict in verdicts(chapter, student(chapter)).values()} == {"Not written yet."}
    assert {verdict["credit"] for verdict in verdicts(chapter, student(chapter)).values()} == {0}


@EVERY
def test_every_classic_mistake_is_found_and_costs_marks(chapter):
    for made in mistakes(checked(chapter)):
        notebook = solved(chapter)
        make_mistakes(notebook, made, SEED)
        found = {id: verdict["mistake"] for id, verdict in verdicts(chapter, notebook).items() if verdict["credit"] < 1}
        assert found == {task.id: sentence for task, sentence in made.items()}


@EVERY
def test_the_page_shows_statement_and_check_and_folds_the_solution(chapter):
    page = (SITE / "homework" / f"{chapter}.html").read_text(encoding="utf-8")
    for task in checked(chapter):
        assert task.title.replace("'", "’") in page                  # as Sphinx sets it
    folded = re.findall(r'<details class="[^"]*hide[^"]*">.*?Show the solution.*?</details>', page, re.S)
    assert len(folded) == len(checked(chapter)) == page.count("Right, on 20 random inputs.")
    assert "SOLUTION" not in re.sub(r"<details class=.*?</details>", "", page, flags=re.S)
    assert f"{chapter}.ipynb" in "".join(re.findall(r'href="[^"]*_downloads/[^"]*"', page))


@EVERY
def test_a_quiz_opens_from_the_keyboard(site, browser, chapter):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site}/homework/{chapter}.html")
    choice = page.locator("details:not([class])").first
    said = choice.locator("p").first
    assert not said.is_visible()
    choice.locator("summary").press("Enter")
    assert said.is_visible()
    context.close()


def test_a_key_with_a_wrong_axis_is_caught(tmp_path):
    notebook = key("gradient-methods")
    cell = next(cell for cell in notebook.cells if cell.id == "conv-backward")
    assert "dy.sum(axis=(0, 2))" in cell.source
    cell.source = cell.source.replace("dy.sum(axis=(0, 2))", "dy.sum(axis=2)")
    assert verdicts("gradient-methods", notebook)["conv_backward-check"]["credit"] == pytest.approx(2 / 3)
    path = tmp_path / "wrong.ipynb"
    nbformat.write(notebook, path)
    run = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval",
                          "--nbval-current-env", str(path)], capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 1 and "in db the sum over the batch is missing" in run.stdout


@pytest.mark.parametrize("change, message", [
    (lambda cells: cells["momentum-step-check"].update(source="pass"),
     "after the answer must come check(momentum_step, EXERCISE), got 'pass'"),
    (lambda cells: cells["momentum-step-check"].update(source="check(momentum_step, MOMENTUM_STEP); pass"),
     "after the answer must come check(momentum_step, EXERCISE), got 'check(momentum_step, MOMENTUM_STEP); pass'"),
    (lambda cells: cells["momentum-step-check"].update(source="check(descend, MOMENTUM_STEP)"),
     "after the answer must come check(momentum_step, EXERCISE), got 'check(descend, MOMENTUM_STEP)'"),
    (lambda cells: cells["conv-backward-check"].update(cell_type="raw"),
     "and an answer needs its check before the next"),
])
def test_a_key_without_its_check_is_refused(change, message):
    notebook = key("gradient-methods")
    change({cell.id: cell for cell in notebook.cells})
    with pytest.raises(source.SourceError, match=re.escape(message)):
        source.tasks(notebook)


def test_an_answer_without_any_check_below_is_refused():
    notebook = key("gradient-methods")
    end = next(i for i, one in enumerate(notebook.cells) if one.id == "momentum-step-check")
    notebook.cells = notebook.cells[:end]
    with pytest.raises(source.SourceError, match="no check follows the answer momentum_step"):
        source.tasks(notebook)


def test_a_stale_version_is_seen(tmp_path, monkeypatch):
    notebook = key("gradient-methods")
    notebook.cells[0].source += "\n\nOne sentence more."
    path = tmp_path / "gradient-methods.ipynb"
    nbformat.write(notebook, path)
    monkeypatch.setattr(source, "chapters", lambda: {"gradient-methods": path})
    with pytest.raises(AssertionError):
        monkeypatch.setitem(CHAPTERS, "gradient-methods", path)
        test_the_source_is_marked_and_nothing_made_from_it_is_stale("gradient-methods", monkeypatch)


# The hand-out

@EVERY
def test_the_handout_works_where_only_numpy_is(chapter, tmp_path, monkeypatch):
    monkeypatch.setenv("CHAPTER", chapter)
    monkeypatch.setenv("TO", str(tmp_path))
    command.handout()
    zipfile.ZipFile(tmp_path / f"{chapter}.zip").extractall(tmp_path)
    place = tmp_path / chapter
    assert chapter in (place / "README.txt").read_text()
    notebook = source.read(place / f"{chapter}.ipynb")
    cells = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    prints = re.sub(r"^(check\(.*\))$", r"print(\1)", cells, flags=re.M)
    away = "import sys\nfor name in ('matplotlib', 'ipywidgets', 'IPython', 'scipy'): sys.modules[name] = None\n"
    (place / "run.py").write_text(away + prints + "\nimport byhand\nprint(byhand.__file__)")
    run = subprocess.run([sys.executable, "run.py"], capture_output=True, text=True, cwd=place)
    *checks, where = run.stdout.splitlines()
    assert set(checks) == {"Not written yet."} and str(place) in where, run.stderr


def make(target, **settings):
    words = [f"{name}={value}" for name, value in settings.items()]
    return subprocess.run(["make", "-s", "-C", str(ROOT), "-o", ".venv/homework", target, *words],
                          capture_output=True, text=True)


@pytest.mark.parametrize("target, settings, message", [
    ("handout", {}, "CHAPTER must be one of .*gradient-methods.*; got ''"),
    ("handout", {"CHAPTER": "gradient"}, "CHAPTER must be one of .*gradient-methods.*; got 'gradient'"),
    ("grade", {"CHAPTER": "gradient-methods"}, "SUBMISSIONS must be a folder, got ''"),
    ("grade", {"CHAPTER": "gradient-methods", "SUBMISSIONS": "/no/such"},
     "SUBMISSIONS must be a folder, got '/no/such'"),
    ("grade", {"CHAPTER": "gradient-methods", "SUBMISSIONS": "{empty}"}, "holds no student.ipynb and no folder"),
    ("grade", {"CHAPTER": "gradient-methods", "SUBMISSIONS": "{one}", "WORKERS": "many"},
     "WORKERS must be a whole number above 0, got 'many'"),
    ("grade", {"CHAPTER": "gradient-methods", "SUBMISSIONS": "{one}", "TIME_LIMIT": "long"},
     "TIME_LIMIT must be a whole number above 0, got 'long'"),
    ("grade", {"CHAPTER": "gradient-methods", "SUBMISSIONS": "{one}", "LATE": "harsh"},
     "LATE must be none or zero, got 'harsh'"),
    ("grade", {"CHAPTER": "gradient-methods", "SUBMISSIONS": "{one}", "DUE": "soon"},
     "DUE must be a time such as .*, got 'soon'"),
])
def test_bad_input_is_one_clear_line(target, settings, message, tmp_path, monkeypatch):
    for name in ("empty", "one/anna"):
        (tmp_path / name).mkdir(parents=True)
    for name, value in settings.items():
        monkeypatch.setenv(name, value.format(empty=tmp_path / "empty", one=tmp_path / "one"))
    with pytest.raises(SystemExit) as raised:
        getattr(command, target)()
    assert re.search(message, str(raised.value)) and "\n" not in str(raised.value)
    assert not (tmp_path / "one-graded").exists()


def test_make_passes_it_on():
    run = make("grade", CHAPTER="gradient-methods", SUBMISSIONS="/no/such")
    said = [line for line in run.stderr.splitlines() if not line.startswith("make")]
    assert run.returncode and said == ["SUBMISSIONS must be a folder, got '/no/such'. For example: "
                                       "make grade CHAPTER=gradient-methods SUBMISSIONS=handed-in"]


def test_nothing_is_graded_without_a_sandbox_unless_told_to(tmp_path, monkeypatch, capsys):
    (tmp_path / "in").mkdir()
    nbformat.write(solved("gradient-methods"), tmp_path / "in" / "anna.ipynb")
    for name, value in {"CHAPTER": "gradient-methods", "SUBMISSIONS": tmp_path / "in", "PATH": tmp_path}.items():
        monkeypatch.setenv(name, str(value))
    sandbox.command.cache_clear()
    try:
        with pytest.raises(SystemExit, match=r"^No sandbox for untrusted work: bubblewrap is not installed\. .*"
                                             r"apt-get install bubblewrap.*UNSANDBOXED=yes$"):
            command.grade()
        assert not (tmp_path / "in-graded").exists()
        monkeypatch.setenv("UNSANDBOXED", "yes")
        command.grade()
    finally:
        sandbox.command.cache_clear()
    assert "can read and change your files" in capsys.readouterr().err
    [row] = table(tmp_path / "in-graded" / "grades.csv")
    assert row["momentum_step (2)"] == "2"
    assert (tmp_path / "in-graded" / "seed.txt").read_text().strip().isdecimal(), "a seed was drawn"


# The class. Everybody starts from the student's version with the key's answers, and changes something.

FULL = {"momentum_step": 2, "nesterov_step": 2, "descend": 2, "conv_backward": 3}
RIGHT = {cell.metadata.nbgrader.grade_id: cell.source for cell in key("gradient-methods").cells
         if cell.metadata.get("nbgrader", {}).get("solution")}
STUDENTS = {}


def enrol(name, happened="", *, status="graded|'In your own words' must be read", **points):
    """Registers a function that changes a notebook, with what that student must get; no points: a human must look."""
    def register(change):
        STUDENTS[name] = (change, status, happened, FULL | points)
        return change
    return register


def answer(name, function, text, happened="", **points):
    """A student with this answer, above the key's where the text asks for it."""
    text = text.replace("RIGHT", RIGHT[function])

    @enrol(name, happened, **points)
    def change(notebook):
        cell(notebook, function).source = text


@enrol("key")
def nothing(notebook):
    pass


@enrol("stub", "momentum_step: Not written yet.; nesterov_step: Not written yet.", status="graded",
       momentum_step=0, nesterov_step=0, descend=0, conv_backward=0)
def no_answer(notebook):
    notebook.cells = student("gradient-methods").cells


@enrol("partial", "nesterov_step: Not written yet.; descend: Not written yet.", nesterov_step=0, descend=0)
def some(notebook):
    for name in ("nesterov_step", "descend"):
        cell(notebook, name).source = cell(student("gradient-methods"), name).source


@enrol("wrong-axis", "in db the sum over the batch is missing", conv_backward=2)
def wrong_axis(notebook):
    ours = cell(notebook, "conv_backward")
    ours.source = ours.source.replace("axis=(0, 2)", "axis=2")


@enrol("honest-extras")
def extras(notebook):
    """Cells, imports and magic words of one's own."""
    cell(notebook, "setup").source += "\nimport math"
    at = notebook.cells.index(cell(notebook, "momentum_step"))
    helper = "%matplotlib inline\n!ls\ndef new(v, g, beta): return beta * v + g"
    notebook.cells.insert(at, nbformat.v4.new_code_cell(helper))
    cell(notebook, "momentum_step").source = (
        "def momentum_step(x, v, g, lr, beta):\n    v = new(v, g, math.sqrt(beta) ** 2)\n    return x - lr * v, v\n"
        "momentum_step(*np.zeros((3, 2)), 1, 1)")


answer("endless-loop", "momentum_step", "def momentum_step(*_):\n    while True: pass",
       "momentum_step: .*did not return within .* seconds", momentum_step=0)
answer("endless-cell", "descend", "while True: pass\nRIGHT", "descend: Not yet: the cell did not end", descend=0)
answer("stubborn-loop", "nesterov_step", "import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nRIGHT\n"
       "while True:\n    try: time.sleep(1)\n    except BaseException: pass",
       "nesterov_step: Not yet: its process ended", nesterov_step=0)
answer("sys-exit", "momentum_step", "import sys\ndef momentum_step(*_): sys.exit()", "it raised SystemExit",
       momentum_step=0)
answer("sys-exit-above", "momentum_step", "import sys\nsys.exit()\nRIGHT", "the cell raised SystemExit",
       momentum_step=0)
answer("os-exit", "nesterov_step", "import os\nRIGHT\nos._exit(0)", "nesterov_step: Not yet: its process ended",
       nesterov_step=0)
answer("os-exit-inside", "conv_backward", "import os\ndef conv_backward(*_): os._exit(0)",
       "conv_backward: .*its process ended", conv_backward=0)
answer("exception-above", "descend", "1 / 0\nRIGHT", "descend: Not yet: the cell raised ZeroDivisionError", descend=0)
answer("exception-below", "descend", "RIGHT\n1 / 0")
answer("syntax-error", "descend", "def descend(opt, grad, x, steps):\n    return [x",
       "descend: Not yet: the cell raised SyntaxError", descend=0)
answer("print-lines", "momentum_step", "for _ in range(20): print('x\\n' * 2_500_000)\nRIGHT")
answer("print-line", "momentum_step", "print('x' * 100_000_000)\nimport os\nos.write(1, b'x' * 10_000_000)\nRIGHT")
answer("memory-hog", "momentum_step",
       "def momentum_step(*_):\n    hog = []\n    while True: hog.append(bytearray(10**8))",
       "momentum_step: .*(MemoryError|did not return)", momentum_step=0)
answer("input", "momentum_step", "def momentum_step(*_): return input()", r"it raised EOFError: input\(\)",
       momentum_step=0)
answer("nothing-returned", "momentum_step", "def momentum_step(x, v, *_): x - v", "it returned nothing",
       momentum_step=0)
answer("evil-value", "momentum_step", "class Evil:\n    def _no(self, *_): raise RuntimeError\n"
       "    __repr__ = __array__ = __len__ = __iter__ = _no\ndef momentum_step(*_): return Evil(), Evil()",
       "momentum_step: ", momentum_step=0)
answer("huge-value", "descend", "def descend(*_): return np.zeros(10**7)", "descend: ", descend=0)
answer("fork-bomb", "momentum_step", "import os\ndef momentum_step(*_):\n    while True:\n        try: os.fork()\n"
       "        except OSError: pass", "momentum_step: .*(did not return|its process ended)", momentum_step=0)
answer("html", "answer-5", "<script>document.title = 'owned'</script> Words. <img src=x onerror=alert(1)>")
answer("recursion", "descend", "def descend(*_): return descend(*_)", "it raised RecursionError", descend=0)


WRONG = "def momentum_step(x, v, g, lr, beta): return x, v"


@enrol("tests-edited", "momentum_step-check was edited and was put back", momentum_step=0)
def edited(notebook):
    cell(notebook, "momentum_step").source = WRONG
    cell(notebook, "momentum_step-check").source = "assert True"


@enrol("tests-deleted", "momentum_step-check was missing and was put back", momentum_step=0)
def deleted(notebook):
    cell(notebook, "momentum_step").source = WRONG
    notebook.cells = [cell for cell in notebook.cells if not cell.id.endswith("-check")]


@enrol("tests-duplicated", "momentum_step-check was there 3 times")
def duplicated(notebook):
    notebook.cells += 2 * [cell(notebook, "momentum_step-check"), cell(notebook, "setup")]


@enrol("answer-duplicated")
def answer_twice(notebook):
    """The stub stands below the answer."""
    notebook.cells.append(cell(student("gradient-methods"), "momentum_step"))


@enrol("grade-cell-renamed", momentum_step=0)
def renamed(notebook):
    cell(notebook, "momentum_step").source = WRONG
    for name, points in {"momentum_step-check": 100, "momentum_step": 1}.items():
        ours = cell(notebook, name)
        ours.metadata.nbgrader.update(grade_id=f"my-{name}", points=points)
        ours.id = f"mine-{points}"


@enrol("ids-swapped")
def swapped(notebook):
    one, other = cell(notebook, "momentum_step"), cell(notebook, "descend")
    one.metadata, other.metadata, one.id, other.id = other.metadata, one.metadata, other.id, one.id


@enrol("metadata-stripped")
def stripped(notebook):
    notebook.metadata, notebook.nbformat_minor = {}, 4
    for ours in notebook.cells:
        ours.metadata = {}
        del ours["id"]


@enrol("answer-deleted", "nesterov_step: Not yet: no cell defines it", nesterov_step=0)
def answer_deleted(notebook):
    notebook.cells.remove(cell(notebook, "nesterov_step"))


@enrol("points-raised", momentum_step=0)
def raised(notebook):
    cell(notebook, "momentum_step").source = WRONG
    notebook.metadata.verdicts = {"momentum_step-check": {"credit": 1.0, "text": "Right."}}
    for name in ("momentum_step-check", "answer-5"):
        cell(notebook, name).metadata.nbgrader.points = 1000


@enrol("old-format")
def old(notebook):
    return json.dumps(nbformat.convert(notebook, 3))


@enrol("malformed", status="needs a human: malformed.ipynb is not a notebook: ")
def malformed(notebook):
    return json.dumps(notebook)[:-100]


@enrol("empty", status="needs a human: empty.ipynb is empty")
def empty(notebook):
    return ""


@enrol("no-notebook", status="needs a human: no-notebook.ipynb is not a notebook: it has no list of cells")
def no_notebook(notebook):
    return '{"cells": [3]}'


@enrol("nested", status="needs a human: nested.ipynb is not a notebook: ")
def nested(notebook):
    return "[" * 100_000


@enrol("surrogates")
def surrogates(notebook):
    return json.dumps(notebook).replace("Name two", "\\ud800 Name two").replace("The velocity", "\\udfff")


@enrol("wrong-name/my homework (2).ipynb", r"the file was named my homework \(2\).ipynb")
def wrong_name(notebook):
    pass


@enrol("two-files/a.ipynb", status="needs a human: 2 notebooks, none named gradient-methods.ipynb; there is: a.ip")
def two_files(notebook):
    pass


@enrol("link", status="needs a human: link.ipynb is a link to another place")
def link(notebook):
    return ""


@enrol("late/gradient-methods.ipynb", "late: 9 points taken off")
def late(notebook):
    pass


# Forgeries. Each tries to get the marks of a momentum step that it has not written.

answer("patches-numpy", "momentum_step", "for name in ('allclose', 'isclose', 'array_equal'):\n"
       f"    setattr(np, name, lambda *_, **__: True)\n{WRONG}", "momentum_step: Not yet", momentum_step=0)
answer("patches-check", "momentum_step", f"class Right:\n    right, text = True, 'Right, on 20 random inputs.'\n"
       f"check = lambda *_: Right()\n{WRONG}", "momentum_step: Not yet", momentum_step=0)
answer("patches-the-library", "momentum_step", f"import byhand.exercises as e\ne.check = lambda *_: True\n{WRONG}",
       "No module named 'byhand'", momentum_step=0)
answer("calls-the-reference", "momentum_step", "def momentum_step(*a):\n    return MOMENTUM_STEP.right(*a)",
       "it raised NameError", momentum_step=0)
answer("imports-the-library", "momentum_step", f"import sys\nsys.path[:0] = ['{ROOT}/lib', '/byhand']\n"
       "from byhand.exercises.momentum import _momentum_step as momentum_step", "No module named 'byhand'",
       momentum_step=0)
answer("looks-for-the-key", "momentum_step", f"""\
import glob, json, os, pathlib
def momentum_step(*a):
    found = [*glob.glob('{ROOT}/homework/*.ipynb'), *glob.glob('/**/gradient-methods*.ipynb', recursive=True)]
    found += [*pathlib.Path('/proc').glob('*/root{ROOT}/homework/*.ipynb')]
    for cell in json.load(open(found[0]))['cells']:
        exec(''.join(cell['source']), globals())
    return momentum_step(*a)""", "it raised IndexError|it did not return", momentum_step=0)
answer("looks-at-another", "momentum_step", """\
import json
def momentum_step(*a):
    for cell in json.load(open('{SUBMISSIONS}/key.ipynb'))['cells']:
        if 'def momentum_step' in ''.join(cell['source']): exec(''.join(cell['source']), globals())
    return momentum_step(*a)""", "it raised FileNotFoundError", momentum_step=0)
answer("asks-the-network", "momentum_step", """\
import socket
def momentum_step(*a):
    socket.create_connection(('127.0.0.1', PORT), 1).recv(1)
    import builtins
    return builtins.answer(*a)""", r"it raised (ConnectionRefusedError|OSError)", momentum_step=0)
answer("writes-outside", "momentum_step", """\
import os
for place in ('{ROOT}', '{ROOT}/homework', '{SUBMISSIONS}', '{SUBMISSIONS}-graded', '/', '/tmp', '/root', '/home',
              '/dev/shm', '/etc', '/usr', '/var/tmp', os.path.expanduser('~')):
    try: open(place + '/owned-by-a-student', 'w').write('x')
    except OSError: pass
RIGHT""")
answer("answers-for-the-worker", "momentum_step", f"""\
import json, os, sys
{WRONG}
for fd in range(3, 64):
    for event in ({{'task': 'momentum_step-check', 'credit': 1.0, 'text': 'Right', 'observed': 20 * [None]}},
                  {{'task': 'momentum_step-check', 'credit': 1.0, 'observed': 20 * [
                      {{'fault': None, 'value': {{'dtype': 'O', 'shape': [2], 'data': ''}}}}]}},
                  {{'finished': True}}, {{'task': []}}, [], 3):
        try: os.write(fd, (json.dumps(event) + chr(10)).encode())
        except OSError: pass""", momentum_step=0)
answer("looks-into-the-worker", "momentum_step", f"""\
import gc, sys
{WRONG}
frame = sys._getframe()
while frame:
    for name, thing in list(frame.f_locals.items()):
        if name == 'job':
            thing['observe'] = lambda answer, case: case
    frame = frame.f_back
for thing in gc.get_objects():
    if isinstance(thing, dict) and 'right' in thing and 'mistakes' in thing:
        momentum_step = thing['right']""", momentum_step=0)
answer("pickles", "momentum_step", """\
class Evil:
    def __reduce__(self): return (print, ('owned',))
def momentum_step(*_): return Evil(), Evil()""", momentum_step=0)


TASKS = {task.function: task for task in checked("gradient-methods")}
MISTAKES = {f"mistakes-{n}": made for n, made in enumerate(mistakes(TASKS.values()))}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The folder with the results of the whole class, graded by the command that an instructor types."""
    folder = tmp_path_factory.mktemp("class") / "handed-in"
    folder.mkdir()
    place = course.Course(f"{folder}-graded", "gradient-methods")
    seed = place.seed(SEED)
    for name, made in MISTAKES.items():
        @enrol(name, ".*".join(map(re.escape, made.values())), **{
            task.function: wrong_parts(task, sentence, seed) * FULL[task.function] for task, sentence in made.items()})
        def change(notebook, made=made):
            make_mistakes(notebook, made, seed)
    with Listener() as listener:
        for name, (change, *_) in STUDENTS.items():
            notebook = solved("gradient-methods")
            text = change(notebook)
            text = json.dumps(notebook, ensure_ascii=False) if text is None else text
            text = text.replace("{SUBMISSIONS}", str(folder)).replace("{ROOT}", str(ROOT))
            text = text.replace("PORT", str(listener.port))
            path = folder / (name if "/" in name else f"{name}.ipynb")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (folder / "two-files" / "b.ipynb").write_text("{}")
        (folder / "link.ipynb").unlink()
        (folder / "link.ipynb").symlink_to(folder / "key.ipynb")
        (folder / "late" / "timestamp.txt").write_text("2026-03-02 09:00:00 +0900")
        (folder / "no-file").mkdir()
        (folder / "twice").mkdir()
        (folder / "twice.ipynb").write_text(json.dumps(solved("gradient-methods")))
        start = time.monotonic()
        run = grade(folder)
        print(f"{len(STUDENTS)} students in {time.monotonic() - start:.0f} s")
        assert run.returncode == 0, run.stderr
        assert not listener.visits
    place.said = run.stdout
    place.handed_in = folder
    return place


def grade(folder, **settings):
    """`make grade` with short limits of time."""
    return make("grade", CHAPTER="gradient-methods", SUBMISSIONS=folder, SEED=SEED, WORKERS=3, LATE="zero",
                DUE="2026-03-01 23:59 +0900", TIME_LIMIT=8, **settings)


class Listener:
    """A server that writes down who comes."""

    def __enter__(self):
        self.visits, self.socket = [], socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._wait, daemon=True).start()
        return self

    def _wait(self):
        while True:
            try:
                self.visits.append(self.socket.accept())
            except OSError:
                return

    def __exit__(self, *_):
        self.socket.close()


def table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def grades(graded):
    return {row["student"]: row for row in table(graded.path("grades.csv"))}


@pytest.mark.parametrize("name", [*STUDENTS, *MISTAKES])
def test_each_gets_exactly_what_it_earned(grades, name):
    _, status, happened, points = STUDENTS[name]
    row = grades[name.split("/")[0]]
    assert re.search(status, row["status"]), row
    assert re.search(happened, row["what happened"]), row
    got = {task: row[f"{task} ({most})"] for task, most in FULL.items()}
    if status.startswith("needs"):
        assert set(got.values()) == {""} and row["score"] == ""
    else:
        assert {task: float(value) for task, value in got.items()} == pytest.approx(points)


def test_everybody_is_in_the_table(grades, graded):
    assert len(grades) == len(STUDENTS) + 2
    assert grades["twice"]["status"].startswith("needs a human: handed in twice")
    assert grades["no-file"]["status"].startswith("needs a human: no notebook")
    assert grades["stub"]["score"] == "0" and grades["key"]["score"] == ""
    assert re.search(r"\d+ submissions judged, \d+ a minute", graded.said)


def quietly(path):
    try:
        return path.read_bytes()
    except OSError:                # it has ended meanwhile
        return b""


def test_nothing_was_left_behind(graded):
    places = map(Path, (ROOT, graded.root, graded.handed_in, "/", "/tmp", "/root", "/dev/shm", "/etc", "/var/tmp"))
    assert not [place for place in places if os.access(place, os.R_OK) and (place / "owned-by-a-student").exists()]
    assert not [path for path in Path("/proc").glob("[0-9]*/cmdline") if b"-I\0/worker.py" in quietly(path)]


def test_the_files_for_learning_platforms_hold_what_is_final(graded, grades):
    canvas = table(graded.path("canvas.csv"))
    assert canvas[0]["Student"] == "    Points Possible" and canvas[0]["gradient-methods"] == "11"
    moodle = {row["username"]: row for row in table(graded.path("moodle.csv"))}
    for row in canvas[1:]:
        score = grades[row["SIS Login ID"]]["score"]
        assert row["gradient-methods"] == score == moodle[row["SIS Login ID"]]["gradient-methods"]
    assert "needs a human" in moodle["empty"]["gradient-methods (feedback)"]


def test_the_feedback_names_the_mistake_and_runs_nothing(graded):
    page = graded.path("feedback", "mistakes-0", "gradient-methods", "gradient-methods.html").read_text()
    assert "in db the sum over the batch is missing" in page and "Score: 2.0 / 3.0" in page
    page = graded.path("feedback", "html", "gradient-methods", "gradient-methods.html").read_text()
    assert "&lt;script&gt;document.title" in page and "<script>document.title" not in page
    assert not re.search(r"<[^>]* onerror=", page)


def test_the_picture_counts_each_mistake(graded):
    counts = {(row["task"], row["outcome"]): int(row["students"]) for row in table(graded.path("class.csv"))}
    for task in TASKS.values():
        assert all(counts[task.function, sentence] >= 1 for sentence in task.exercise.mistakes)
    assert counts["conv_backward", "in db the sum over the batch is missing"] == 2
    graded_ones = sum(counts[key] for key in counts if key[0] == "descend")
    assert graded_ones == sum(not status.startswith("needs") for _, status, *_ in STUDENTS.values())
    assert graded.path("class.png").read_bytes()[:4] == b"\x89PNG"


def test_grading_again_keeps_manual_scores_and_does_only_what_is_new(graded):
    """As `nbgrader formgrader` does it: a score and a comment go into the gradebook."""
    for name in ("key", "late", "partial"):
        with graded.api.gradebook as gradebook:
            score = gradebook.find_grade("answer-5", "gradient-methods", "gradient-methods", name)
            score.manual_score, score.needs_manual_grade = 1.5, False
            comment = gradebook.find_comment("answer-5", "gradient-methods", "gradient-methods", name)
            comment.manual_comment = "Well put."
            gradebook.db.commit()
    changed = graded.handed_in / "partial.ipynb"
    notebook = source.read(changed)
    cell(notebook, "descend").source = RIGHT["descend"]
    nbformat.write(notebook, changed)
    run = grade(graded.handed_in)
    assert run.returncode == 0 and "1 submissions judged" in run.stdout, run.stdout + run.stderr
    rows = {row["student"]: row for row in table(graded.path("grades.csv"))}
    assert rows["key"]["status"] == "graded" and rows["key"]["score"] == "10.5"
    assert rows["late"]["score"] == "0" and rows["late"]["late penalty"] == "10.5"
    assert rows["partial"]["descend (2)"] == "2" and "must be read" in rows["partial"]["status"]
    assert graded.grades("partial")["answer-5"][1] == 1.5
    page = graded.path("feedback", "key", "gradient-methods", "gradient-methods.html").read_text()
    assert "Well put." in page and "10.5" in page
    assert "judged" not in grade(graded.handed_in).stdout


def test_what_nbgrader_cannot_take_costs_nobody_else_anything(graded, monkeypatch):
    sees = graded.api.autograde
    monkeypatch.setattr(graded.api, "autograde", lambda chapter, name: sees(chapter, name) if name != "stub" else
                        {"success": False, "error": "Traceback\nSomeError: this one not", "log": ""})
    some = [one for one in course.find(graded.handed_in, "gradient-methods") if one.student in ("stub", "wrong-axis")]
    for one in some:
        graded._note(one, "entered", "")
    graded.enter(some, tell=lambda _: None)
    assert graded.judged("stub")["why"] == "SomeError: this one not"
    [stub, axis] = report.rows(graded, some, source.tasks(key("gradient-methods")))
    assert stub.why and stub.score is None and not graded.judged("stub")["key"]
    assert axis.points["conv_backward-check"] == 2


def test_two_chapters_do_not_share_a_folder(graded, tmp_path):
    with pytest.raises(SystemExit, match=r"holds work on gradient-methods: choose another folder for other"):
        course.Course(graded.root, "other", tmp_path / "other.ipynb").prepare()


# Many students

@pytest.fixture
def small(tmp_path):
    """Four students, ready to be judged."""
    (tmp_path / "in").mkdir()
    for name in "abcd":
        nbformat.write(solved("gradient-methods"), tmp_path / "in" / f"{name}.ipynb")
    place = course.Course(tmp_path / "out", "gradient-methods")
    place.path("release", "gradient-methods").mkdir(parents=True)
    place.path("source", "gradient-methods").mkdir(parents=True)
    nbformat.write(student("gradient-methods"), place.release)
    nbformat.write(key("gradient-methods"), place.path("source", "gradient-methods", "gradient-methods.ipynb"))
    return place, course.find(tmp_path / "in", "gradient-methods")


def status(place):
    return {name: place.judged(name).get("status") for name in "abcd"}


ONE = judge.one


def dies_once(root, name, *rest):
    marker = Path(root, "killed")
    if name == "b" and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return ONE(root, name, *rest)


def dies(root, name, *rest):
    return os.kill(os.getpid(), signal.SIGKILL) if name == "b" else ONE(root, name, *rest)


def test_a_killed_worker_loses_nothing(small, monkeypatch):
    place, submissions = small
    monkeypatch.setattr(judge, "one", dies_once)
    assert place.judge(submissions, SEED, workers=2, tell=lambda _: None) == 4
    assert status(place) == dict.fromkeys("abcd", "graded")
    assert place.judge(submissions, SEED, workers=2) == 0, "a second run judges nothing again"
    place.path("judged", "c.json").unlink()
    assert place.judge(submissions, SEED, workers=2) == 1, "a second run judges what is missing"
    assert place.judge(submissions, "another seed", workers=2) == 4


def test_one_that_kills_every_worker_costs_nobody_else_anything(small, monkeypatch):
    place, submissions = small
    monkeypatch.setattr(judge, "one", dies)
    place.judge(submissions, SEED, workers=2, tell=lambda _: None)
    assert status(place) == {"a": "graded", "b": "needs a human", "c": "graded", "d": "graded"}
    assert "ended three times" in place.judged("b")["why"]


@pytest.mark.filterwarnings("default")        # those of Dask are not ours to fail on
def test_a_dask_cluster_finds_the_same(small):
    from distributed import LocalCluster

    place, submissions = small
    told = []
    with LocalCluster(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=None) as cluster:
        assert place.judge(submissions, SEED, address=cluster.scheduler_address, tell=told.append) == 4
    assert status(place) == dict.fromkeys("abcd", "graded") and told[-1] == "4 of 4 judged"
    assert {verdict["credit"] for verdict in place.judged("a")["tasks"].values()} == {1.0}


def test_a_draft_is_made_of_what_the_lessons_have():
    from homework.draft import draft

    lessons = [ROOT / "chapters" / "gradient-methods" / f"{name}.ipynb" for name in ("momentum", "gradient-descent")]
    notebook = draft("gradient-methods", lessons)
    tasks = source.tasks(notebook)
    assert {"momentum_step", "complex_range", "one_epoch"} <= {task.function for task in tasks}
    found = judge.judge(rebuild.rebuild([rebuild._cell(cell) for cell in notebook.cells], notebook), tasks,
                        source.setup(notebook), SEED)
    assert {verdict["credit"] for verdict in found.values()} == {1.0}
    assert source.mark(copy.deepcopy(notebook)) == notebook
