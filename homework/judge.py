"""Grades one student, in a process of its own if need be: from the notebook handed in to a verdict on each task.

The student's functions run in the sandbox on inputs drawn from the instructor's seed, and what they return is
compared here, where no code of a student's ever runs. So to get points one must return the right numbers.
"""

import hashlib
import json
import os
from pathlib import Path

import byhand
import cloudpickle
import nbformat
import numpy as np
from byhand import exercises
from byhand.exercises import Exercise, Fault

from homework import sandbox, source
from homework.rebuild import Unreadable, read, rebuild

TIMES = 20
ENDED = "its process ended while this ran: it took too long or too much memory, or ended itself"
# By value, so that inputs such as an optimizer go into the sandbox without the library that they are from.
cloudpickle.register_pickle_by_value(byhand)
exercises.SECONDS = sandbox.SECONDS / 4


def one(course, student, path, seed, unsandboxed=False):
    """Writes `judged/<student>.json` and what nbgrader is to grade, and returns the former; never raises."""
    course, record = Path(course), {"student": student, "key": key(path, seed)}
    try:
        key_notebook, release = (source.read(next((course / step).rglob("*.ipynb"))) for step in ("source", "release"))
        rebuilt = rebuild(read(Path(path)), release)
        asked = source.tasks(key_notebook)
        verdicts = judge(rebuilt, asked, source.setup(key_notebook), seed, unsandboxed)
        record |= {"status": "graded", "tasks": verdicts, "notes": rebuilt.notes}
        rebuilt.notebook.metadata.verdicts = verdicts
        name = next((course / "source").rglob("*.ipynb")).stem
        folder = course / "submitted" / student / name
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / f"{name}.ipynb", nbformat.writes(rebuilt.notebook))
    except Unreadable as error:
        record |= {"status": "needs a human", "why": str(error), "tasks": {}, "notes": []}
    except Exception as error:
        why = f"the grader failed with {type(error).__name__}: {str(error)[:200]}"
        record |= {"status": "needs a human", "why": why, "tasks": {}, "notes": []}
    write(course / "judged" / f"{student}.json", json.dumps(record, ensure_ascii=False, indent=1))
    return record


def key(path, seed):
    """Changes when what is graded, or with which inputs, changes."""
    try:
        content = Path(path).read_bytes() if not Path(path).is_symlink() else b""
    except OSError:
        content = b""
    return hashlib.sha256(content + str(seed).encode()).hexdigest()


def write(path, text):
    """All or nothing, so that a killed grader leaves no half of a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def judge(rebuilt, asked, given, seed, unsandboxed=False):
    """The verdict on each task with a check: {id: {credit, text, mistake, failed}}."""
    given = {name: thing for name, thing in given.items() if not isinstance(thing, Exercise) and name != "check"}
    asked = [task for task in asked if task.exercise]
    cases = {task.id: draw(task, seed) for task in asked}
    cells = [(cell.id, plain(cell.source)) for cell in rebuilt.notebook.cells if cell.cell_type == "code"
             and not cell.metadata.get("nbgrader", {}).get("locked")]
    names = {cell.id: cell.metadata.nbgrader.grade_id for cell in rebuilt.notebook.cells if "nbgrader" in cell.metadata}
    events = observed(cells, [(task.id, task.function, cases[task.id]) for task in asked], given, unsandboxed)
    problems = {names.get(event["cell"]): str(event.get("problem"))[:300] for event in events if "cell" in event}
    return {task.id: verdict(task, cases[task.id], events, problems, rebuilt.missing) for task in asked}


def draw(task, seed):
    """Inputs that only who knows the seed can know, other ones for every task."""
    digest = hashlib.sha256(f"{seed} {task.id}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest, "big"))
    return [task.exercise.draw(rng) for _ in range(TIMES)]


def plain(text):
    """The source without IPython's own words, such as %matplotlib inline."""
    try:
        compile(text, "<cell>", "exec")
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

        try:
            return TransformerManager().transform_cell(text)
        except SyntaxError:
            pass
    except (ValueError, RecursionError, MemoryError):
        pass
    return text


def observed(cells, tasks, given, unsandboxed):
    """What the worker told. Where its process ended early, what ran last is to blame; all the rest runs again."""
    events, blamed = [], set()
    while True:
        left = [task for task in tasks if task[0] not in {event.get("task") for event in events}]
        run = sandbox.run({"cells": [cell for cell in cells if cell[0] not in blamed], "tasks": left, "given": given,
                           "observe": exercises.observe}, unsandboxed=unsandboxed)
        events += [event for event in run if event.get("task") in {task[0] for task in left}]
        events += [event for event in run if "cell" in event and event not in events]
        if not left or any("finished" in event for event in run):
            return events
        known = {key for key, *_ in [*cells, *tasks]} - blamed
        begun = [event["begun"] for event in run if event.get("begun") in known]
        if not begun:
            raise Unreadable("it could not be run: the sandbox ended before the first cell")
        blamed.add(begun[-1])
        if begun[-1] in {task[0] for task in tasks}:
            events.append({"task": begun[-1], "observed": [{"fault": ENDED + ".", "value": None}]})
        else:
            events.append({"cell": begun[-1], "problem": ENDED})


def verdict(task, cases, events, problems, missing):
    """What one task earned, and why."""
    event = next((event for event in events if event.get("task") == task.id), {})
    answers = [answer(said) for said in event.get("observed") or []]
    if event.get("missing") or not answers:
        why = "no cell defines it" if task.answer in missing else problems.get(task.answer)
        text = f"Not yet: {why or 'there is no such function'}"
        return {"credit": 0, "text": text if text.endswith("?") else text + ".", "mistake": None, "failed": True}
    answers += [Fault("it did not return.")] * (len(cases) - len(answers))
    answers = answers[: len(cases)]
    report = exercises.judge(answers, task.exercise, cases)
    credit = 1.0 if report.right else min(exercises.share(answers, task.exercise, cases), 0.99)
    failed = any(isinstance(answer, Fault) and answer.got is None and answer.text != exercises.UNWRITTEN
                 for answer in answers[:1])
    return {"credit": credit, "text": report.text, "mistake": report.mistake, "failed": failed}


def answer(said):
    """One observation, as the check would have made it."""
    if not isinstance(said, dict):
        return Fault("what it returned cannot be read.")
    value = None if said.get("value") is None else sandbox.value(said["value"])
    if said.get("fault") is None:
        return Fault("it returned nothing. Is a `return` missing?") if value is None else value
    return Fault(str(said["fault"])[:400], value)
