"""Where the book's repository and its site are: for the buttons that launch, edit and report, and for social cards.

The repository's address is that of the GitHub workflow that builds the site, so that a fork's pages lead to the fork;
else BOOK_REPOSITORY; else the one under `project.urls` in pyproject.toml. While that is the example of a book that is
not published, the buttons are left out.
"""

import os
import tomllib
from pathlib import Path

BUTTONS = ("use_repository_button", "use_issues_button", "use_edit_page_button")


def repository():
    """The repository's web address without a slash at its end, or "" where nobody has said it."""
    if os.environ.get("GITHUB_REPOSITORY"):
        server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
        return f"{server}/{os.environ['GITHUB_REPOSITORY']}"
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    address = os.environ.get("BOOK_REPOSITORY") or project["urls"]["Repository"]
    return "" if "//example.org/" in address else address.rstrip("/")


def configure(app, config):
    if address := repository():
        launch = {"notebook_interface": "jupyterlab", "binderhub_url": "https://mybinder.org"}
        if address.startswith("https://github.com/"):        # Colab opens notebooks from nowhere else
            launch["colab_url"] = "https://colab.research.google.com"
        config.html_theme_options |= {"repository_url": address, "path_to_docs": "", "launch_buttons": launch,
                                      "repository_branch": os.environ.get("GITHUB_REF_NAME") or "main",
                                      **dict.fromkeys(BUTTONS, True)}
    config.ogp_site_url = os.environ.get("BOOK_URL", "")


def setup(app):
    app.connect("config-inited", configure, priority=0)
    return {"parallel_read_safe": True}
