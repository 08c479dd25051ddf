"""`make times`: how long each lesson runs, and how much memory it takes at most, its kernel included."""

import os
import sys
import time

LIMIT = 30.0


def measure(path):
    """Wall seconds, seconds of processor, and MB of memory of one run."""
    began = time.monotonic()
    command = [sys.executable, "-m", "nbconvert", "--to=notebook", "--execute", "--stdout", "--log-level=ERROR", path]
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    pid = os.posix_spawn(sys.executable, command, os.environ, file_actions=quiet)
    _, status, used = os.wait4(pid, 0)
    if status:
        sys.exit(f"{path} failed: run make test")
    memory = used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return time.monotonic() - began, used.ru_utime + used.ru_stime, memory


def main(paths):
    print(f"{'lesson':48} {'wall s':>7} {'CPU s':>7} {'MB':>6}")
    slow, total = [], 0.0
    for path in sorted(paths):
        wall, cpu, memory = measure(path)
        total += wall
        slow += [path] * (wall > LIMIT)
        print(f"{path.removeprefix('chapters/'):48} {wall:7.1f} {cpu:7.1f} {memory:6.0f}", flush=True)
    print(f"{'all, one after the other':48} {total:7.1f}")
    if slow:
        print(f"longer than {LIMIT:g} s: {', '.join(slow)}")


if __name__ == "__main__":
    main(sys.argv[1:])
