"""The buttons of a page that was built with the address of its repository, here a fork's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from test_site import Visit, assert_sound

FORK = "https://github.com/someone/fork"
LESSON = "chapters/appendix/cartesian-product"


@pytest.fixture(scope="module")
def fork(tmp_path_factory):
    """A page of the book as a workflow of the fork builds it."""
    folder = tmp_path_factory.mktemp("fork")
    for name in ("_static", "_ext", "vendor"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("pyproject.toml", "chapters/references.bib", "chapters/bibliography.md", f"{LESSON}.ipynb"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    settings["execute"]["execute_notebooks"] = "off"
    (folder / "_config.yml").write_text(yaml.safe_dump(settings))
    order = {"format": "jb-book", "root": LESSON, "chapters": [{"file": "chapters/bibliography"}]}
    (folder / "_toc.yml").write_text(yaml.safe_dump(order))
    command = [Path(sys.executable).with_name("jupyter-book"), "build", folder, "-q"]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {
        "GITHUB_REPOSITORY": "someone/fork", "GITHUB_REF_NAME": "main"})
    return folder / "_build/html"


def test_buttons_lead_to_the_fork(fork, browser):
    with Visit(browser, (fork / f"{LESSON}.html").as_uri()) as visit:
        buttons = visit.page.locator(".article-header-buttons a").evaluate_all("links => links.map(link => link.href)")
        page = f"{LESSON}.ipynb"
        for wanted in (f"https://mybinder.org/v2/gh/someone/fork/main?urlpath=lab/tree/{page}",
                       f"https://colab.research.google.com/github/someone/fork/blob/main/{page}",
                       f"{FORK}/edit/main/{page}", FORK):
            assert wanted in buttons, buttons
        assert any(address.startswith(f"{FORK}/issues/new") for address in buttons), buttons
        assert any(address.endswith(f"_sources/{page}") for address in buttons), "a notebook to download"
        assert_sound(visit, LESSON)
