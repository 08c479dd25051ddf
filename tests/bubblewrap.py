"""The sandbox in which homework is graded: `python tests/bubblewrap.py` makes sure of one and prints its path.

In order: one that is on the system, the system's package manager where that is allowed.
"""

import os
import shutil
import sys

from browser import APT, _run


def install():
    """The path of bubblewrap, fetched if need be; where that fails, SystemExit with one line on how to get it."""
    if not shutil.which("bwrap") and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        _run([*APT, "update"])
        _run([*APT, "install", "-y", "--no-install-recommends", "bubblewrap"])
    return shutil.which("bwrap") or sys.exit(
        "No sandbox for the checks of homework: install bubblewrap (on Debian and Ubuntu: "
        "sudo apt-get install bubblewrap; it needs Linux), and run make test again.")


if __name__ == "__main__":
    print(install())
