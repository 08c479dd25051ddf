"""The book where it is run besides here: from a wheel, on Binder, from a fork."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib

import nbformat
import pytest
from conftest import ROOT
from test_repository import normal, pins

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    clean = shutil.copytree(ROOT / "lib", folder / "source/lib", ignore=shutil.ignore_patterns("*.egg-info", "*cache*"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, clean.parent / name)
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, clean.parent],
                   check=True, capture_output=True)
    return next(folder.glob("*.whl"))


COLAB = f"""\
import sys

BOOK = "git+{PROJECT["urls"]["Repository"]}"
if "google.colab" in sys.modules:    # Colab opens the notebook alone
    get_ipython().run_line_magic("pip", f"install -q {{BOOK}}")"""
NOTEBOOKS = sorted(str(path.relative_to(ROOT)) for path in [*(ROOT / "chapters").rglob("*.ipynb"),
                   *(ROOT / "homework").rglob("*.ipynb")] if ".ipynb_checkpoints" not in path.parts)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_gets_the_library_on_colab(name):
    """Its first code cell does, which is not shown on the page."""
    cell = next(cell for cell in nbformat.read(ROOT / name, as_version=4).cells if cell.cell_type == "code")
    assert cell.source == COLAB and cell.metadata.tags == ["remove-cell"]


@pytest.mark.parametrize("colab", [True, False])
def test_a_lesson_runs_on_colab(wheel, tmp_path, colab):
    """In an empty folder, with nothing of the book but the notebook and what its first cell gets, here the wheel.

    Elsewhere than on Colab that cell does nothing.
    """
    names = ("site", "empty", "modules/google/colab", "ipython/profile_default/startup")
    site, empty, modules, startup = (tmp_path / name for name in names)
    for folder in (site, empty, modules, startup):
        folder.mkdir(parents=True)
    (modules / "__init__.py").touch()
    (startup / "colab.py").write_text("import google.colab" if colab else "")
    lesson = nbformat.read(ROOT / "chapters/appendix/simpsons-paradox.ipynb", as_version=4)
    for cell in lesson.cells:
        cell.source = cell.source.replace(f"git+{PROJECT['urls']['Repository']}", str(wheel))
    lesson.cells = lesson.cells if colab else lesson.cells[:2]
    lesson.cells.append(nbformat.v4.new_code_cell("import byhand\nprint(byhand.__file__)"))
    nbformat.write(lesson, empty / "lesson.ipynb")
    subprocess.run([sys.executable, "-m", "nbconvert", "--to=notebook", "--execute", "--inplace", "lesson.ipynb"],
                   cwd=empty, check=True, capture_output=True,
                   env=os.environ | {"PYTHONPATH": f"{site}:{tmp_path / 'modules'}", "PIP_TARGET": str(site),
                                     "PIP_NO_DEPS": "1", "IPYTHONDIR": str(tmp_path / "ipython")})
    printed = nbformat.read(empty / "lesson.ipynb", as_version=4).cells[-1].outputs[0].text
    assert printed.startswith(str(site)) is colab, printed
    assert any(site.iterdir()) is colab


def test_binder_accepts_the_repository(tmp_path):
    """repo2docker reads our files as they are meant: this Python, these requirements, and no other step."""
    copy = tmp_path / "book"
    left_out = shutil.ignore_patterns(".git", ".venv*", "_build", "chapters", "tests", ".*cache")
    shutil.copytree(ROOT, copy, ignore=left_out)
    run = subprocess.run([sys.executable, "-m", "repo2docker", "--no-build", "--debug", copy], text=True,
                         capture_output=True, check=True, cwd=tmp_path)
    told = run.stdout + run.stderr
    assert "python=3.11" in told
    steps = re.findall(r"pip install --no-cache-dir (.*)", told)
    assert steps == ['-r "requirements.txt"', "."], steps


def test_the_lessons_ran_in_what_binder_builds():
    """The environment in which `make test` runs the lessons has what the lock says, and nothing else."""
    python = ROOT / ".venv-lessons/bin/python"
    listed = subprocess.run([python, "-m", "pip", "list", "--format=json"], capture_output=True, check=True).stdout
    here = {normal(one["name"]): one["version"] for one in json.loads(listed)}
    assert {name: version for name, version in here.items() if pins().get(name) != version}.keys() <= {
        "byhand", "pip", "setuptools", "wheel"}
    assert "scikit-learn" not in here and "scipy" not in here


def address(**environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "BOOK_"))}
    command = [sys.executable, "-c", "import address; print(address.repository())"]
    return subprocess.run(command, env=clean | environment, cwd=ROOT / "_ext", text=True, capture_output=True,
                          check=True).stdout.strip()


def test_the_address_comes_from_one_place_or_from_the_environment():
    assert address(GITHUB_REPOSITORY="someone/fork") == "https://github.com/someone/fork"
    assert address(GITHUB_REPOSITORY="a/b", GITHUB_SERVER_URL="https://git.example.com") == "https://git.example.com/a/b"
    assert address(BOOK_REPOSITORY="https://github.com/a/b/") == "https://github.com/a/b"
    written = PROJECT["urls"]["Repository"]
    assert address() == ("" if "//example.org/" in written else written)


def test_make_address_writes_it_everywhere(tmp_path):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "homework").mkdir()
    for name in ("pyproject.toml", "Makefile"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "chapters/lesson.ipynb").write_text(f"pip install git+{PROJECT['urls']['Repository']}")
    subprocess.run(["make", "address", "REPOSITORY=https://github.com/me/book"], cwd=tmp_path, check=True,
                   capture_output=True)
    assert "git+https://github.com/me/book" in (tmp_path / "chapters/lesson.ipynb").read_text()
    assert 'Repository = "https://github.com/me/book"' in (tmp_path / "pyproject.toml").read_text()
    assert not list(tmp_path.rglob("*.new"))
    refused = subprocess.run(["make", "address"], cwd=tmp_path, capture_output=True, text=True)
    assert refused.returncode and "say which" in refused.stdout
