"""Runs inside the sandbox: a student's cells, then each answer on its inputs. What comes out is believed by nobody.

It gets a pickled job on stdin and writes one line of JSON for each thing it has begun or done. It knows no right
answer: those stay with the grader, which compares.
"""

import base64
import builtins
import json
import os
import pickle
import resource
import signal
import sys
import types

import numpy as np

MOST = 1 << 20          # bytes of one array that are handed over


def limit(memory, processes, size, seconds, user):
    """Limits that the student's code cannot lift again. Root has no limit on processes, so root becomes `user`."""
    for what, most in {"AS": memory, "NPROC": processes, "FSIZE": size, "CPU": seconds, "CORE": 0}.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{what}"), (most, most))
    if user:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)


class TooLong(BaseException):
    """A cell that does not end."""


class Quiet:
    """In place of IPython: its magic words do nothing."""

    def __getattr__(self, _):
        return lambda *_, **__: None


def stop(*_):
    raise TooLong


def run(source, scope, seconds):
    """What went wrong when the cell ran, or None."""
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        exec(compile(source, "<cell>", "exec"), scope)
    except TooLong:
        return f"the cell did not end within {seconds:g} seconds. Does a loop never end?"
    except BaseException as error:
        return f"the cell raised {type(error).__name__}: {str(error)[:200]}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def told(thing, depth=0):
    """A value in JSON: numbers as arrays, tuples and lists of them, of all else what it says of itself."""
    if isinstance(thing, (tuple, list)) and depth < 3 and len(thing) <= 1000:
        array = numbers(thing)
        if array is None or isinstance(thing, tuple):
            return {"list": [told(part, depth + 1) for part in thing]}
        return array
    return numbers(thing) or {"other": repr(thing)[:80]}


def numbers(thing):
    try:
        array = np.asarray(thing)
    except Exception:
        return None
    if array.dtype.kind not in "fiub" or array.nbytes > MOST:
        return None
    array = np.ascontiguousarray(array).reshape(array.shape)
    return {"dtype": array.dtype.str, "shape": array.shape, "data": base64.b64encode(array.tobytes()).decode()}


def main():
    job = sys.stdin.buffer.read()
    out = os.fdopen(os.dup(1), "w")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    limits = pickle.loads(job)["limits"]         # bytes inside bytes: nothing of numpy is needed to read these
    limit(**limits)
    job = pickle.loads(pickle.loads(job)["job"])

    def say(**event):
        out.write(json.dumps(event) + "\n")
        out.flush()

    def forbidden(*_):
        raise EOFError("input() has nobody to ask when a notebook is graded")

    builtins.input, builtins.display, builtins.get_ipython = forbidden, print, Quiet
    module = types.ModuleType("__main__")
    sys.modules["__main__"], scope = module, vars(module)
    scope.update(job["given"], check=lambda *_, **__: None)
    observe, tasks = job["observe"], tuple(job["tasks"])
    for key, source in job["cells"]:
        say(begun=key)
        if problem := run(source, scope, job["seconds"]):
            say(cell=key, problem=problem)
    for key, name, cases in tasks:
        say(begun=key)
        answer, observed = scope.get(name), []
        for case in cases:
            if not callable(answer):
                break
            got = observe(answer, case)
            fault = type(got).__name__ == "Fault"
            value = None if fault and got.got is None else told(got.got if fault else got)
            observed.append({"fault": got.text if fault else None, "value": value})
            if fault and value is None:          # it did not return: the other inputs would only take time
                break
        say(task=key, missing=not callable(answer), observed=observed)
    say(finished=True)


if __name__ == "__main__":
    try:
        main()
    finally:
        os._exit(0)
