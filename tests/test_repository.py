"""What the repository says of itself is so."""

import hashlib
import importlib.metadata
import re

from conftest import ROOT


def test_vendored_scripts_are_the_published_ones():
    rows = re.findall(r"^\| (\S+\.js) \|.*\| ([0-9a-f]{64}) \|$", (ROOT / "vendor/vendor/README.md").read_text(), re.M)
    scripts = {str(path.relative_to(ROOT / "vendor/vendor")) for path in (ROOT / "vendor").rglob("*.js")}
    assert {name for name, _ in rows} == scripts
    for name, digest in rows:
        assert hashlib.sha256((ROOT / "vendor/vendor" / name).read_bytes()).hexdigest() == digest


def test_what_is_installed_is_what_is_pinned():
    here, ours = {normal(dist.name): dist.version for dist in importlib.metadata.distributions()}, pins()
    assert {name: version for name, version in here.items() if ours.get(name, version) != version} == {}


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins():
    """The version that each package is pinned to."""
    lines = (ROOT / "constraints.txt").read_text().split()
    return {normal(name): version for name, version in (line.split("==") for line in lines)}


def test_requirements_have_no_stray_version():
    names = [line for file in ("requirements.txt", "tests/requirements.txt", "homework/requirements.txt")
             for line in (ROOT / file).read_text().splitlines() if re.match(r"[a-z]", line)]
    assert {normal(re.split(r"[<>=]", name)[0]) for name in names} <= set(pins())
