"""One folder of graded work: nbgrader's own layout, its gradebook, and what was found out about each student."""

import hashlib
import json
import logging
import os
import re
import shutil
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from pathlib import Path

from dateutil import parser

from homework import source

HERE = Path(__file__).parent
CONFIG = '''"""nbgrader's configuration for this folder of graded work. Add your own, such as a late penalty."""
c = get_config()
load_subconfig({config!r})
c.CourseDirectory.root = {root!r}
'''


@dataclass(frozen=True)
class Submission:
    """What one student handed in: a notebook, or a `problem` that only a human can settle."""

    student: str
    path: Path | None
    time: str = ""
    note: str = ""
    problem: str = ""


def find(folder, chapter):
    """Each student's submission in `folder`, which holds `student.ipynb` or `student/…/chapter.ipynb`."""
    found = {}
    for one in _find(folder, chapter):
        found[one.student] = one if one.student not in found else Submission(
            one.student, None, problem=f"handed in twice, as {one.student}.ipynb and as the folder {one.student}")
    return list(found.values())


def _find(folder, chapter):
    for place in sorted(folder.iterdir()):
        student = place.name.removesuffix(".ipynb")
        if place.name.startswith(".") or not (place.is_dir() or place.suffix == ".ipynb"):
            continue
        try:
            if not re.fullmatch(r"\w[\w.@ -]*", student) or student != student.strip():
                raise ValueError(f"the name {student!r} must be letters, digits, and . _ - @ inside")
            path, note = _notebook(place, chapter)
            if not path.resolve().is_relative_to(folder.resolve()) or path.is_symlink() or place.is_symlink():
                raise ValueError(f"{path.name} is a link to another place")
            yield Submission(student, path, _time(place, path), note)
        except (ValueError, OSError) as error:
            yield Submission(re.sub(r"[^\w.@ -]", "_", student).strip() or "_", None, problem=str(error))


def _notebook(place, chapter):
    if place.is_file() or place.is_symlink():
        return place, ""
    for path in (place / f"{chapter}.ipynb", place / chapter / f"{chapter}.ipynb"):
        if path.exists() or path.is_symlink():
            return path, ""
    found = sorted(path for path in place.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
    if len(found) == 1:
        return found[0], f"the file was named {found[0].name}"
    there = sorted(str(path.relative_to(place)) for path in place.rglob("*"))[:5]
    what = f"{len(found)} notebooks" if found else "no notebook"
    raise ValueError(f"{what}, none named {chapter}.ipynb; there is: {', '.join(there) or 'nothing'}")


def _time(place, path):
    """When it was handed in, from `timestamp.txt` beside the notebook or above it, as nbgrader writes it."""
    for folder in (path.parent, place) if place.is_dir() else ():
        stamp = folder / "timestamp.txt"
        if stamp.is_file() and not stamp.is_symlink():
            text = stamp.read_text(encoding="utf-8", errors="replace").strip()[:60]
            try:
                return utc(text)
            except (ValueError, OverflowError):
                raise ValueError(f"timestamp.txt says {text!r}, which is no time") from None
    return ""


def utc(text):
    """A time as nbgrader writes it; one without a time zone is taken for UTC."""
    time = parser.parse(text)
    return f"{time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


class Course:
    """The folder, and nbgrader at work in it."""

    def __init__(self, root, chapter, key=None):
        self.root, self.chapter, self.key = Path(root).resolve(), chapter, Path(key or source.chapters()[chapter])
        # nbgrader starts alembic by name, which is beside Python but not always on the path
        os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]

    def path(self, *names):
        return self.root.joinpath(*names)

    @cached_property
    def api(self):
        from nbgrader.apps import NbGraderAPI
        from sqlalchemy.exc import SAWarning
        from traitlets.config import PyFileConfigLoader

        warnings.simplefilter("ignore", SAWarning)
        logging.getLogger("traitlets").setLevel(logging.CRITICAL)
        return NbGraderAPI(config=PyFileConfigLoader(str(self.path("nbgrader_config.py"))).load_config())

    @contextmanager
    def gradebook(self):
        """nbgrader's gradebook, opened once, since opening it takes long. It is left so that others can write to it."""
        try:
            yield self._gradebook
        finally:
            self._gradebook.db.remove()

    @cached_property
    def _gradebook(self):
        return self.api.gradebook

    def prepare(self, keep=True):
        """Puts the key where nbgrader wants it and lets it make the student's version, unless that is done.

        With `keep`, nbgrader remembers the cells in its gradebook, as grading needs it.
        """
        if others := {path.name for path in self.path("source").glob("*")} - {self.chapter}:
            sys.exit(f"GRADED={self.root} holds work on {', '.join(others)}: choose another folder for {self.chapter}.")
        self.root.mkdir(parents=True, exist_ok=True)
        config = self.path("nbgrader_config.py")
        if not config.exists():
            config.write_text(CONFIG.format(config=str(HERE / "nbgrader_config.py"), root=str(self.root)))
        copy = self.path("source", self.chapter, f"{self.chapter}.ipynb")
        if copy.exists() and copy.read_bytes() == self.key.read_bytes() and self.release.exists():
            return
        source.tasks(source.read(self.key))                  # refuses what breaks the form
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.key, copy)
        if not keep:
            self.api.config.GenerateAssignment.no_database = True
            kinds = self.api.config.GenerateAssignment.preprocessors
            self.api.config.GenerateAssignment.preprocessors = [k for k in kinds if k.__name__ != "SaveCells"]
        if problem := failed(self.api.generate_assignment(self.chapter)):
            sys.exit(f"nbgrader does not take {self.key.name}: {problem[:600]}")

    @property
    def release(self):
        return self.path("release", self.chapter, f"{self.chapter}.ipynb")

    def seed(self, private):
        """What inputs are drawn from: the private seed and the key, so that with another key all is judged again."""
        return f"{private} {hashlib.sha256(self.key.read_bytes()).hexdigest()}"

    def judged(self, student):
        """What was found out about a student, or nothing."""
        try:
            return json.loads(self.path("judged", f"{student}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def judge(self, submissions, seed, *, workers=None, address=None, unsandboxed=False, tell=print):
        """Judges who is not judged yet. Each student is a task of its own, for a pool of processes or for Dask."""
        from homework import judge

        seed = self.seed(seed)
        todo = {one.student: one for one in submissions if one.path
                and self.judged(one.student).get("key") != judge.key(one.path, seed)}
        total = len(todo)
        for attempt in range(3):
            # A process that is killed takes its pool along. What is left then runs one by one, so that one
            # submission which kills its grader costs nobody else anything.
            for batch in [list(todo)] if attempt == 0 else [[student] for student in todo]:
                self._spread(batch, todo, seed, workers if attempt == 0 else 1, address, unsandboxed,
                             lambda: tell(f"{total - len(todo)} of {total} judged"))
        for student, one in todo.items():
            judge.write(self.path("judged", f"{student}.json"), json.dumps(
                {"student": student, "key": judge.key(one.path, seed), "status": "needs a human", "tasks": {},
                 "why": "the grader itself was ended three times while grading it", "notes": []}))
        return total

    def _spread(self, batch, todo, seed, workers, address, unsandboxed, tell):
        from homework import judge

        if not batch:
            return
        with _executor(workers, address) as executor:
            futures = {executor.submit(judge.one, str(self.root), student, str(todo[student].path), seed, unsandboxed):
                       student for student in batch}
            for future in as_completed(futures):
                try:
                    future.result()
                except BrokenProcessPool:
                    continue
                del todo[futures[future]]
                tell()

    def enter(self, submissions, *, due="", workers=None, tell=print):
        """Enters into nbgrader's gradebook what has changed since the last time, and writes the feedback pages."""
        with self.gradebook() as gradebook:
            gradebook.update_or_create_assignment(self.chapter, duedate=due or None)
        graded = [one for one in submissions if self.judged(one.student).get("status") == "graded"]
        changed = [one for one in graded if self._mark(one, due) != self._last(one, "entered")]
        for number, one in enumerate(changed, start=1):
            if problem := self._enter(one):
                self._give_up(one, problem)
                graded.remove(one)
            else:
                self._note(one, "entered", self._mark(one, due))
            tell(f"{number} of {len(changed)} entered")
        stale = {one: said for one in graded if (said := self._said(one)) != self._last(one, "feedback")}
        with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
            pages = {pool.submit(_page, self.root, self.chapter, self.key, one.student): one for one in stale}
            for number, page in enumerate(as_completed(pages), start=1):
                if problem := page.exception() or page.result():
                    self._give_up(pages[page], problem)
                else:
                    self._note(pages[page], "feedback", stale[pages[page]])
                tell(f"{number} of {len(stale)} feedback pages written")

    def _give_up(self, one, problem):
        """What stops at one student does not stop the others. It is tried again the next time."""
        from homework import judge

        record = self.judged(one.student) | {"status": "needs a human", "why": str(problem)[:600], "key": ""}
        judge.write(self.path("judged", f"{one.student}.json"), json.dumps(record))

    def _mark(self, one, due):
        """Changes when nbgrader must look again: at what was found, or at a penalty that depends on the score."""
        manual = [score for _, score, _ in self.grades(one.student).values()] if due and one.time else []
        config = self.path("nbgrader_config.py").read_text() + os.environ.get("LATE", "")
        return f"{self.judged(one.student)['key']} {_hash(config, one.time, due, manual)}"

    def _said(self, one):
        """Changes when the feedback page must: with a score, a comment or a penalty."""
        with self.gradebook() as gradebook:
            submission = gradebook.find_submission(self.chapter, one.student)
            parts = [(part.name, getattr(part, "score", None), getattr(part, "comment", None))
                     for notebook in submission.notebooks for part in [*notebook.grades, *notebook.comments]]
            return _hash(sorted(parts, key=repr), submission.late_submission_penalty, self._last(one, "entered"))

    def _last(self, one, what):
        path = self.path("judged", f"{one.student}.{what}")
        return path.read_text() if path.exists() else ""

    def _note(self, one, what, text):
        self.path("judged", f"{one.student}.{what}").write_text(text)

    def _enter(self, one):
        """Has nbgrader grade one; what goes wrong is returned.

        A manual score stays. It must be looked at again only where what the student wrote is new.
        """
        stamp = self.path("submitted", one.student, self.chapter, "timestamp.txt")
        stamp.write_text(one.time) if one.time else stamp.unlink(missing_ok=True)
        same = self._last(one, "entered").startswith(self.judged(one.student)["key"])
        settled = [name for name, (*_, unread) in self.grades(one.student).items() if same and not unread]
        if problem := failed(self.api.autograde(self.chapter, one.student)):
            return problem
        with self.gradebook() as gradebook:
            for notebook in gradebook.find_submission(self.chapter, one.student).notebooks:
                for grade in notebook.grades:
                    if grade.name in settled:
                        grade.needs_manual_grade = False
            gradebook.db.commit()
        return ""

    def grades(self, student):
        """nbgrader's grades by cell, (score, manual score, whether it must be read); none before the first grading."""
        from nbgrader.api import MissingEntry

        with self.gradebook() as gradebook:
            try:
                submission = gradebook.find_submission(self.chapter, student)
            except MissingEntry:
                return {}
            return {grade.name: (grade.score, grade.manual_score, grade.needs_manual_grade)
                    for notebook in submission.notebooks for grade in notebook.grades}

    def penalty(self, student):
        with self.gradebook() as gradebook:
            return gradebook.find_submission(self.chapter, student).late_submission_penalty or 0


def _hash(*things):
    return hashlib.sha256(repr(things).encode()).hexdigest()


def _page(root, chapter, key, student):
    return failed(Course(root, chapter, key).api.generate_feedback(chapter, student))


@contextmanager
def _executor(workers, address):
    if address:
        from distributed import Client

        with Client(address) as client:
            yield client.get_executor()
    else:
        with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
            yield pool


def failed(result):
    """nbgrader's own last words where it failed, else nothing."""
    said = [] if result["success"] else f"{result.get('error')}\n{result.get('log')}".splitlines()
    return "; ".join([line.strip() for line in said if "Error" in line or "Exception" in line][-3:] or said[-1:])
