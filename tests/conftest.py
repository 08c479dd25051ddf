import functools
import http.server
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

ROOT = Path(__file__).parent.parent
SITE = ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def site():
    """The address of the built site, served from a sub-path as a project's pages are."""
    assert (SITE / "index.html").exists(), f"{SITE} is not built: run make book"

    class Handler(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path):
            return super().translate_path(path.removeprefix("/book"))

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=SITE)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/book"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium."""
    from browser import FLAGS, install
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=install(), args=FLAGS)
        yield chromium
        chromium.close()
