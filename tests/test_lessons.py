"""Every lesson keeps the book's form, and the comparison of stored outputs bites. nbval itself runs the lessons."""

import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from conftest import ROOT

PATHS = sorted((ROOT / "chapters").glob("*/*.ipynb"))            # a lesson is a notebook in a chapter's folder
LESSONS = {str(path.relative_to(ROOT / "chapters")): nbformat.read(path, as_version=4) for path in PATHS}
EVERY = pytest.mark.parametrize("name", LESSONS)


def code(name):
    return [cell for cell in LESSONS[name].cells if cell.cell_type == "code"]


def outputs(name):
    return [output for cell in code(name) for output in cell.outputs]


@EVERY
def test_sections_come_in_the_order_of_the_grammar(name):
    text = "\n".join(cell.source for cell in LESSONS[name].cells if cell.cell_type == "markdown")
    headings = re.findall(r"^#{1,2} (.*)", text, re.M)
    wanted = ["Predict", "See it", "Measure it", "Where it breaks", "In practice", "Exercises", "Summary", "Sources"]
    places = [next((i for i, heading in enumerate(headings) if heading.startswith(want)), None) for want in wanted]
    assert None not in places and places == sorted(places), dict(zip(wanted, places, strict=True))
    assert re.search(r"[가-힣]", text), "no Korean term"


@EVERY
def test_cells_are_short(name):
    for cell in code(name):
        lines = cell.source.splitlines()
        assert len(lines) <= 12, f"{cell.id}: {len(lines)} lines"
        assert max(map(len, lines)) <= 92, f"{cell.id}: {max(lines, key=len)}"


@EVERY
def test_one_seed_and_no_plotting_code(name):
    source = "\n".join(cell.source for cell in code(name))
    assert source.count("rng = np.random.default_rng(0)") == 1
    assert not re.search(r"pyplot|plt\.|sys\.path|open\(|random\.seed", source)


@EVERY
def test_what_is_stored_is_all_there_is(name):
    """Run from top to bottom, no error, nothing on stderr, no widget of a live kernel, no trace of a machine."""
    for number, cell in enumerate(code(name), start=1):
        assert cell.execution_count == number, cell.id
        streams = [output.name for output in cell.outputs if output.output_type == "stream"]
        assert len(streams) == len(set(streams)), f"{cell.id}: what is printed came in parts, by chance"
    for output in outputs(name):
        assert output.output_type != "error" and output.get("name") != "stderr"
        assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})
    stored = json.dumps(LESSONS[name], ensure_ascii=False)
    assert not re.search(r"/(home|root|Users|work|tmp)/|0x[0-9a-f]{8}", stored)
    assert set(LESSONS[name].metadata) == {"kernelspec", "language_info"}
    assert len(stored) < 700_000


@EVERY
def test_figures_have_name_caption_and_words(name):
    figures = [cell for cell in code(name)
               if any('class="explore"' in output.get("data", {}).get("text/html", "") for output in cell.outputs)]
    assert any("<input" in output.data["text/html"] for cell in figures for output in cell.outputs), "nothing moves"
    for cell in figures:
        figure = cell.metadata["mystnb"]["figure"]
        assert figure["name"].startswith("fig-") and len(figure["caption"].split()) > 5, cell.id


NUMBERS = dict(zip("two three four five six seven eight nine ten twelve".split(), [*range(2, 11), 12], strict=True))
OVER = re.compile(r"over ([\w,]+) (?:\w+ )?(?:seeds|pairs|nets|draws|trainings|starts|runs|kernels|leaderboards)\b")


@EVERY
def test_captions_count_what_the_code_runs(name):
    """“Mean over six seeds”: a claim is over as many, whose setting is checked by itself, or the code runs so many."""
    settings = " ".join(claim["setting"] for claim in claims(name))
    source = "\n".join(cell.source for cell in code(name))
    for cell in code(name):
        for word in OVER.findall(cell.metadata.get("mystnb", {}).get("figure", {}).get("caption", "")):
            n = str(NUMBERS.get(word, word)).replace(",", "")
            done = re.search(rf"(?:size=|spawn\(|range\(|seeds=|\[:){n}\b", source)
            assert done or n in re.findall(r"\d[\d,]*", settings), f"{cell.id}: over {word}?"


def claims(name):
    return [output.metadata["claim"] for output in outputs(name) if "claim" in output.get("metadata", {})]


@EVERY
def test_a_lesson_claims_something_measured(name):
    assert claims(name)
    assert any("±" in claim["effect"] and "seeds" in claim["setting"] for claim in claims(name))


def test_names_are_unique_in_the_book():
    names = [claim["name"] for name in LESSONS for claim in claims(name)]
    names += re.findall(r'"name": "(fig-[\w-]+)"', json.dumps([nb.cells for nb in LESSONS.values()]))
    names += [output.metadata["scrapbook"]["name"] for name in LESSONS for output in outputs(name)
              if "scrapbook" in output.get("metadata", {})]
    assert len(names) == len(set(names))


@EVERY
def test_numbers_in_prose_are_computed(name):
    """A number with a ± or a measured percentage in the prose must be glued, not typed."""
    for cell in LESSONS[name].cells:
        if cell.cell_type == "markdown":
            assert "±" not in cell.source, cell.id


SMALL = """\
from byhand import plots
from byhand.explore import explore
print("loss 0.125")
"""
FIGURE = """\
explore(lambda a: plots.curves({"a": [0, a]}, xlabel="x", ylabel="y"), a=[1, 2, 3], alt="A line that rises to {a}.")
"""


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A small lesson, run and stored as `make stored` does it."""
    path = tmp_path_factory.mktemp("stored") / "small.ipynb"
    cells = [nbformat.v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate((SMALL, FIGURE))]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    make("stored", f"LESSONS={path}")
    return path


def make(*arguments):
    subprocess.run(["make", "-C", str(ROOT), "-o", ".venv/book", *arguments], check=True, capture_output=True)


CHANGES = {
    "a printed number": ("loss 0.125", "loss 0.126", False),
    "what a figure says": ("rises to 2", "rises to 7", False),
    "a slider's value": ('aria-valuetext=\\"1\\"', 'aria-valuetext=\\"9\\"', False),
    "a coordinate in a picture": ('viewBox=', 'viewBox=', True),
    "nothing": ("", "", True),
}


@pytest.fixture(scope="module")
def failed(stored, tmp_path_factory):
    """Which of the small lessons with a change in what is stored fail nbval, with the book's settings."""
    folder = tmp_path_factory.mktemp("changed")
    for what, (old, new, _) in CHANGES.items():
        text = stored.read_text(encoding="utf-8")
        assert old in text
        head, mark, rest = text.partition('"outputs"')          # the sources stay as they are
        if what == "a coordinate in a picture":
            rest = re.sub(r'd=\\"M (\d)', r'd=\\"M 9\1', rest, count=1)
            assert rest not in text
        else:
            rest = rest.replace(f"print(\\\"{old}", "\0").replace(old, new, 1) if old else rest
            rest = rest.replace("\0", f"print(\\\"{old}")
        (folder / f"{what}.ipynb").write_text(head + mark + rest, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env",
               "--nbval-sanitize-with", str(ROOT / "tests/nbval.cfg"), str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=os.environ | {"BYHAND_STATIC": "1"})
    assert "3 failed, 7 passed" in run.stdout, run.stdout + run.stderr
    return {what for what in CHANGES if f"{what}.ipynb::" in run.stdout.partition("short test summary")[2]}


@pytest.mark.parametrize("what", CHANGES)
def test_a_stale_output_fails(failed, what):
    assert (what not in failed) is CHANGES[what][2]


def test_running_again_leaves_no_difference(stored, tmp_path):
    again = tmp_path / "again.ipynb"
    shutil.copy(stored, again)
    make("stored", f"LESSONS={again}")
    assert again.read_bytes() == stored.read_bytes()
