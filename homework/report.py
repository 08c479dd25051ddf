"""What an instructor reads after grading: the table of grades, the same for Canvas and Moodle, and one picture."""

import csv
import textwrap
from collections import Counter
from dataclasses import dataclass, field

from homework import source
from homework.rebuild import clean

RIGHT, FAILED = "right", "no value: an error, or no end"
UNWRITTEN, OTHER = "not written", "wrong, by no classic mistake"


@dataclass
class Row:
    """One student: what each task earned, and what happened."""

    student: str
    points: dict = field(default_factory=dict)
    penalty: float = 0.0
    late: bool = False
    why: str = ""
    happened: list = field(default_factory=list)

    @property
    def score(self):
        return None if None in self.points.values() else max(0.0, sum(self.points.values()) - self.penalty)


def rows(course, submissions, tasks):
    """A row for each submission. A score that a human must still give is None, and so is the sum then."""
    for one in submissions:
        found = course.judged(one.student) if one.path else {"why": one.problem}
        row = Row(one.student, {task.id: None for task in tasks}, why=found.get("why", ""))
        row.happened += filter(None, [one.note, *found.get("notes", [])])
        if found.get("status") == "graded":
            grades = course.grades(one.student)
            unread = [task for task in tasks if grades[task.id][2]]
            row.points = {task.id: None if task in unread else grades[task.id][0] for task in tasks}
            row.why = ", ".join(f"{task.title!r} must be read" for task in unread)
            row.penalty = course.penalty(one.student)
            row.happened += [f"late: {row.penalty:g} points taken off"] if row.penalty else []
            row.happened += [f"{task.function}: {found['tasks'][task.id]['text']}" for task in tasks
                             if task.function and found["tasks"][task.id]["credit"] < 1]
        yield row


def tables(folder, chapter, tasks, rows):
    """Writes grades.csv, canvas.csv and moodle.csv. The last two hold a grade only where it is final."""
    most = sum(task.points for task in tasks)
    names = [f"{task.function or task.title} ({task.points})" for task in tasks]
    header = ["student", "status", "score", "of", "late penalty", *names, "what happened"]
    _write(folder / "grades.csv", header, [
        [row.student, f"needs a human: {row.why}" if row.why else "graded", row.score, most, row.penalty,
         *row.points.values(), "; ".join(row.happened)] for row in rows])
    _write(folder / "canvas.csv", ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", chapter],
           [["    Points Possible", "", "", "", "", most],
            *([row.student, "", "", row.student, "", row.score] for row in rows)])
    _write(folder / "moodle.csv", ["username", chapter, f"{chapter} (feedback)"], [
        [row.student, row.score, "; ".join([f"needs a human: {row.why}" if row.why else "", *row.happened]).strip("; ")]
        for row in rows])


def _write(path, header, lines):
    with open(path, "w", newline="", encoding="utf-8-sig") as file:      # Excel asks for the mark
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([["" if cell is None else f"{cell:g}" if isinstance(cell, float) else
                           cell if isinstance(cell, int) or cell == "    Points Possible" else clean(cell)
                           for cell in line] for line in lines])


def outcomes(course, submissions, tasks):
    """For each task that is checked, how many students came to what: right, a classic mistake by name, or another."""
    found = {task: Counter() for task in tasks if task.exercise}
    for one in submissions:
        for task, counter in found.items():
            verdict = (course.judged(one.student) if one.path else {}).get("tasks", {}).get(task.id)
            if verdict:
                counter[_outcome(verdict)] += 1
    return found


def _outcome(verdict):
    if verdict["credit"] == 1:
        return RIGHT
    if verdict["text"] == "Not written yet.":
        return UNWRITTEN
    return verdict["mistake"] or (FAILED if verdict["failed"] else OTHER)


def picture(folder, chapter, found):
    """Writes class.png, and the same numbers as class.csv."""
    from matplotlib.figure import Figure

    _write(folder / "class.csv", ["task", "outcome", "students"],
           [[task.function, what, number] for task, counter in found.items() for what, number in _sorted(counter)])
    lines = []
    for task, counter in found.items():
        lines.append((None, f"{task.function}: {task.title}", None))
        lines += [(number, textwrap.fill(what, 60), what) for what, number in _sorted(counter)]
    heights = [0.7 + 0.5 * label.count("\n") for _, label, _ in lines]
    places = [sum(heights[:n]) + height / 2 for n, height in enumerate(heights)]
    figure = Figure(figsize=(9, 0.9 + 0.32 * sum(heights)), layout="constrained")
    ax = figure.add_subplot()
    colours = {RIGHT: "#0a9372", UNWRITTEN: "#8c8c8c", OTHER: "#4c6fb1", FAILED: "#4c6fb1"}
    for place, (number, _, what) in zip(places, lines, strict=True):
        if number is not None:
            ax.barh(place, number, height=0.55, color=colours.get(what, "#c2571a"))
            ax.annotate(str(number), (number, place), (4, 0), textcoords="offset points", va="center")
    ax.set_yticks(places, [label for _, label, _ in lines])
    for label, (number, *_) in zip(ax.get_yticklabels(), lines, strict=True):
        label.set(fontweight="bold" if number is None else "normal", fontsize=9)
    most = max((number or 0 for number, *_ in lines), default=0)
    ax.set(ylim=(sum(heights), 0), xlim=(0, 1.08 * max(most, 1)), xlabel="students",
           title=f"{chapter}: what came of each task")
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right"]].set_visible(False)
    ax.xaxis.get_major_locator().set_params(integer=True)
    figure.savefig(folder / "class.png", dpi=130)


def _sorted(counter):
    """Right first, then the mistakes, most frequent first, then what has no name."""
    order = {RIGHT: 0, OTHER: 2, FAILED: 3, UNWRITTEN: 4}
    return sorted(counter.items(), key=lambda item: (order.get(item[0], 1), -item[1]))


def table(notebook):
    """The tasks of a chapter in Markdown: a table of goals, points and minutes, and the common wrong answers."""
    tasks = source.tasks(notebook)
    lines = ["| task | goal | points | minutes |", "|---|---|---|---|"]
    lines += [f"| {task.title} | {task.goal[0].upper()}{task.goal[1:]} | {task.points} | {task.minutes} |"
              for task in tasks]
    for task in filter(lambda task: task.exercise, tasks):
        mistakes = [f"- {mistake}" for mistake in task.exercise.mistakes]
        lines += ["", f"**Common wrong answers to `{task.function}`,** as the check names them:", "", *mistakes]
    return "\n".join(lines)
