"""A place to run code that nobody trusts: no network, a read-only system, no file of ours, little memory and time.

Bubblewrap makes it, on Linux: https://github.com/containers/bubblewrap. Inside, the system's and Python's own files
can be read; the course, the book's library (which knows the answers) and other students' files are not there.
"""

import base64
import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import cloudpickle
import numpy as np

WORKER = Path(__file__).with_name("worker.py")
MEMORY, FILES, PROCESSES = 1 << 30, 1 << 24, 16
TIME = os.environ.get("TIME_LIMIT", "")
SECONDS = float(TIME) if TIME.isdecimal() else 20.0         # for one process; one cell or call gets a quarter of it
APART = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--die-with-parent", "--new-session"]
MISSING = ("No sandbox for untrusted work: {}. On Debian and Ubuntu: sudo apt-get install bubblewrap. To grade all the "
           "same, with each student's code free to read and change your files: UNSANDBOXED=yes")


def root():
    return os.geteuid() == 0


@cache
def command(unsandboxed=False):
    """The words before `python`, or SystemExit with one line on why there is no sandbox and how to get one."""
    if unsandboxed:
        return []
    found = shutil.which("bwrap")
    if not found:
        sys.exit(MISSING.format("bubblewrap is not installed" if sys.platform == "linux" else "it needs Linux"))
    for proc in (["--proc", "/proc"], []):       # some containers forbid a /proc of one's own
        words = [found, *APART, *_places(), *proc]
        tried = subprocess.run([*words, sys.executable, "-I", "-c", "import numpy"], capture_output=True, text=True,
                               timeout=60)
        if tried.returncode == 0:
            return words
    sys.exit(MISSING.format(f"bubblewrap does not start here ({tried.stderr.strip()[-200:]})"))


def _places():
    """What can be seen inside. Python's own folders may lie in a home that nothing else is shown of."""
    words = ["--clearenv"]
    for name, value in environment().items():
        words += ["--setenv", name, value]
    # As root no name space of users is needed, and root must be able to become somebody who has limits.
    words += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if root() else ["--unshare-user"]
    words += ["--dev", "/dev", "--size", str(4 * FILES), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    words += ["--size", str(4 * FILES), "--perms", "1777", "--tmpfs", "/tmp"]        # first: Python may lie below it
    words += ["--ro-bind", "/usr", "/usr"]
    for place in ("/bin", "/lib", "/lib64", "/lib32", "/libx32"):
        if os.path.islink(place):
            words += ["--symlink", os.readlink(place), place]
        elif os.path.isdir(place):
            words += ["--ro-bind", place, place]
    words += ["--perms", "0755", "--dir", "/etc"]
    for place in ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime"):
        words += ["--ro-bind-try", place, place]
    for place in dict.fromkeys([sys.base_prefix, sys.prefix]):
        if not place.startswith("/usr/"):
            for parent in [*Path(place).parents][-2::-1]:            # else only root could pass through them
                words += ["--perms", "0755", "--dir", str(parent)]
            words += ["--ro-bind", place, place]
    for place in map(Path, sys.path):            # a library installed as a copy, not from this folder, is hidden too
        if (place / "byhand").is_dir() and place.is_relative_to(sys.prefix):
            words += ["--tmpfs", str(place / "byhand")]
    return [*words, "--ro-bind", str(WORKER), "/worker.py", "--remount-ro", "/", "--chdir", "/tmp"]


def environment():
    return {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "MPLBACKEND": "agg",
            "PYTHONDONTWRITEBYTECODE": "1", **{f"{who}_NUM_THREADS": "1" for who in ("OPENBLAS", "OMP", "MKL")}}


def run(job, *, unsandboxed=False):
    """What the worker says of one job, as a list of events; it ends when the worker does, or is ended, after SECONDS.

    Output goes to a file without a name, so nothing that is written there, or linked, is opened by anybody else.
    """
    words = command(unsandboxed)
    user = 1_000_000 + os.getpid() if words and root() else 0       # a user of its own counts its own processes
    limits = {"memory": MEMORY, "size": FILES, "seconds": int(SECONDS) + 1, "user": user,
              "processes": PROCESSES if words else 4096}            # outside, all that the user runs is counted
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout, tempfile.TemporaryDirectory() as home:
        pickle.dump({"limits": limits, "job": cloudpickle.dumps(job | {"seconds": SECONDS / 4})}, stdin)
        stdin.seek(0)
        worker = "/worker.py" if words else str(WORKER)
        process = subprocess.Popen([*words, sys.executable, "-I", worker], stdin=stdin, stdout=stdout,
                                   stderr=subprocess.DEVNULL, start_new_session=True, cwd=home, env=environment())
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
        stdout.seek(0)
        return list(filter(None, map(_event, stdout.read(FILES).splitlines())))


def _event(line):
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    known = isinstance(event, dict) and all(isinstance(event.get(key, ""), str) for key in ("begun", "cell", "task"))
    return event if known else None


def value(told):
    """The numbers that the worker tells of, or a stand-in for what is no number; nothing in it is run."""
    if not isinstance(told, dict):
        return Thing(told)
    if isinstance(told.get("list"), list):
        return tuple(map(value, told["list"]))
    try:
        dtype = np.dtype(str(told["dtype"]))
        if dtype.kind not in "fiub":
            return Thing(told)
        data = base64.b64decode(told["data"])
        return np.frombuffer(data, dtype).reshape([int(n) for n in told["shape"]])
    except (KeyError, TypeError, ValueError):
        return Thing(told.get("other", "?"))


class Thing:
    """What an answer returned in place of numbers; it says what that said of itself."""

    def __init__(self, said):
        self.said = str(said)[:80]

    def __repr__(self):
        return self.said
